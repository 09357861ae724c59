//! Rolling limits on what an account gives.

use super::check;

#[test]
fn a_count_per_window() {
    check(
        "
        account a limit=15/2/0                                   | created
        account b                                                | created
        clock 1500s
        post 1 a b 10                                            | created
        clock 1501s
        post 2 a b 10                                            | created
        post 3 a b 10                                            | limit_count
        post 3 b a 10                                            | created
        clock 1515s
        post 4 a b 10                                            | limit_count
        clock 1516s
        post 4 a b 10                                            | created
        post 5 a b 10                                            | limit_count
        clock 1517s
        post 5 a b 10                                            | created
        ",
    );
}

/// Whatever the moment within a slot: nothing is forgotten before its window has passed.
#[test]
fn a_limit_is_never_looser_than_stated() {
    check(
        "
        account a limit=60/1/0                                   | created
        account b                                                | created
        clock 1203999999999ns
        post 1 a b 10                                            | created
        clock 1263999999998ns
        post 2 a b 10                                            | limit_count
        clock 1264s
        post 2 a b 10                                            | created
        clock 1324s
        post 3 a b 10                                            | limit_count
        clock 1328s
        post 3 a b 10                                            | created
        ",
    );
}

#[test]
fn an_amount_per_window() {
    check(
        "
        account a limit=15/0/100                                 | created
        account b                                                | created
        post 1 a b 60                                            | created
        post 2 a b 41                                            | limit_amount
        post 2 a b 40                                            | created
        post 3 a b 1                                             | limit_amount
        clock 1016s
        post 4 a b 101                                           | limit_amount
        post 4 a b 100                                           | created
        ",
    );
}

#[test]
fn two_limits_the_count_is_named_first() {
    check(
        "
        account a limit=15/0/100 limit=150/2/0                   | created
        account b                                                | created
        post 1 a b 60                                            | created
        post 2 a b 60                                            | limit_amount
        clock 1016s
        post 2 a b 60                                            | created
        post 3 a b 60                                            | limit_count
        clock 1032s
        post 3 a b 60                                            | limit_count
        clock 1200s
        post 3 a b 60                                            | created
        ",
    );
}

/// Holds count when they are made, and captures of them not again.
#[test]
fn what_counts() {
    check(
        "
        account a limit=15/0/100 floor=-1000                     | created
        account b                                                | created
        post 1 b a 50                                            | created
        post 2 a b 40 hold                                       | created
        post 3 a b 30 capture target=2                           | created
        post 4 a b 50 reversal target=1                          | created
        post 5 a b 11                                            | limit_amount
        post 5 a b 900 balancing_debit                           | limit_amount
        post 5 a b 10 balancing_debit                            | created
        post 6 b a 30 reversal target=3                          | created
        post 7 a b 1                                             | limit_amount
        ",
    );
}

/// A void does not give back what a hold counted.
#[test]
fn a_voided_hold_still_counts() {
    check(
        "
        account a limit=15/1/0                                   | created
        account b                                                | created
        post 1 a b 40 hold                                       | created
        post 2 a b 0 void target=1                               | created
        post 3 a b 1                                             | limit_count
        ",
    );
}

#[test]
fn bounds_are_named_before_limits_and_limits_before_the_end_of_numbers() {
    check(
        "
        account a limit=15/1/0 floor=-100                        | created
        account b ceiling=10                                     | created
        account c                                                | created
        post 1 a b 10                                            | created
        post 2 a b 91                                            | below_floor
        post 2 a b 1                                             | above_ceiling
        post 2 a c 1                                             | limit_count
        account d limit=15/1/0                                   | created
        post 3 d c max                                           | created
        post 4 d c 1                                             | limit_count
        clock 1016s
        post 4 d c 1                                             | overflow
        ",
    );
}

#[test]
fn another_window_begins_afresh_another_limit_does_not() {
    check(
        "
        account a limit=15/1/0                                   | created
        account b                                                | created
        post 1 a b 10                                            | created
        post 2 a b 10                                            | limit_count
        change a limit=15/2/0                                    | created
        post 2 a b 10                                            | created
        post 3 a b 10                                            | limit_count
        change a limit=30/1/0                                    | created
        post 3 a b 10                                            | created
        change a                                                 | created
        post 4 a b 10                                            | created
        change a limit=30/1/0                                    | created
        post 5 a b 10                                            | created
        post 6 a b 10                                            | limit_count
        ",
    );
}

#[test]
fn a_limit_must_limit_something_for_some_time() {
    check(
        "
        account a limit=0/1/0                                    | window_invalid
        account a limit=0/0/1                                    | window_invalid
        account a limit=15/0/0                                   | window_invalid
        account a limit=15/1/1 limit=15/0/0                      | window_invalid
        account a limit=1/1/1                                    | created
        change a limit=15/0/0                                    | window_invalid
        ",
    );
}
