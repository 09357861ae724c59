//! Holds: captured in parts or whole, voided, expired.

use super::check;

#[test]
fn a_capture_posts_and_releases_what_is_left() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 100 hold                                      | created
        balance a 0 100 0
        balance b 0 0 100
        post 2 a b 60 capture target=1                           | created
        balance a -60
        balance b 60
        holds 0
        post 3 a b 40 capture target=1                           | hold_captured
        post 3 a b 0 void target=1                               | hold_captured
        post 3 a b 40 void target=1                              | hold_captured
        post 4 a b 100 hold                                      | created
        post 5 a b 100 capture target=4                          | created
        balance a -160
        ",
    );
}

#[test]
fn a_hold_that_is_kept_open_is_captured_in_parts() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 100 hold                                      | created
        post 2 a b 60 capture keep_open target=1                 | created
        balance a -60 40 0
        post 3 a b 41 capture keep_open target=1                 | target_exceeded
        post 3 a b 41 capture target=1                           | target_exceeded
        post 3 a b 40 capture keep_open target=1                 | created
        balance a -100
        holds 1
        post 4 a b 1 capture keep_open target=1                  | target_exceeded
        post 4 a b 1 void target=1                               | target_amount_differs
        post 4 a b 0 void target=1                               | created
        holds 0
        post 5 a b 1 capture target=1                            | hold_voided
        ",
    );
}

#[test]
fn a_void_gives_back_what_is_left() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 100 hold                                      | created
        post 2 a b 30 capture keep_open target=1                 | created
        post 3 a b 100 void target=1                             | target_amount_differs
        post 3 a b 70 void target=1                              | created
        balance a -30
        balance b 30
        post 4 a b 0 void target=1                               | hold_voided
        post 4 a b 1 capture target=1                            | hold_voided
        ",
    );
}

#[test]
fn the_target_must_fit() {
    check(
        "
        account a                                                | created
        account b                                                | created
        account c                                                | created
        account e asset=2                                        | created
        post 1 a b 100 hold                                      | created
        post 2 a b 5                                             | created
        post 9 a b 5 capture target=3                            | target_not_found
        post 9 a b 5 void target=3                               | target_not_found
        post 9 a b 5 capture target=9                            | target_not_found
        post 9 a b 5 capture target=2                            | target_not_hold
        post 9 a b 5 void target=2                               | target_not_hold
        post 9 c b 5 capture target=1                            | target_debit_differs
        post 9 b a 5 capture target=1                            | target_debit_differs
        post 9 a c 5 capture target=1                            | target_credit_differs
        post 9 c b 0 void target=1                               | target_debit_differs
        post 9 a c 0 void target=1                               | target_credit_differs
        post 9 a z 0 void target=1                               | credit_not_found
        post 9 z b 0 void target=1                               | debit_not_found
        post 9 a e 0 void target=1                               | assets_differ
        post 9 a b 0 void target=1 asset=2                       | asset_mismatch
        post 9 a b 5 capture target=1 asset=2                    | asset_mismatch
        post 9 a b 101 capture target=1                          | target_exceeded
        post 9 a b 99 void target=1                              | target_amount_differs
        holds 1
        ",
    );
}

/// What differs from the hold is said before how the hold ended.
#[test]
fn an_ended_hold_says_how_it_ended() {
    check(
        "
        account a                                                | created
        account b                                                | created
        account c                                                | created
        post 1 a b 10 hold                                       | created
        post 2 a b 10 capture target=1                           | created
        post 3 a b 10 hold                                       | created
        post 4 a b 0 void target=3                               | created
        post 5 a b 10 hold timeout=1                             | created
        clock 1002s
        post 9 c b 10 capture target=1                           | target_debit_differs
        post 9 a c 10 capture target=3                           | target_credit_differs
        post 9 a b 99 capture target=1                           | hold_captured
        post 9 a b 99 capture target=3                           | hold_voided
        post 9 a b 99 capture target=5                           | hold_expired
        post 9 a b 99 void target=5                              | hold_expired
        ",
    );
}

#[test]
fn a_hold_expires_at_its_time_and_not_before() {
    check(
        "
        account a floor=-100                                     | created
        account b                                                | created
        clock 2000s
        post 1 a b 100 hold timeout=10                           | created
        post 2 a b 100 hold                                      | below_floor
        clock 2009s
        post 2 a b 1                                             | below_floor
        post 3 a b 10 capture keep_open target=1                 | created
        balance a -10 90 0
        clock 2010s
        post 4 a b 10 capture target=1                           | hold_expired
        balance a -10
        holds 0
        post 2 a b 90                                            | created
        post 5 a b 0 void target=1                               | hold_expired
        ",
    );
}

/// A clock that stands still still gives every event a time of its own, so that a capture can be
/// decided after the expiry although the clock reads before it.
#[test]
fn a_capture_at_the_time_of_expiry_is_late_though_the_hold_was_not_released() {
    check(
        "
        account a                                                | created
        account b                                                | created
        clock 2000s
        post 1 a b 10 hold timeout=1                             | created
        clock 2000999999999ns
        {
        post 2 a b 1 capture keep_open target=1                  | created
        post 3 a b 1 capture keep_open target=1                  | hold_expired
        post 4 a b 99 capture target=1                           | target_exceeded
        post 5 a b 0 void target=1                               | created
        }
        holds 0
        ",
    );
}

#[test]
fn a_hold_without_timeout_never_expires() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10 hold                                       | created
        clock 9999999999s
        post 2 a b 10 capture target=1                           | created
        ",
    );
}

#[test]
fn holds_expire_before_anything_else_of_a_batch() {
    check(
        "
        account a floor=0                                        | created
        account b                                                | created
        post 1 b a 10                                            | created
        post 2 a b 10 hold timeout=5                             | created
        clock 1004s
        dry  3 a b 10                                            | below_floor
        clock 1006s
        dry  3 a b 10                                            | created
        post 3 a b 10                                            | created
        balance a 0
        ",
    );
}

/// Neither freezing nor halting keeps what was held from coming back.
#[test]
fn void_and_expiry_pass_a_freeze() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10 hold                                       | created
        post 2 a b 10 hold timeout=5                             | created
        post 3 a b 10 hold                                       | created
        change a frozen_debits frozen_credits                    | created
        change b frozen_debits frozen_credits                    | created
        post 9 a b 10 capture target=1                           | debit_frozen
        post 9 a b 10                                            | debit_frozen
        post 4 a b 0 void target=1                               | created
        clock 1006s
        post 9 a b 10 hold                                       | debit_frozen
        balance a 0 10 0
        halt                                                     | created
        post 5 a b 0 void target=3                               | book_halted
        ",
    );
}

#[test]
fn a_chain_of_holds_and_captures_in_one_batch() {
    check(
        "
        account a floor=0                                        | created
        account b floor=0                                        | created
        account c                                                | created
        post 1 c a 10                                            | created
        {
        post 2 a b 10 hold                                       | created
        post 3 a b 10 capture target=2                           | created
        post 4 b c 10 hold                                       | created
        post 5 b c 4 capture target=4                            | created
        post 6 b c 7                                             | below_floor
        post 7 b c 6                                             | created
        }
        balance a 0
        balance b 0
        balance c 0
        ",
    );
}
