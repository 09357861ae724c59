//! `cargo xtask test`: every check and test that a change must pass.

use std::time::Duration;

use crate::args::Args;
use crate::outcome::Outcome;
use crate::step::Steps;
use crate::{authors, policies, shell, tidy, toolchain};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask test [--only STEP]... [--skip STEP]... [-- NEXTEST ARGS]

Installs what tests need where it is missing, then runs, and stops at the first that fails:

  tools     the compiler's version and parts, cargo-nextest; openssl, softhsm2, node and python from
            the system; below `tools` of the target folder, packages that `scripts/tools/` pins
  fmt       formatting
  tidy      the rules of `cargo xtask tidy`
  keys      no private key in tracked files
  clippy    lints, of tests and benchmarks too; a warning is an error
  release   the signing proxy compiles without what fails on purpose, which tests build it with
  wasm      what auditors verify with builds for a browser
  policies  the shipped policies and their kit: formatting, lints and tests, and whether building
            them gives the committed components
  authors   a policy in each language, begun, built and tested as authors do, and whether all of
            them decide alike; a language whose tools cannot be had is left out, and said
  docs      documentation builds without a warning
  doctests  examples in documentation
  nextest   unit and integration tests; what follows `--` goes here

options:
  --only STEP  run this step; may be repeated
  --skip STEP  leave this step out; may be repeated
";

struct Step {
    name: &'static str,
    /// On two cores, from a target directory that holds the dependencies.
    budget: Duration,
    work: Work,
}

enum Work {
    /// Everything or nothing.
    Whole(fn(&[String]) -> Outcome<()>),
    /// What can be done here; what could not is told.
    Partial(fn() -> Outcome<Vec<String>>),
}

/// Cheap checks first: they fail before anything is compiled. Nextest last, so that how many tests
/// passed is the last that a test runner says.
const STEPS: &[Step] = &[
    step("tools", 60, |_| toolchain::ensure()),
    step("fmt", 10, |_| {
        shell::run(shell::cargo().args(["fmt", "--all", "--check"]))
    }),
    step("tidy", 10, |_| tidy::check_repository()),
    step("keys", 5, |_| {
        shell::run(&mut shell::program("scripts/ci/check-no-private-keys.sh"))
    }),
    step("clippy", 300, |_| clippy()),
    step("release", 20, |_| release()),
    step("wasm", 60, |_| wasm()),
    step("policies", 180, |_| policies::check()),
    partial("authors", 240, authors::check),
    step("docs", 180, |_| docs()),
    step("doctests", 120, |_| {
        shell::run(shell::cargo().args(["test", "--doc", "--workspace"]))
    }),
    step("nextest", 600, nextest),
];

const fn step(name: &'static str, seconds: u64, work: fn(&[String]) -> Outcome<()>) -> Step {
    Step {
        name,
        budget: Duration::from_secs(seconds),
        work: Work::Whole(work),
    }
}

const fn partial(name: &'static str, seconds: u64, work: fn() -> Outcome<Vec<String>>) -> Step {
    Step {
        name,
        budget: Duration::from_secs(seconds),
        work: Work::Partial(work),
    }
}

/// Runs the command.
pub(crate) fn run(mut args: Args) -> Outcome<()> {
    let only = args.values("--only")?;
    let skip = args.values("--skip")?;
    let for_nextest = args.take_rest();
    args.finish()?;

    let mut steps = Steps::default();
    for step in chosen(&only, &skip)? {
        let notes = steps.run(step.name, step.budget, || match step.work {
            Work::Whole(work) => work(&for_nextest).map(|()| Vec::new()),
            Work::Partial(work) => work(),
        })?;
        notes.into_iter().for_each(|note| steps.note(note));
    }
    steps.summary();
    Ok(())
}

/// The steps asked for, in their own order. A name that is none of them is refused, lest a slip
/// of the pen skip the tests.
fn chosen(only: &[String], skip: &[String]) -> Outcome<Vec<&'static Step>> {
    for name in only.iter().chain(skip) {
        if STEPS.iter().all(|step| step.name != name) {
            let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
            return Err(format!("no step `{name}`, there are: {}", names.join(", ")).into());
        }
    }
    let named = |list: &[String], step: &Step| list.iter().any(|name| name == step.name);
    let chosen: Vec<_> = STEPS
        .iter()
        .filter(|step| (only.is_empty() || named(only, step)) && !named(skip, step))
        .collect();
    if chosen.is_empty() {
        Err("no step is left to run".into())
    } else {
        Ok(chosen)
    }
}

fn clippy() -> Outcome<()> {
    let words = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    shell::run(shell::cargo().args(words))
}

/// The lints again, for the one package that release builds compile otherwise; everything else is
/// there already. An example is named since it has test dependencies: without any target that has,
/// features would be chosen anew, and half of the tree checked again.
fn release() -> Outcome<()> {
    let words = [
        "clippy",
        "--workspace",
        "--bins",
        "--example",
        "formats",
        "--config",
        "profile.dev.package.ledgerd-signing-proxy.debug-assertions=false",
        "--",
        "-D",
        "warnings",
    ];
    shell::run(shell::cargo().args(words))
}

fn wasm() -> Outcome<()> {
    let words = ["check", "--package", "ledgerd-verify", "--target"];
    shell::run(shell::cargo().args(words).arg(toolchain::WASM))
}

fn nextest(more: &[String]) -> Outcome<()> {
    shell::run(
        shell::cargo()
            .args(["nextest", "run", "--workspace"])
            .args(more),
    )
}

fn docs() -> Outcome<()> {
    let mut command = shell::cargo();
    command
        .args(["doc", "--no-deps", "--workspace"])
        .env("RUSTDOCFLAGS", "-Dwarnings");
    shell::run(&mut command)
}

#[cfg(test)]
mod tests;
