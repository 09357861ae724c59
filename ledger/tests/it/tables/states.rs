//! A book's own state: halted, locked, with sealed answers.

use super::check;

#[test]
fn a_halted_book_takes_nothing_and_remembers_everything() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10                                            | created
        halt                                                     | created
        halt                                                     | exists
        post 2 a b 10                                            | book_halted
        post 2 a z 10                                            | book_halted
        post 2 a b 0                                             | amount_is_zero
        post 1 a b 10                                            | exists
        post 1 a b 11                                            | exists_with_different_amount
        dry  2 a b 10                                            | book_halted
        resume                                                   | created
        resume                                                   | exists
        post 2 a b 10                                            | created
        open                                                     | exists
        ",
    );
}

#[test]
fn a_book_may_require_sealed_answers_and_posts_as_before() {
    check(
        "
        account a                                                | created
        account b                                                | created
        unseal                                                   | exists
        seal                                                     | created
        seal                                                     | exists
        post 1 a b 10                                            | created
        halt                                                     | created
        unseal                                                   | created
        unseal                                                   | exists
        post 2 a b 10                                            | book_halted
        ",
    );
}

#[test]
fn an_effective_lock_only_rises() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10 effective=100s                             | created
        lock 500s                                                | created
        lock 500s                                                | exists
        lock 499s                                                | book_state_conflict
        post 2 a b 10 effective=499s                             | effective_locked
        post 2 a b 10 effective=500s                             | created
        post 1 a b 10 effective=100s                             | exists
        post 3 a b 10                                            | created
        lock 2000s                                               | created
        post 4 a b 10                                            | effective_locked
        post 4 a b 10 effective=2000s                            | created
        post 5 a z 10                                            | effective_locked
        clock 2000s
        post 5 a b 10                                            | created
        ",
    );
}

#[test]
fn imports_need_a_book_that_is_importing() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 10 imported at=5s                             | book_not_importing
        ",
    );
}
