//! `ledgerd-loadtest restart`.

use std::time::Instant;

use clap::Args;
use loadtest::load::Limit;
use loadtest::outcome::Outcome;
use loadtest::readback::{self, Differences};
use loadtest::report::Rows;
use loadtest::session::connect;
use loadtest::target::{Target, TargetArguments};

use crate::post::{Loaded, post};
use crate::workload_arguments::WorkloadArguments;
use crate::{Verdict, runtime, show};

/// What is in the journal when the daemon is restarted.
#[derive(Args, Clone, Debug)]
pub(crate) struct RestartArguments {
    /// Transfers to post before.
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    transfers: u64,
    #[command(flatten)]
    workload: WorkloadArguments,
    #[command(flatten)]
    target: TargetArguments,
    /// Seconds that a daemon with this journal may take to be ready: more is exit code 1.
    #[arg(long, value_name = "SECONDS")]
    limit: Option<f64>,
}

/// Posts, restarts the daemon twice, and prints how long that took.
pub(crate) fn run(arguments: &RestartArguments) -> Outcome<Verdict> {
    let plan = arguments
        .workload
        .plan(Limit::Transfers(arguments.transfers))?;
    let mut target = Target::open(&arguments.target)?;
    let runtime = runtime()?;
    let loaded = runtime.block_on(post(&plan, &target))?;

    let killed = target.kill_and_restart()?.as_secs_f64();
    let (first_answer, mut differences) = runtime.block_on(compare(&target, &loaded))?;
    let stopped = target.stop_and_restart()?.as_secs_f64();
    let (_, after_stop) = runtime.block_on(compare(&target, &loaded))?;
    target.finish()?;

    differences.count += loaded.differences.count + after_stop.count;
    differences.told.extend(after_stop.told);
    if !differences.is_empty() {
        eprintln!("{differences}");
    }
    let mut rows = Rows::default();
    rows.add("transfers in the journal", loaded.answered.posted());
    rows.add("ready after kill -9, seconds", format!("{killed:.2}"));
    rows.add("first answer after that, ms", format!("{first_answer:.2}"));
    rows.add("ready after a clean stop, seconds", format!("{stopped:.2}"));
    rows.add("differences", differences.count);
    let line = serde_json::json!({
        "transfers": loaded.answered.posted(),
        "ready_seconds_after_kill": killed,
        "first_answer_ms": first_answer,
        "ready_seconds_after_stop": stopped,
        "differences": differences.count,
    });
    show(&rows.table(), &line)?;
    Ok(match arguments.limit {
        _ if !differences.is_empty() => Verdict::Different,
        Some(limit) if killed.max(stopped) > limit => Verdict::Missed,
        _ => Verdict::Right,
    })
}

/// Time to the first answer in milliseconds, handshake included, and what differs.
async fn compare(target: &Target, loaded: &Loaded) -> Outcome<(f64, Differences)> {
    let start = Instant::now();
    let reader = connect(&target.profiles().write, 1).await?;
    let first = start.elapsed().as_secs_f64() * 1_000.0;
    let expected = &loaded.answered.expected;
    let differences = readback::compare(&reader, &loaded.books, loaded.asset, expected).await?;
    reader.close().await;
    Ok((first, differences))
}
