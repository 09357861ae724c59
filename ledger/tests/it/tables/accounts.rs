//! Creating, changing, freezing and closing accounts.

use super::check;

#[test]
fn creating() {
    check(
        "
        account 0                                                | id_is_zero
        account max                                              | id_is_max
        account a reserved                                       | reserved_not_zero
        account 0 reserved                                       | reserved_not_zero
        account a closed                                         | flags_conflict
        account a code=0 asset=0                                 | code_is_zero
        account a asset=0                                        | asset_is_zero
        account a asset=9                                        | asset_not_found
        account a asset=9 floor=1                                | asset_not_found
        account a floor=-5 ceiling=100 user=7 code=3 debit_normal | created
        account a floor=-5 ceiling=100 user=7 code=3 debit_normal | exists
        account a floor=-5 ceiling=100 user=8 code=3 asset=2     | exists_with_different_asset
        account a floor=-5 ceiling=100 user=8 code=4             | exists_with_different_code
        account a floor=-5 ceiling=100 user=8 code=3             | exists_with_different_user_data
        account a floor=-5 ceiling=99 user=7 code=3              | exists_with_different_settings
        account a floor=1 user=7 code=3                          | exists_with_different_settings
        ",
    );
}

/// What an account was created with is not kept once it is changed; a retry must not be told that
/// it never stood.
#[test]
fn creating_again_after_a_change() {
    check(
        "
        account a floor=-5                                       | created
        change a floor=-9                                        | created
        account a floor=-5                                       | exists
        account a code=2                                         | exists_with_different_code
        ",
    );
}

#[test]
fn changing() {
    check(
        "
        account a                                                | created
        change z                                                 | account_not_found
        change a reserved                                        | reserved_not_zero
        change a floor=5 ceiling=4                               | bounds_cross
        change a floor=-5 frozen_debits                          | created
        change a floor=-5 frozen_debits                          | exists
        change a                                                 | created
        halt                                                     | created
        change a                                                 | exists
        change a frozen_debits                                   | book_halted
        change z                                                 | book_halted
        account b                                                | book_halted
        account a                                                | exists
        ",
    );
}

#[test]
fn freezing_one_side() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10 hold                                       | created
        post 2 a b 10                                            | created
        change a frozen_debits                                   | created
        post 3 a b 10                                            | debit_frozen
        post 3 a b 10 hold                                       | debit_frozen
        post 3 a b 10 capture target=1                           | debit_frozen
        post 3 b a 10                                            | created
        change a                                                 | created
        change b frozen_credits                                  | created
        post 4 a b 10                                            | credit_frozen
        post 4 a b 10 capture target=1                           | credit_frozen
        post 4 b a 10 reversal target=2                          | created
        change a frozen_debits                                   | created
        post 5 a b 10                                            | debit_frozen
        post 5 a b 10 reversal target=3                          | debit_frozen
        post 6 a b 0 void target=1                               | created
        ",
    );
}

#[test]
fn closing() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10                                            | created
        post 2 a b 10 hold                                       | created
        change a closed                                          | close_needs_zero_balance
        post 3 b a 10                                            | created
        change a closed                                          | close_needs_no_holds
        change b closed                                          | close_needs_no_holds
        post 4 a b 0 void target=2                               | created
        change a closed                                          | created
        change a closed                                          | exists
        change a                                                 | account_closed
        post 5 a b 10                                            | debit_closed
        post 5 b a 10                                            | credit_closed
        post 5 b a 10 hold                                       | credit_closed
        post 5 b a 10 reversal target=1                          | credit_closed
        post 5 a b 0 void target=2                               | hold_voided
        post 1 a b 10                                            | exists
        change b closed frozen_credits                           | created
        post 5 a b 10                                            | debit_closed
        ",
    );
}

/// A hold that has run out keeps nobody from closing, released or not.
#[test]
fn closing_after_a_hold_ran_out() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10 hold timeout=5                             | created
        clock 1004s
        change a closed                                          | close_needs_no_holds
        clock 1006s
        change a closed                                          | created
        holds 0
        ",
    );
}

#[test]
fn accounts_of_a_transfer() {
    check(
        "
        account a                                                | created
        account b                                                | created
        account e asset=2                                        | created
        post 1 y z 10                                            | debit_not_found
        post 1 a z 10                                            | credit_not_found
        post 1 a e 10 asset=2                                    | assets_differ
        post 1 a b 10 asset=2                                    | asset_mismatch
        post 1 a b 10 asset=1                                    | created
        ",
    );
}
