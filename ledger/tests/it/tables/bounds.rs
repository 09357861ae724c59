//! Floors, ceilings, balancing transfers and the ends of numbers.

use super::check;

#[test]
fn a_floor_is_kept_by_everything_that_debits() {
    check(
        "
        account a floor=-100                                     | created
        account b                                                | created
        post 1 a b 101                                           | below_floor
        post 1 a b 101 hold                                      | below_floor
        post 1 a b 60                                            | created
        post 2 a b 41                                            | below_floor
        post 2 a b 40 hold                                       | created
        post 3 a b 1                                             | below_floor
        post 4 a b 40 capture target=2                           | created
        balance a -100
        post 5 b a 1 hold                                        | created
        post 3 a b 1                                             | below_floor
        post 6 b a 1 capture target=5                            | created
        post 3 a b 1                                             | created
        post 7 b a 100                                           | created
        post 8 a b 100 reversal target=7                         | created
        post 9 a b 1 reversal target=6                           | below_floor
        ",
    );
}

#[test]
fn a_ceiling_is_kept_by_everything_that_credits() {
    check(
        "
        account a                                                | created
        account b ceiling=100                                    | created
        post 1 a b 101                                           | above_ceiling
        post 1 a b 101 hold                                      | above_ceiling
        post 1 a b 60                                            | created
        post 2 a b 41                                            | above_ceiling
        post 2 a b 40 hold                                       | created
        post 3 a b 1                                             | above_ceiling
        post 4 a b 40 capture target=2                           | created
        post 5 b a 1 hold                                        | created
        post 3 a b 1                                             | above_ceiling
        post 6 b a 1 capture target=5                            | created
        post 3 a b 1                                             | created
        balance b 100
        ",
    );
}

#[test]
fn the_floor_is_named_before_the_ceiling() {
    check(
        "
        account a floor=0                                        | created
        account b ceiling=0                                      | created
        account c                                                | created
        post 1 a b 1                                             | below_floor
        post 1 c b 1                                             | above_ceiling
        post 1 b a 1                                             | created
        post 2 a b 1                                             | created
        ",
    );
}

#[test]
fn a_bound_that_the_balance_breaks_cannot_be_set() {
    check(
        "
        account x floor=1                                        | bound_broken
        account x ceiling=-1                                     | bound_broken
        account x floor=2 ceiling=1                              | bounds_cross
        account a floor=0 ceiling=0                              | created
        change a                                                 | created
        account b                                                | created
        post 1 a b 50                                            | created
        post 2 a b 10 hold                                       | created
        change a floor=-59                                       | bound_broken
        change a floor=-60                                       | created
        change a ceiling=-51                                     | bound_broken
        change a ceiling=-50                                     | created
        change b ceiling=59                                      | bound_broken
        change b ceiling=60                                      | created
        change b floor=51                                        | bound_broken
        change b floor=50                                        | created
        ",
    );
}

#[test]
fn a_balancing_transfer_moves_what_the_bounds_allow() {
    check(
        "
        account a floor=-100                                     | created
        account b ceiling=30                                     | created
        account c                                                | created
        post 1 a c 70 balancing_debit                            | created
        balance a -70
        post 2 a c 70 balancing_debit                            | created
        balance a -100
        post 3 a c 70 balancing_debit                            | nothing_to_move
        post 4 c b 20 balancing_credit                           | created
        post 5 c b 20 balancing_credit                           | created
        balance b 30
        post 6 c b 20 balancing_credit                           | nothing_to_move
        post 7 c a 90                                            | created
        post 8 b c 25                                            | created
        post 9 a b 60 balancing_debit balancing_credit           | created
        balance a -35
        balance b 30
        post 10 c a max balancing_credit                         | overflow
        post 11 a c 1 balancing_credit                           | created
        ",
    );
}

#[test]
fn a_balancing_hold_holds_what_the_bounds_allow() {
    check(
        "
        account a floor=-100                                     | created
        account c                                                | created
        post 1 a c 30 hold                                       | created
        post 2 a c 90 hold balancing_debit                       | created
        balance a 0 100 0
        post 3 a c 90 capture target=2                           | target_exceeded
        post 3 a c 70 capture target=2                           | created
        post 4 a c 1 balancing_debit                             | nothing_to_move
        ",
    );
}

#[test]
fn one_bound_does_not_excuse_the_other() {
    check(
        "
        account a floor=-10                                      | created
        account b ceiling=5                                      | created
        post 1 a b 20 balancing_debit                            | above_ceiling
        post 1 a b 20 balancing_credit                           | created
        balance a -5
        ",
    );
}

#[test]
fn no_sum_passes_its_end() {
    check(
        "
        account a                                                | created
        account b                                                | created
        account c                                                | created
        post 1 a b max                                           | created
        post 2 a c 1                                             | overflow
        post 2 c b 1                                             | overflow
        post 2 a b 1                                             | overflow
        post 2 b a max                                           | created
        balance a 0
        post 3 b a 1                                             | overflow
        post 3 a b max hold                                      | created
        post 4 a c 1 hold                                        | overflow
        post 4 c b 1 hold                                        | overflow
        post 4 a b 1 capture target=3                            | overflow
        post 4 a b 0 void target=3                               | created
        post 5 b a 1 reversal target=1                           | target_amount_differs
        post 5 b a max reversal target=1                         | overflow
        ",
    );
}

/// Balances reach further than a signed number can say; a bound at its end still binds.
#[test]
fn bounds_at_the_ends_of_numbers() {
    check(
        "
        account a floor=min                                      | created
        account b ceiling=max                                    | created
        account c floor=-max                                     | created
        post 1 a b max                                           | created
        post 2 a c 1 hold                                        | created
        post 3 a c 1 hold                                        | below_floor
        post 3 a c 5 hold balancing_debit                        | nothing_to_move
        post 3 c b 1 hold                                        | above_ceiling
        post 3 c b 5 hold balancing_credit                       | nothing_to_move
        post 3 c a max                                           | created
        post 4 c a 1 hold                                        | below_floor
        ",
    );
}
