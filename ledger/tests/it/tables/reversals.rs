//! Reversals: the whole of a transfer, once, the other way round.

use super::check;

#[test]
fn once_and_whole() {
    check(
        "
        account a                                                | created
        account b                                                | created
        account c                                                | created
        post 1 a b 10                                            | created
        post 9 b a 10 reversal target=7                          | target_not_found
        post 9 a b 10 reversal target=1                          | target_debit_differs
        post 9 b c 10 reversal target=1                          | target_credit_differs
        post 9 b a 9 reversal target=1                           | target_amount_differs
        post 2 b a 10 reversal target=1                          | created
        balance a 0
        post 3 b a 10 reversal target=1                          | already_reversed
        post 3 b a 9 reversal target=1                           | target_amount_differs
        post 3 a b 10 reversal target=2                          | target_not_reversible
        ",
    );
}

#[test]
fn what_can_be_reversed() {
    check(
        "
        account a floor=-7                                       | created
        account b                                                | created
        post 1 a b 10 balancing_debit                            | created
        post 2 b a 10 reversal target=1                          | target_amount_differs
        post 2 b a 7 reversal target=1                           | created
        post 3 a b 5 hold                                        | created
        post 4 b a 5 reversal target=3                           | target_not_reversible
        post 5 a b 3 capture target=3                            | created
        post 6 b a 3 reversal target=5                           | created
        post 7 a b 5 hold                                        | created
        post 8 a b 0 void target=7                               | created
        post 9 b a 5 reversal target=8                           | target_not_reversible
        balance a 0
        ",
    );
}

#[test]
fn a_reversal_that_fails_can_be_tried_again() {
    check(
        "
        account a                                                | created
        account b floor=0                                        | created
        account c                                                | created
        post 1 a b 10                                            | created
        post 2 b c 4                                             | created
        post 3 b a 10 reversal target=1                          | below_floor
        {
        post 4 c b 4 linked                                      | entry_set_failed
        post 3 b a 10 reversal target=1 linked                   | entry_set_failed
        post 5 b c 1                                             | below_floor
        }
        post 4 c b 4                                             | created
        post 3 b a 10 reversal target=1                          | created
        post 6 b a 10 reversal target=1                          | already_reversed
        ",
    );
}

#[test]
fn twice_in_one_batch_and_in_one_set() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10                                            | created
        post 2 a b 10                                            | created
        {
        post 3 b a 10 reversal target=1                          | created
        post 4 b a 10 reversal target=1                          | already_reversed
        post 5 b a 10 reversal target=2 linked                   | entry_set_failed
        post 6 b a 10 reversal target=2                          | already_reversed
        post 7 b a 10 reversal target=2                          | created
        }
        balance a 0
        ",
    );
}
