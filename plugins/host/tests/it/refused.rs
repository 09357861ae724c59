//! Components that are not taken into use, each for a reason of its own.

use ledger::Digest;
use plugins_host::load::BadDescription;
use plugins_host::{Limits, LoadError, LoadOptions, Policy, limits};

use crate::guest::{Guest, WIT, load, options, runtime};

fn refusal(component: &[u8]) -> LoadError {
    load(component).unwrap_err()
}

#[test]
fn size_and_digest_come_before_anything_is_parsed() {
    let enormous = vec![0; limits::COMPONENT_BYTES_MAX + 1];
    let wrong = LoadOptions {
        digest: Digest::ZERO,
        ..options(&enormous, Limits::default())
    };
    let error = Policy::load(runtime(), &wrong).unwrap_err();
    let (bytes, most) = (enormous.len(), limits::COMPONENT_BYTES_MAX);
    assert_eq!(error, LoadError::TooLarge { bytes, most });

    let nonsense = b"no WebAssembly at all";
    let wrong = LoadOptions {
        digest: Digest::ZERO,
        ..options(nonsense, Limits::default())
    };
    let error = Policy::load(runtime(), &wrong).unwrap_err();
    let (expected, found) = (Digest::ZERO, Digest::of(nonsense));
    assert_eq!(error, LoadError::WrongDigest { expected, found });
    assert!(matches!(refusal(nonsense), LoadError::Malformed(_)));
}

#[test]
fn a_program_that_is_in_use_is_taken_by_its_digest_and_not_by_its_name() {
    let component = Guest::default().build();
    let _policy = load(&component).unwrap();
    let mut other = component.clone();
    other.extend_from_slice(b"\x00\x02\x01x");
    let forged = LoadOptions {
        digest: Digest::of(&component),
        ..options(&other, Limits::default())
    };
    let error = Policy::load(runtime(), &forged).unwrap_err();
    assert!(matches!(error, LoadError::WrongDigest { .. }), "{error}");
}

#[test]
fn a_component_that_is_cut_off_anywhere_is_refused() {
    let component = Guest::default().build();
    for length in (0..component.len()).step_by(7) {
        let error = refusal(&component[..length]);
        assert!(
            matches!(
                error,
                LoadError::Malformed(_) | LoadError::WrongWorld { .. } | LoadError::Compile(_)
            ),
            "{length}: {error}"
        );
    }
}

#[test]
fn a_core_module_is_not_a_component() {
    let module = wat::parse_str("(module)").unwrap();
    assert_eq!(refusal(&module), LoadError::NotAComponent);
}

#[test]
fn imports_are_refused_by_name() {
    let rows = [
        r#"(component (import "wasi:clocks/wall-clock@0.2.0" (instance)))"#,
        r#"(component (import "wasi:clocks/wall-clock@0.2.0" (instance
            (export "now" (func (result u64))))))"#,
    ];
    for text in rows {
        let component = wat::parse_str(text).unwrap();
        let name = "wasi:clocks/wall-clock@0.2.0".to_owned();
        assert_eq!(refusal(&component), LoadError::Import(name));
    }
    let component = wat::parse_str(r#"(component (import "random" (func (result u64))))"#).unwrap();
    assert_eq!(refusal(&component), LoadError::Import("random".to_owned()));
}

#[test]
fn a_policy_that_imports_is_refused_although_it_exports_what_it_should() {
    let wit = WIT.replace(
        "    export policy;",
        "    import now: func() -> u64;\n    export policy;",
    );
    let guest = Guest {
        imports: r#"(import "$root" "now" (func $now (result i64)))"#.to_owned(),
        evaluate: "(drop (call $now)) (i32.const 16)".to_owned(),
        ..Guest::default()
    };
    let component = guest.build_for(&wit, "ledgerd:policy/policy");
    assert_eq!(refusal(&component), LoadError::Import("now".to_owned()));
}

#[test]
fn another_world_is_told_from_another_version() {
    let other = WIT.replace("package ledgerd:policy", "package other:policy");
    let component = Guest::default().build_for(&other, "other:policy/policy");
    let exports = vec!["other:policy/policy@0.1.0".to_owned()];
    assert_eq!(refusal(&component), LoadError::WrongWorld { exports });

    let empty = wat::parse_str("(component)").unwrap();
    let exports = Vec::new();
    assert_eq!(refusal(&empty), LoadError::WrongWorld { exports });

    let of = |version| Guest {
        version,
        ..Guest::default()
    };
    for version in ["0.0.9", "0.0.1"] {
        let error = refusal(&of(version).build());
        assert_eq!(error, LoadError::ContractTooOld(version.to_owned()));
    }
    for version in ["0.2.0", "0.1.1", "1.0.0", "0.1.0-beta"] {
        let error = refusal(&of(version).build());
        assert_eq!(error, LoadError::ContractUnknown(version.to_owned()));
    }
}

