//! The document against the code.

use std::fs;

use wire::message::MESSAGES;

use crate::document::{path, renewed};
use crate::samples::samples;
use crate::vectors::hex;

#[test]
fn the_document_says_what_the_code_does() {
    let text = fs::read_to_string(path()).unwrap();
    let renewed = renewed(&text);
    for (have, want) in text.lines().zip(renewed.lines()) {
        assert_eq!(have, want);
    }
    assert_eq!(text, renewed);
}

#[test]
fn the_document_describes_every_operation_and_quotes_every_vector() {
    let text = fs::read_to_string(path()).unwrap();
    for (operation, ..) in MESSAGES {
        let heading = format!("### {}\n", operation.name());
        assert!(text.contains(&heading), "{heading}");
    }
    for sample in samples() {
        assert!(
            text.contains(&format!("wire/vectors/{}.hex", sample.name)),
            "{}",
            sample.name
        );
        assert!(text.contains(&hex(&sample.bytes)), "{}", sample.name);
    }
}
