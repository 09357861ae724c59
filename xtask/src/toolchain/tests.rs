use super::{Version, check_compiler, has_target};

#[test]
fn an_old_compiler_is_told_what_to_do() {
    let error = check_compiler("rustc 1.94.1 (4eb161250 2026-03-01)")
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("rustc `1.94.1` is too old"), "{error}");
    assert!(error.contains("rustup update stable"), "{error}");
}

#[test]
fn the_needed_compiler_and_newer_ones_pass() {
    for release in ["1.95.0", "1.96.0-nightly", "1.100.2", "2.0.0"] {
        check_compiler(&format!("rustc {release} (59807616e 2026-04-14)")).unwrap();
    }
}

#[test]
fn an_answer_without_a_version_is_refused() {
    for text in ["", "rustc", "rustc soon"] {
        assert!(check_compiler(text).is_err(), "{text:?}");
    }
}

#[test]
fn versions_compare_by_number() {
    let cases = [
        ("3.11.2", "3.10", true),
        ("3.9.18", "3.10", false),
        ("18.17.0", "18.17", true),
        ("18.9", "18.17", false),
        ("20", "18.17", false),
        ("soon", "18.17", false),
    ];
    for (found, needed, expected) in cases {
        assert_eq!(Version::is_at_least(found, needed), expected, "{found}");
    }
}

#[test]
fn a_platform_that_there_is_not_has_no_library() {
    assert!(
        has_target(super::WASM),
        "run `cargo xtask test --only tools`"
    );
    assert!(!has_target("no-such-platform"));
}
