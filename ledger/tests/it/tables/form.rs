//! What is wrong with a transfer by itself, lowest code first.

use super::check;

#[test]
fn each_field_has_its_rule() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1   a b 10 reserved                                 | reserved_not_zero
        post 0   a b 10                                          | id_is_zero
        post max a b 10                                          | id_is_max
        post 1   0 b 10                                          | debit_is_zero
        post 1   max b 10                                        | debit_is_zero
        post 1   a 0 10                                          | credit_is_zero
        post 1   a max 10                                        | credit_is_zero
        post 1   a a 10                                          | accounts_are_the_same
        post 1   a b 10 capture                                  | target_required
        post 1   a b 10 void                                     | target_required
        post 1   a b 10 reversal                                 | target_required
        post 1   a b 10 target=9                                 | target_not_allowed
        post 1   a b 10 hold target=9                            | target_not_allowed
        post 1   a b 10 timeout=1                                | timeout_not_allowed
        post 1   a b 10 capture target=9 timeout=1               | timeout_not_allowed
        post 1   a b 10 code=0                                   | code_is_zero
        post 1   a b 0                                           | amount_is_zero
        post 1   a b 0 capture target=9                          | amount_is_zero
        post 1   a b 0 balancing_debit                           | amount_is_zero
        post 1   a b max+1                                       | amount_too_large
        post 1   a b 10 at=1s                                    | posted_at_not_allowed
        post 1   a b 10 imported                                 | posted_at_not_allowed
        post 1   a b 10 ref=x*129                                | note_too_long
        post 1   a b 10 meta=x*4097                              | note_too_long
        post 1   a b 10 ref=x*128 meta=x*4096                    | created
        ",
    );
}

#[test]
fn flags_that_exclude_each_other() {
    check(
        "
        post 1 a b 10 hold capture target=9                      | flags_conflict
        post 1 a b 10 hold void target=9                         | flags_conflict
        post 1 a b 10 hold reversal target=9                     | flags_conflict
        post 1 a b 10 capture void target=9                      | flags_conflict
        post 1 a b 10 capture reversal target=9                  | flags_conflict
        post 1 a b 10 void reversal target=9                     | flags_conflict
        post 1 a b 10 keep_open                                  | flags_conflict
        post 1 a b 10 hold keep_open                             | flags_conflict
        post 1 a b 10 void keep_open target=9                    | flags_conflict
        post 1 a b 10 capture balancing_debit target=9           | flags_conflict
        post 1 a b 10 void balancing_credit target=9             | flags_conflict
        post 1 a b 10 reversal balancing_debit target=9          | flags_conflict
        post 1 a b 10 imported hold at=1s                        | flags_conflict
        post 1 a b 10 imported capture target=9 at=1s            | flags_conflict
        post 1 a b 10 imported void target=9 at=1s               | flags_conflict
        ",
    );
}

/// Each row has every fault of the rows below it and one more.
#[test]
fn the_lowest_code_is_the_answer() {
    check(
        "
        account a                                                         | created
        post 0 0 0 0 keep_open target=9 code=0 at=1s ref=x*129 reserved   | reserved_not_zero
        post 0 0 0 0 keep_open target=9 timeout=1 code=0 at=1s ref=x*129  | id_is_zero
        post 1 0 0 0 keep_open target=9 timeout=1 code=0 at=1s ref=x*129  | flags_conflict
        post 1 0 0 0 target=9 timeout=1 code=0 at=1s ref=x*129            | debit_is_zero
        post 1 a 0 0 target=9 timeout=1 code=0 at=1s ref=x*129            | credit_is_zero
        post 1 a a 0 target=9 timeout=1 code=0 at=1s ref=x*129            | accounts_are_the_same
        post 1 a z 0 target=9 timeout=1 code=0 at=1s ref=x*129            | target_not_allowed
        post 1 a z 0 timeout=1 code=0 at=1s ref=x*129                     | timeout_not_allowed
        post 1 a z 0 code=0 at=1s ref=x*129                               | code_is_zero
        post 1 a z 0 at=1s ref=x*129                                      | amount_is_zero
        post 1 a z max+1 at=1s ref=x*129                                  | amount_too_large
        post 1 a z 1 at=1s ref=x*129                                      | posted_at_not_allowed
        post 1 a z 1 linked ref=x*129                                     | entry_set_open
        post 1 a z 1 ref=x*129                                            | note_too_long
        post 1 a z 1                                                      | credit_not_found
        ",
    );
}
