//! `cargo xtask bench`: the anchors and micro-benchmarks, in release.

use std::time::Duration;

use crate::args::Args;
use crate::authors;
use crate::outcome::Outcome;
use crate::shell::{self, Binary, Profile};
use crate::step::Steps;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask bench [policies] [--dev] [-- ARGS]

Builds and runs `ledgerd-bench`. What follows `--` goes to it; `-- --help` shows what it can do.

With `policies` it builds the examples of policies and compares the same rule as components, in
Cedar and in Rego: that all of them decide alike, and what each costs. That compiles for minutes
what nothing else needs.

options:
  --dev  with the dev profile: shows that it runs, says nothing about speed
";

/// Runs the command.
pub(crate) fn run(mut args: Args) -> Outcome<()> {
    let profile = Profile::from_args(&mut args);
    let compares_policies = args.word("policies");
    let more = args.take_rest();
    args.finish()?;
    if compares_policies {
        return policies(profile);
    }

    let mut steps = Steps::default();
    steps.run("build", Duration::from_secs(600), || {
        let (package, name) = ("ledgerd-bench", "ledgerd-bench");
        shell::build(profile, &[Binary { package, name }])
    })?;
    steps.run("bench", Duration::from_secs(300), || {
        shell::run(shell::built(profile, "ledgerd-bench")?.args(more))
    })
}

/// The same rule in several policy languages, in a workspace of its own.
fn policies(profile: Profile) -> Outcome<()> {
    let target = shell::target_folder()?.join("bench-policies");
    let cargo = |word: &str| {
        let mut cargo = shell::cargo();
        cargo.args([
            word,
            "--locked",
            "--manifest-path",
            "bench/policies/Cargo.toml",
        ]);
        cargo.env("CARGO_TARGET_DIR", &target);
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        cargo
    };
    let mut steps = Steps::default();
    let components = steps.run("components", Duration::from_secs(300), || {
        authors::components(profile)
    })?;
    steps.run("build", Duration::from_secs(600), || {
        shell::run(&mut cargo("build"))
    })?;
    steps.run("bench", Duration::from_secs(120), || {
        let mut bench = cargo("run");
        bench.arg("--");
        for (name, file) in &components {
            bench.arg(format!("{name}={}", file.display()));
        }
        shell::run(&mut bench)
    })
}
