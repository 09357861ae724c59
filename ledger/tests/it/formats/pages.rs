//! The pages against the code.

use std::fs;

use crate::page::{PAGES, path, renewed};
use crate::vectors;

#[test]
fn pages_say_what_the_code_does() {
    for page in PAGES {
        let text = fs::read_to_string(path(page)).unwrap();
        let renewed = renewed(&text);
        for (have, want) in text.lines().zip(renewed.lines()) {
            assert_eq!(have, want, "{page}: run `cargo xtask docs`");
        }
        assert_eq!(text, renewed, "{page}: run `cargo xtask docs`");
    }
}

#[test]
fn every_vector_is_on_the_page() {
    let text = fs::read_to_string(path("formats.md")).unwrap();
    for (name, _) in vectors::all() {
        assert!(
            text.contains(&format!("ledger/vectors/{name}.hex")),
            "{name}"
        );
    }
}

#[test]
fn every_code_is_on_the_page() {
    let text = fs::read_to_string(path("errors.md")).unwrap();
    for code in ledger::Code::ALL {
        let row = format!("| {} | `{code}` |", code.number());
        assert!(text.contains(&row), "{row}");
    }
}
