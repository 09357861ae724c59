//! Known ids: `exists` before anything that may have changed since.

use super::check;

#[test]
fn the_same_again_exists() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10                                            | created
        post 1 a b 10                                            | exists
        post 1 a b 10 asset=1                                    | exists
        post 2 a b 10 asset=1 effective=5s user=3 ref=r meta=m   | created
        post 2 a b 10 asset=1 effective=5s user=3 ref=r meta=m   | exists
        post 2 a b 10 effective=5s user=3 ref=r meta=m           | exists
        post 3 a b 10 hold timeout=5                             | created
        post 3 a b 10 hold timeout=5                             | exists
        post 4 a b 4 capture target=3                            | created
        post 4 a b 4 capture target=3                            | exists
        post 5 b a 4 reversal target=4                           | created
        post 5 b a 4 reversal target=4                           | exists
        balance a -20
        ",
    );
}

#[test]
fn each_field_that_differs_is_named_the_first_one_first() {
    check(
        "
        account a                                              | created
        account b                                              | created
        account c                                              | created
        post 1 a b 10 hold timeout=5 effective=7s ref=r meta=m | created
        post 1 c a 11 user=4 effective=8s ref=s meta=n         | exists_with_different_flags
        post 1 c a 11 hold user=4 effective=8s ref=s meta=n    | exists_with_different_debit
        post 1 a c 11 hold user=4 effective=8s ref=s meta=n    | exists_with_different_credit
        post 1 a b 11 hold user=4 effective=8s ref=s meta=n    | exists_with_different_amount
        post 1 a b 10 hold asset=2 user=4 effective=8s ref=s meta=n | exists_with_different_asset
        post 1 a b 10 hold timeout=6 code=2 user=4             | exists_with_different_timeout
        post 1 a b 10 hold timeout=5 code=2 user=4 effective=8s | exists_with_different_code
        post 1 a b 10 hold timeout=5 user=4 effective=8s       | exists_with_different_effective_at
        post 1 a b 10 hold timeout=5 user=4                    | exists_with_different_effective_at
        post 1 a b 10 hold timeout=5 user=4 effective=7s ref=s | exists_with_different_user_data
        post 1 a b 10 hold timeout=5 effective=7s ref=s        | exists_with_different_reference
        post 1 a b 10 hold timeout=5 effective=7s              | exists_with_different_reference
        post 1 a b 10 hold timeout=5 effective=7s ref=r meta=n | exists_with_different_metadata
        post 1 a b 10 hold timeout=5 effective=7s ref=r        | exists_with_different_metadata
        post 1 a b 10 hold timeout=5 effective=7s ref=r meta=m | exists
        post 2 a b 4 capture target=1                          | created
        post 2 a b 4 capture target=3                          | exists_with_different_target
        post 2 a b 4 capture target=1 ref=r                    | exists_with_different_reference
        post 2 a b 4 capture target=1 meta=m                   | exists_with_different_metadata
        ",
    );
}

/// The amount that was asked for is compared, not the amount that moved.
#[test]
fn a_balancing_transfer_is_compared_by_what_it_asked_for() {
    check(
        "
        account a floor=-7                                       | created
        account b                                                | created
        post 1 a b 10 balancing_debit                            | created
        balance a -7
        post 1 a b 10 balancing_debit                            | exists
        post 1 a b 7 balancing_debit                             | exists_with_different_amount
        ",
    );
}

/// An effective date of 0 means the posted time, also in a retry at another time.
#[test]
fn no_effective_date_means_the_posted_time() {
    check(
        "
        account a                                                | created
        account b                                                | created
        clock 2000s
        post 1 a b 10                                            | created
        clock 3000s
        post 1 a b 10                                            | exists
        post 1 a b 10 effective=2000s                            | exists
        post 1 a b 10 effective=3000s | exists_with_different_effective_at
        ",
    );
}

#[test]
fn a_void_that_names_no_amount_is_another_request() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10 hold                                       | created
        post 2 a b 0 void target=1                               | created
        post 2 a b 0 void target=1                               | exists
        post 2 a b 10 void target=1                              | exists_with_different_amount
        post 2 a b 0 void target=1 asset=2                       | exists_with_different_asset
        ",
    );
}

#[test]
fn what_was_refused_is_not_remembered() {
    check(
        "
        account a floor=0                                        | created
        account b                                                | created
        post 1 a b 10                                            | below_floor
        post 2 b a 50                                            | created
        post 1 a b 20                                            | created
        post 1 a b 10                                            | exists_with_different_amount
        dry  3 a b 30                                            | created
        dry  3 a b 31                                            | below_floor
        dry  2 b a 50                                            | exists
        post 3 a b 30                                            | created
        ",
    );
}

#[test]
fn duplicates_in_one_batch() {
    check(
        "
        account a                                                | created
        account b                                                | created
        {
        post 1 a b 10                                            | created
        post 1 a b 10                                            | exists
        post 1 a b 11                                            | exists_with_different_amount
        post 2 a b 10 code=0                                     | code_is_zero
        post 2 a b 10                                            | created
        }
        balance a -20
        ",
    );
}