#[test]
fn a_contract_of_the_right_name_with_other_types_is_refused() {
    let rows = [
        ("evaluate", "owned: bool,", "owned: u8,"),
        ("evaluate", "deny(u16),", "deny(u32),"),
        ("describe", "config-version: u32,", "config-version: u64,"),
        (
            "evaluate",
            "user-data: list<u64>,",
            "user-datum: list<u64>,",
        ),
        ("init", "bad-config(string),", "bad-config(u32),"),
    ];
    for (function, from, to) in rows {
        assert!(WIT.contains(from), "{from}");
        let component = Guest::default().build_for(&WIT.replace(from, to), "ledgerd:policy/policy");
        match refusal(&component) {
            LoadError::WrongType {
                function: found, ..
            } => assert_eq!(found, function, "{to}"),
            other => panic!("{to}: {other}"),
        }
    }
    let text = r#"(component (instance $i) (export "ledgerd:policy/policy@0.1.0" (instance $i)))"#;
    let error = refusal(&wat::parse_str(text).unwrap());
    assert!(
        matches!(
            error,
            LoadError::WrongType {
                function: "init",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn compile_bombs_are_refused_before_they_are_compiled() {
    let bomb = |more: String| Guest {
        more,
        ..Guest::default()
    };
    let many = |count: usize, item: &str| item.repeat(count);
    let rows = [
        ("functions", bomb(many(60_001, "(func)"))),
        ("types", bomb(many_types(20_001))),
        (
            "bytes in one function",
            bomb(format!("(func {})", many(600_000, "(drop (i32.const 0))"))),
        ),
        (
            "locals in one function",
            bomb(format!("(func (local {}))", many(10_001, "i32 "))),
        ),
        (
            "locals",
            bomb(many(
                101,
                &format!("(func (local {}))", many(10_000, "i64 ")),
            )),
        ),
        (
            "imports, exports, instances and globals",
            bomb(many(60_001, "(global i32 (i32.const 0))")),
        ),
        ("segments", bomb(many(60_001, r#"(data "")"#))),
        (
            "elements in one table",
            bomb("(table 65537 funcref)".to_owned()),
        ),
    ];
    for (expected, guest) in rows {
        match refusal(&guest.build()) {
            LoadError::TooComplex { what, count, most } => {
                assert_eq!(what, expected);
                assert!(count > most);
            }
            other => panic!("{expected}: {other}"),
        }
    }
    let nested = many(128, "(core module)");
    let error = refusal(&wat::parse_str(format!("(component {nested})")).unwrap());
    assert!(
        matches!(
            error,
            LoadError::TooComplex {
                what: "nested modules",
                ..
            }
        ),
        "{error}"
    );
}

/// Types that are all different.
fn many_types(count: usize) -> String {
    (0..count)
        .map(|number| {
            let bits = (0..15).map(|bit| {
                if number >> bit & 1 == 0 {
                    "i32 "
                } else {
                    "i64 "
                }
            });
            format!("(type (func (param {})))", bits.collect::<String>())
        })
        .collect()
}

#[test]
fn a_description_must_be_one() {
    let rule =
        |at: u32, number: u16| format!("(i32.store16 (i32.const {at}) (i32.const {number}))");
    let describing = |body: String| Guest {
        describe: format!("{body} (i32.const 32)"),
        ..Guest::default()
    };
    let rules = |count: u32| format!("(i32.store (i32.const 48) (i32.const {count}))");
    let rows = [
        (describing(rule(64, 0)), BadDescription::RuleZero),
        (
            describing(format!(
                "{} (memory.copy (i32.const 84) (i32.const 64) (i32.const 20))",
                rules(2)
            )),
            BadDescription::RuleTwice(7),
        ),
        (
            describing("(i32.store (i32.const 36) (i32.const 0))".to_owned()),
            BadDescription::Name(String::new()),
        ),
        (
            describing(
                "(i32.store (i32.const 72) (i32.const 65))
                (i32.store (i32.const 68) (i32.const 16384))"
                    .to_owned(),
            ),
            BadDescription::Name(" ".repeat(65)),
        ),
        (
            describing(
                "(i32.store (i32.const 80) (i32.const 1025))
                (i32.store (i32.const 76) (i32.const 16384))"
                    .to_owned(),
            ),
            BadDescription::Doc(7),
        ),
        (
            describing(format!(
                "(i32.store (i32.const 44) (i32.const 20480)) {}",
                rules(257)
            )),
            BadDescription::TooManyRules(257),
        ),
    ];
    for (guest, expected) in rows {
        let error = refusal(&guest.build());
        assert_eq!(error, LoadError::BadDescription(expected));
    }
}

#[test]
fn the_configuration_is_bounded_and_of_the_version_that_is_taken() {
    let component = Guest::default().build();
    let long = " ".repeat(limits::CONFIG_BYTES_MAX + 1);
    let with_config = LoadOptions {
        config: &long,
        ..options(&component, Limits::default())
    };
    let error = Policy::load(runtime(), &with_config).unwrap_err();
    assert!(matches!(error, LoadError::ConfigTooLarge { .. }), "{error}");
    let with_version = LoadOptions {
        config_version: Some(2),
        ..options(&component, Limits::default())
    };
    let error = Policy::load(runtime(), &with_version).unwrap_err();
    assert_eq!(error, LoadError::ConfigVersion { given: 2, taken: 1 });
}
