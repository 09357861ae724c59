//! `cargo xtask bench`: the anchors and micro-benchmarks, in release.

use std::time::Duration;

use crate::args::Args;
use crate::outcome::Outcome;
use crate::shell::{self, Binary, Profile};
use crate::step::Steps;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask bench [--dev] [-- ARGS]

Builds and runs `ledgerd-bench`. What follows `--` goes to it; `-- --help` shows what it can do.

options:
  --dev  with the dev profile: shows that it runs, says nothing about speed
";

/// Runs the command.
pub(crate) fn run(mut args: Args) -> Outcome<()> {
    let profile = Profile::from_args(&mut args);
    let more = args.take_rest();
    args.finish()?;

    let mut steps = Steps::default();
    steps.run("build", Duration::from_secs(600), || {
        let (package, name) = ("ledgerd-bench", "ledgerd-bench");
        shell::build(profile, &[Binary { package, name }])
    })?;
    steps.run("bench", Duration::from_secs(300), || {
        shell::run(shell::built(profile, "ledgerd-bench")?.args(more))
    })
}
