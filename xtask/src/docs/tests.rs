use std::fs;

use super::{ERRORS, exits, renewed};
use crate::shell;

#[test]
fn exit_codes_on_the_page_are_those_of_the_programs() {
    let text = fs::read_to_string(shell::root().join(ERRORS)).unwrap();
    let renewed = renewed(&text, shell::root()).unwrap();
    assert_eq!(text, renewed, "run `cargo xtask docs`");
    assert!(text.matches("<!-- generated: exits ").count() >= 3);
}

#[test]
fn codes_are_read_from_the_help() {
    let source = "const HELP: &str = \"\\\nExit codes:\n  0   fine,\n      or so\n  70  a fault \
                  of ours\";\n";
    let table = "| code | meaning |\n|---|---|\n| 0 | fine, or so |\n| 70 | a fault of ours |\n";
    assert_eq!(exits::table(source).as_deref(), Some(table));
    assert_eq!(exits::table("Exit codes:\n  none\";"), None);
    assert_eq!(exits::table("fn main() {}"), None);
}

#[test]
fn parts_of_other_programs_stay() {
    let text = "<!-- generated: codes 0 -->\n\n| 0 |\n\n<!-- end -->\n";
    assert_eq!(renewed(text, shell::root()).unwrap(), text);
    let gone = "<!-- generated: exits no/such.rs -->\n<!-- end -->\n";
    assert!(renewed(gone, shell::root()).is_err());
}
