//! Entry sets: transfers that stand or fall together.

use super::check;

#[test]
fn all_or_nothing() {
    check(
        "
        account a                                                | created
        account b                                                | created
        account c                                                | created
        {
        post 1 a b 10 linked                                     | created
        post 2 b c 10                                            | created
        post 3 a b 10 linked                                     | entry_set_failed
        post 4 b z 10 linked                                     | credit_not_found
        post 5 b y 10                                            | entry_set_failed
        post 6 a c 10                                            | created
        }
        balance a -20
        balance b 0
        balance c 20
        {
        post 3 a b 10 linked                                     | created
        post 4 b c 10 linked                                     | created
        post 5 c a 10                                            | created
        }
        balance a -20
        ",
    );
}

/// The first member that fails says why; what the others would have said is not asked.
#[test]
fn one_member_says_why() {
    check(
        "
        account a                                                | created
        account b                                                | created
        {
        post 1 a b 10 linked                                     | entry_set_failed
        post 2 a z 10 linked                                     | credit_not_found
        post 3 a b 0 linked                                      | entry_set_failed
        post 4 a a 1                                             | entry_set_failed
        }
        ",
    );
}

#[test]
fn a_chain_without_end() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10 linked                                     | entry_set_open
        {
        post 1 a b 10                                            | created
        post 2 a b 10 linked                                     | entry_set_failed
        post 3 a b 10 linked                                     | entry_set_open
        }
        {
        post 2 a b 10 linked                                     | entry_set_failed
        post 0 a b 10 linked                                     | id_is_zero
        }
        {
        post 1 a b 10 linked                              | exists_with_different_flags
        post 3 a b 10 linked                                     | entry_set_open
        }
        balance a -10
        ",
    );
}

#[test]
fn bounds_look_at_the_net_effect() {
    check(
        "
        account a floor=0                                        | created
        account b floor=0                                        | created
        account c ceiling=10                                     | created
        account d                                                | created
        {
        post 1 a b 10 linked                                     | created
        post 2 d a 10                                            | created
        }
        {
        post 3 d c 15 linked                                     | created
        post 4 c d 5                                             | created
        }
        balance c 10
        {
        post 5 a b 10 linked                                     | entry_set_failed
        post 6 d a 9 linked                                      | entry_set_failed
        post 7 a d 1                                             | below_floor
        }
        {
        post 5 a d 1 linked                                      | entry_set_failed
        post 6 a d 1 linked                                      | below_floor
        post 7 d c 1                                             | entry_set_failed
        }
        {
        post 5 d c 1 linked                                      | entry_set_failed
        post 6 b d 11 linked                                     | below_floor
        post 7 a d 1                                             | entry_set_failed
        }
        {
        post 5 d c 1 linked                                      | above_ceiling
        post 6 b d 10                                            | entry_set_failed
        }
        balance b 10
        ",
    );
}

/// Rolling limits are no bound on a balance: every member counts when its turn comes.
#[test]
fn limits_look_at_each_member() {
    check(
        "
        account a limit=60/2/100                                 | created
        account b                                                | created
        {
        post 1 a b 60 linked                                     | entry_set_failed
        post 2 b a 60 linked                                     | entry_set_failed
        post 3 a b 60                                            | limit_amount
        }
        {
        post 1 a b 60 linked                                     | created
        post 2 b a 60 linked                                     | created
        post 3 a b 40                                            | created
        }
        post 4 a b 1                                             | limit_count
        ",
    );
}

/// A balancing transfer takes what there is at its turn.
#[test]
fn balancing_within_a_set() {
    check(
        "
        account a floor=0                                        | created
        account b                                                | created
        account c                                                | created
        {
        post 1 b a 25 linked                                     | created
        post 2 a c 10 linked                                     | created
        post 3 a c 99 balancing_debit                            | created
        }
        balance a 0
        balance c 25
        {
        post 4 a c 10 linked                                     | entry_set_failed
        post 5 a c 99 balancing_debit linked                     | nothing_to_move
        post 6 b a 50                                            | entry_set_failed
        }
        ",
    );
}

#[test]
fn a_set_that_was_posted_exists() {
    check(
        "
        account a                                                | created
        account b                                                | created
        {
        post 1 a b 10 linked                                     | created
        post 2 b a 10                                            | created
        }
        {
        post 1 a b 10 linked                                     | exists
        post 2 b a 10                                            | exists
        }
        {
        post 1 a b 10 linked                                     | exists
        post 3 b a 10                                            | entry_set_failed
        }
        {
        post 3 b a 10 linked                                     | entry_set_failed
        post 1 a b 10 linked                                     | exists
        post 4 b a 10                                            | entry_set_failed
        }
        {
        post 1 a b 10 linked                                     | exists
        post 2 b a 11                                            | exists_with_different_amount
        }
        {
        post 1 a b 10 linked                                     | exists
        post 3 b z 11 linked                                     | credit_not_found
        post 2 b a 10                                            | exists
        }
        ",
    );
}

/// What is undone was never known: the answer must not be `exists`.
#[test]
fn an_id_twice_in_one_set() {
    check(
        "
        account a                                                | created
        account b                                                | created
        {
        post 1 a b 10 linked                                     | entry_set_failed
        post 1 a b 10 linked                                     | id_repeated
        post 2 b a 10                                            | entry_set_failed
        }
        {
        post 1 a b 10 linked                                     | entry_set_failed
        post 1 a b 11                                            | id_repeated
        }
        post 1 a b 10                                            | created
        ",
    );
}

/// Holds, their ends and reversals made by a set go with it.
#[test]
fn what_a_failed_set_made_is_gone() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10                                            | created
        post 2 a b 10 hold                                       | created
        post 3 a b 10 hold timeout=9                             | created
        {
        post 4 a b 5 hold linked                                 | entry_set_failed
        post 5 a b 5 capture target=4 linked                     | entry_set_failed
        post 6 b a 10 reversal target=1 linked                   | entry_set_failed
        post 7 a b 0 void target=2 linked                        | entry_set_failed
        post 8 a b 4 capture keep_open target=3 linked           | entry_set_failed
        post 9 a z 1                                             | credit_not_found
        }
        holds 2
        balance a -10 20 0
        post 5 a b 5 capture target=4                            | target_not_found
        post 8 a b 10 capture target=3                           | created
        post 7 a b 0 void target=2                               | created
        post 6 b a 10 reversal target=1                          | created
        post 4 a b 5 hold                                        | created
        ",
    );
}

#[test]
fn a_set_across_assets() {
    check(
        "
        account usd asset=1 floor=0                              | created
        account eur asset=2                                      | created
        account bank1 asset=1                                    | created
        account bank2 asset=2                                    | created
        post 1 bank1 usd 100                                     | created
        {
        post 2 usd bank1 100 linked                              | created
        post 3 bank2 eur 90                                      | created
        }
        {
        post 4 usd bank1 1 linked                                | below_floor
        post 5 bank2 eur 1                                       | entry_set_failed
        }
        balance usd 0
        balance eur 90
        ",
    );
}
