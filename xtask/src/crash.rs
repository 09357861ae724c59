//! `cargo xtask crash`: kill -9 under load, restart, compare with what clients were acked.

use std::time::Duration;

use crate::args::Args;
use crate::outcome::Outcome;
use crate::shell::{self, Binary, Profile};
use crate::step::Steps;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask crash [--rounds N] [--journal NAME] [--dev] [-- ARGS]

Builds the daemon, then kills it at random moments under load and restarts it, N times. After each
round what it recovered is compared with what clients were acked: nothing lost, nothing twice, the
chain intact. What follows `--` goes to `ledgerd-crash`.

options:
  --rounds N      how often to kill it (50)
  --journal NAME  the journal to run it on (embedded)
  --dev           with the dev profile, which tests have built already
";

/// The tester kills the daemon that was built beside it.
const BINARIES: [Binary; 2] = [
    Binary {
        package: "ledgerd-daemon",
        name: "ledgerd",
    },
    Binary {
        package: "ledgerd-loadtest",
        name: "ledgerd-crash",
    },
];

/// Runs the command.
pub(crate) fn run(mut args: Args) -> Outcome<()> {
    let rounds: u32 = args.value("--rounds")?.unwrap_or(50);
    let journal: String = args
        .value("--journal")?
        .unwrap_or_else(|| "embedded".to_owned());
    let profile = Profile::from_args(&mut args);
    let more = args.take_rest();
    args.finish()?;

    let mut steps = Steps::default();
    steps.run("build", Duration::from_secs(600), || {
        shell::build(profile, &BINARIES)
    })?;
    // A round is a start, a few seconds of load, a kill and a recovery.
    let budget = Duration::from_secs(60 + 10 * u64::from(rounds));
    steps.run("crash", budget, || {
        let mut command = shell::built(profile, "ledgerd-crash")?;
        command
            .args(["--rounds", &rounds.to_string(), "--journal", &journal])
            .args(more);
        shell::run(&mut command)
    })?;
    steps.summary();
    Ok(())
}
