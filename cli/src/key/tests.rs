use super::*;

// Computed with Python's hashlib, so that a fault here is not its own judge.
const GOLDEN_ACCOUNT: &str = "0x4fe1912b0e23f5c3fd12c2cc52057a3f";
const GOLDEN_TRANSFER: &str = "0x120286f5069fa7f46b52a840a3285d14";
const GOLDEN_IMPORT: &str = "0xaf1065b8e35f56de00e58c21927ff886";

fn account(text: &str) -> Result<u128, KeyError> {
    text.parse::<AccountKey>().map(|key| key.id.0)
}

#[test]
fn the_four_forms_are_read() {
    let rows = [
        ("1", 1),
        ("0x1", 1),
        ("0xFf", 255),
        ("00000000-0000-0000-0000-000000000010", 16),
        (
            "123E4567-e89b-12d3-a456-426614174000",
            0x123e_4567_e89b_12d3_a456_4266_1417_4000,
        ),
        ("340282366920938463463374607431768211454", u128::MAX - 1),
    ];
    for (text, id) in rows {
        assert_eq!(account(text), Ok(id), "{text}");
    }
}

#[test]
fn what_is_no_id_is_refused() {
    use KeyError::{NoName, NotKey, Reserved, TooLarge};
    let rows = [
        ("", NotKey),
        ("abc", NotKey),
        ("0x", NotKey),
        ("0xg", NotKey),
        ("+1", NotKey),
        ("-1", NotKey),
        ("1 ", NotKey),
        ("123e4567-e89b-12d3-a456-42661417400", NotKey),
        ("123e4567-e89b-12d3-a456-42661417400g", NotKey),
        ("name:", NoName),
        ("0", Reserved),
        ("0xffffffffffffffffffffffffffffffff", Reserved),
        ("0x100000000000000000000000000000000", TooLarge),
        ("340282366920938463463374607431768211456", TooLarge),
    ];
    for (text, error) in rows {
        assert_eq!(account(text), Err(error), "{text:?}");
    }
}

/// Ids that stand in somebody's book must be found again by every later version.
#[test]
fn derived_ids_never_change() {
    let rows = [
        (Domain::Account, &["alice"][..], GOLDEN_ACCOUNT),
        (Domain::Transfer, &["alice"], GOLDEN_TRANSFER),
        (Domain::Import, &["bank", "695247"], GOLDEN_IMPORT),
    ];
    for (domain, parts, id) in rows {
        assert_eq!(show(domain.derive(parts.iter().copied())), id);
    }
    assert_eq!(account("name:alice").map(show).unwrap(), GOLDEN_ACCOUNT);
}

#[test]
fn parts_do_not_run_together() {
    let derive = |parts: &[&str]| Domain::Import.derive(parts.iter().copied());
    assert_ne!(derive(&["ab", "c"]), derive(&["a", "bc"]));
    assert_ne!(derive(&["ab"]), derive(&["ab", ""]));
}

#[test]
fn an_id_has_one_printed_form_which_reads_back() {
    let rows = [
        (1, "1"),
        (u128::from(u64::MAX), "18446744073709551615"),
        (1 << 64, "0x00000000000000010000000000000000"),
    ];
    for (id, text) in rows {
        assert_eq!(show(id), text);
        assert_eq!(account(text), Ok(id));
    }
}
