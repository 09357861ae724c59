use std::collections::BTreeSet;
use std::time::Duration;

use super::{chosen, share, targets};

const MANIFEST: &str = "
[package]
name = \"fuzz\"
[[bin]]
name = \"wire_frame\"
path = \"a.rs\"
[[bin]]
name = \"csv\"
path = \"b.rs\"
";

#[test]
fn targets_are_the_binaries_of_the_manifest() {
    assert_eq!(targets(MANIFEST).unwrap(), ["wire_frame", "csv"]);
    assert!(targets("[package]\nname = \"fuzz\"").is_err());
    assert!(targets("[[bin").is_err());
}

#[test]
fn a_target_that_does_not_exist_is_refused() {
    let all = || targets(MANIFEST).unwrap();
    let only = |name: &str| BTreeSet::from([name.to_owned()]);
    assert_eq!(chosen(all(), BTreeSet::new()).unwrap(), all());
    assert_eq!(chosen(all(), only("csv")).unwrap(), ["csv"]);
    let error = chosen(all(), only("xml")).unwrap_err().to_string();
    assert_eq!(error, "no target `xml`, there are: wire_frame, csv");
}

#[test]
fn exposed_decoders_get_the_whole_time() {
    let cases = [
        ("wire_frame", 10.0, 600),
        ("segment", 10.0, 600),
        ("identity_uri", 0.5, 30),
        ("csv", 10.0, 120),
        ("csv", 0.01, 1),
    ];
    for (target, minutes, seconds) in cases {
        assert_eq!(
            share(target, minutes),
            Duration::from_secs(seconds),
            "{target} {minutes}"
        );
    }
}
