//! Compiling in a process of its own.

use std::env;
use std::path::PathBuf;

use plugins_host::{Compiler, Limits, LoadError, Policy, Runtime, RuntimeOptions, Verdict};

use crate::guest::{Guest, ask, options};

/// The executable that compiles, which is built beside the tests.
pub(crate) fn program() -> PathBuf {
    let tests = env::current_exe().unwrap();
    let profile = tests.parent().and_then(|deps| deps.parent()).unwrap();
    let program = profile.join("examples").join("compiler");
    assert!(
        program.exists(),
        "missing: `cargo build -p ledgerd-plugins-host --examples`"
    );
    program
}

fn runtime(args: &[&str], metered: bool) -> Runtime {
    Runtime::new(RuntimeOptions {
        compiler: Compiler::Child {
            program: program(),
            args: args.iter().map(Into::into).collect(),
        },
        metered,
        ..RuntimeOptions::default()
    })
    .unwrap()
}

#[test]
fn what_a_child_compiles_runs_here() {
    for metered in [false, true] {
        let runtime = runtime(&[], metered);
        let component = Guest::default().build();
        let policy = Policy::load(&runtime, &options(&component, Limits::default())).unwrap();
        assert_eq!(ask(&policy, 8_190), Ok(Verdict::Allow));
    }
}

#[test]
fn a_child_refuses_what_is_invalid_and_says_why() {
    let text = r#"(component
      (core module (func (result i32)))
      (instance $i)
      (export "ledgerd:policy/policy@0.1.0" (instance $i)))"#;
    let component = wat::parse_str(text).unwrap();
    let error = Policy::load(
        &runtime(&[], false),
        &options(&component, Limits::default()),
    );
    let error = error.unwrap_err();
    assert!(
        matches!(&error, LoadError::Compile(problem) if problem.contains("type mismatch")),
        "{error}"
    );
}

#[test]
fn a_child_that_is_ill_is_told_from_a_component_that_is() {
    let component = Guest::default().build();
    let load = |args: &[&str]| {
        Policy::load(
            &runtime(args, false),
            &options(&component, Limits::default()),
        )
        .unwrap_err()
    };
    let error = load(&["babble"]);
    assert!(matches!(error, LoadError::Compile(_)), "{error}");
    assert_eq!(load(&["abort"]), LoadError::CompileOutOfMemory);
    let nowhere = Runtime::new(RuntimeOptions {
        compiler: Compiler::Child {
            program: "/nowhere/at/all".into(),
            args: Vec::new(),
        },
        ..RuntimeOptions::default()
    });
    let error = Policy::load(&nowhere.unwrap(), &options(&component, Limits::default()));
    let error = error.unwrap_err();
    assert!(matches!(error, LoadError::Compile(_)), "{error}");
}
