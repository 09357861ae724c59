//! Tenants, assets and books.

use super::check;

#[test]
fn tenants() {
    check(
        "
        tenant 0 Bell                                            | id_is_zero
        tenant 2 Bell                                            | name_invalid
        tenant 2 bell_                                           | name_invalid
        tenant 2 abcdefghijklmnopqrstuvwxyz-0123456              | name_invalid
        tenant 2 abcdefghijklmnopqrstuvwxyz-01234                | created
        tenant 2 abcdefghijklmnopqrstuvwxyz-01234                | exists
        tenant 2 bell                                            | exists_with_different_name
        tenant 3 acme                                            | exists_with_different_name
        tenant 3 bell                                            | created
        ",
    );
}

#[test]
fn assets() {
    check(
        "
        asset 0 usd 99                                           | id_is_zero
        asset 3 usd 99                                           | name_invalid
        asset 3 ABCDEFGHIJKLM 2                                  | name_invalid
        asset 3 ABCDEFGHIJK0 19                                  | exponent_too_large
        asset 3 ABCDEFGHIJK0 18                                  | created
        asset 3 ABCDEFGHIJK0 18                                  | exists
        asset 3 GBP 2                                            | exists_with_different_name
        asset 3 ABCDEFGHIJK0 2                                   | exists_with_different_exponent
        asset 4 USD 2                                            | exists_with_different_name
        asset 1 USD 2                                            | exists
        ",
    );
}

#[test]
fn books() {
    check(
        "
        tenant 2 bell                                            | created
        book 0 9 Main                                            | id_is_zero
        book 2 9 Main                                            | name_invalid
        book 2 9 main                                            | tenant_not_found
        book 2 2 main                                            | created
        book 2 2 main                                            | exists
        book 2 1 other                                           | exists_with_different_name
        book 2 1 main                                            | exists_with_different_tenant
        book 3 2 main                                            | exists_with_different_name
        book 3 2 other                                           | created
        ",
    );
}
