//! Members of a batch that policy denies.

use super::check;

#[test]
fn a_denied_member_is_not_posted_and_the_others_are() {
    check(
        "
        account a                                                | created
        account b                                                | created
        {
        post 1 a b 10                                            | created
        post 2 a b 10 denied                                     | denied
        post 3 a b 10                                            | created
        }
        balance a -20
        post 2 a b 10                                            | created
        dry 4 a b 10 denied                                      | denied
        balance a -30
        ",
    );
}

/// Behind the form and a known id, before everything that the ledger knows.
#[test]
fn it_comes_behind_known_ids_and_before_state() {
    check(
        "
        account a                                                | created
        account b frozen_credits                                 | created
        post 1 a b 10 denied                                     | denied
        post 1 a z 10 denied                                     | denied
        post 1 a b 0 denied                                      | amount_is_zero
        change b                                                 | created
        post 1 a b 10                                            | created
        post 1 a b 10 denied                                     | exists
        post 1 a b 11 denied                                     | exists_with_different_amount
        halt                                                     | created
        post 2 a b 10 denied                                     | denied
        post 1 a b 10 denied                                     | exists
        ",
    );
}

#[test]
fn a_denied_member_denies_its_set() {
    check(
        "
        account a                                                | created
        account b                                                | created
        {
        post 1 a b 10 linked                                     | entry_set_failed
        post 2 a b 10 linked denied                              | denied
        post 3 a b 10 denied                                     | entry_set_failed
        post 4 a b 10                                            | created
        }
        balance a -10
        ",
    );
}

/// What the accounts would have said is not told: the set is denied however they stand.
#[test]
fn a_denied_set_does_not_tell_of_accounts() {
    check(
        "
        account a floor=0                                        | created
        account b                                                | created
        {
        post 1 a b 10 linked                                     | entry_set_failed
        post 2 b a 10 denied                                     | denied
        }
        {
        post 1 a z 10 linked                                     | entry_set_failed
        post 2 b a 10 linked                                     | entry_set_failed
        post 3 b a 10 denied                                     | denied
        }
        {
        post 1 a b 0 linked                                      | amount_is_zero
        post 2 b a 10 denied                                     | entry_set_failed
        }
        {
        post 1 b a 10 linked                                     | entry_set_failed
        post 1 b a 10 linked                                     | id_repeated
        post 2 b a 10 denied                                     | entry_set_failed
        }
        ",
    );
}

#[test]
fn a_set_that_was_posted_before_exists() {
    check(
        "
        account a                                                | created
        account b                                                | created
        {
        post 1 a b 10 linked                                     | created
        post 2 b a 10                                            | created
        }
        {
        post 1 a b 10 linked denied                              | exists
        post 2 b a 10 denied                                     | exists
        }
        {
        post 1 a b 10 linked denied                              | exists
        post 3 b a 10 denied                                     | denied
        }
        {
        post 1 a b 10 linked denied                              | exists
        post 3 b a 10                                            | entry_set_failed
        }
        ",
    );
}

#[test]
fn a_set_without_end_is_not_right_whoever_asks() {
    check(
        "
        account a                                                | created
        account b                                                | created
        {
        post 1 a b 10 linked denied                              | entry_set_failed
        post 2 a b 10 linked denied                              | entry_set_open
        }
        ",
    );
}
