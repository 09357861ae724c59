//! Imports: own posted times, in a book that takes nothing else until it is opened.

use super::check;

#[test]
fn posted_times_rise_and_lie_in_the_past() {
    check(
        "
        importing
        account a floor=-100                                     | created
        account b                                                | created
        post 1 a b 10                                            | book_importing
        post 1 a b 10 hold                                       | book_importing
        post 1 a b 10 imported at=5s                             | created
        post 2 a b 10 imported at=5s                             | posted_at_not_rising
        post 2 a b 10 imported at=4s                             | posted_at_not_rising
        post 2 a b 10 imported at=1001s                          | posted_at_not_rising
        post 2 a b 10 imported at=1000s                          | created
        post 1 a b 10 imported at=5s                             | exists
        post 1 a b 10 imported at=6s                             | exists_with_different_posted_at
        post 1 a b 10 imported at=6s user=1                      | exists_with_different_user_data
        post 3 a b 81 imported at=1000s                          | posted_at_not_rising
        clock 1001s
        post 3 a b 81 imported at=1001s                          | below_floor
        ",
    );
}

#[test]
fn effective_dates_of_imports() {
    check(
        "
        importing
        account a                                                | created
        account b                                                | created
        lock 100s                                                | created
        post 1 a b 10 imported at=99s                            | effective_locked
        post 1 a b 10 imported at=99s effective=100s             | created
        post 2 a b 10 imported at=100s                           | created
        post 2 a b 10 imported at=100s effective=100s            | exists
        ",
    );
}

#[test]
fn reversals_sets_and_balancing_can_be_imported() {
    check(
        "
        importing
        account a floor=-15                                      | created
        account b                                                | created
        {
        post 1 a b 20 imported at=5s linked                      | created
        post 2 b a 10 imported at=6s                             | created
        }
        {
        post 3 b a 20 imported at=7s reversal target=1           | created
        post 4 a b 99 imported at=8s balancing_debit             | created
        post 5 b a 20 imported at=9s reversal target=1           | already_reversed
        }
        balance a -15
        {
        post 6 b a 1 imported at=9s linked                       | entry_set_failed
        post 7 b a 1 imported at=9s                              | posted_at_not_rising
        }
        ",
    );
}

/// Once open, a book is never importing again, and goes on where the import ended.
#[test]
fn opening_is_one_way() {
    check(
        "
        importing
        account a                                                | created
        account b                                                | created
        post 1 a b 10 imported at=1000s                          | created
        open                                                     | created
        open                                                     | exists
        post 2 a b 10 imported at=1001s                          | book_not_importing
        post 1 a b 10 imported at=1000s                          | exists
        post 2 a b 10                                            | created
        post 3 b a 10 reversal target=1                          | created
        ",
    );
}
