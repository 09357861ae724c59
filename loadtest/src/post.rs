//! `ledgerd-loadtest post`.

use clap::Args;
use ledger::{AssetId, BookId};
use loadtest::load::{self, Answered, Limit, Plan};
use loadtest::outcome::Outcome;
use loadtest::readback::{self, Differences};
use loadtest::report::{Measured, Report};
use loadtest::session::connect;
use loadtest::target::{Target, TargetArguments};
use loadtest::{process, setup};

use crate::workload_arguments::WorkloadArguments;
use crate::{Verdict, anchor, runtime, show};

/// How the load runs.
#[derive(Args, Clone, Debug)]
pub(crate) struct PostArguments {
    /// Transfers to post.
    #[arg(long, default_value_t = 2_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    transfers: u64,
    #[command(flatten)]
    workload: WorkloadArguments,
    #[command(flatten)]
    target: TargetArguments,
    /// Run the naive anchor first and give the rate as a ratio to its own; needs `ledgerd-bench`.
    #[arg(long)]
    anchor: bool,
    /// Runs, each on a fresh daemon; the one with the median rate is shown.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

/// Runs a load, as often as asked, and prints what came out of the run with the median rate.
pub(crate) fn run(arguments: &PostArguments) -> Outcome<Verdict> {
    let plan = arguments
        .workload
        .plan(Limit::Transfers(arguments.transfers))?;
    let mut reports = Vec::new();
    for _ in 0..arguments.runs {
        let report = once(arguments, &plan)?;
        if arguments.runs > 1 {
            eprintln!(
                "run {}: {:.0}/s",
                reports.len() + 1,
                report.transfers_per_second
            );
        }
        let is_right = report.differences == 0;
        reports.push(report);
        if !is_right {
            break;
        }
    }
    let is_right = reports.iter().all(|report| report.differences == 0);
    reports.sort_by(|a, b| a.transfers_per_second.total_cmp(&b.transfers_per_second));
    let rates = reports
        .iter()
        .map(|report| report.transfers_per_second)
        .collect();
    let middle = reports.len() / 2;
    let mut report = reports.into_iter().nth(middle).ok_or("no run")?;
    report.rates = rates;
    show(&report.table(), &report)?;
    Ok(if is_right {
        Verdict::Right
    } else {
        Verdict::Different
    })
}

fn once(arguments: &PostArguments, plan: &Plan) -> Outcome<Report> {
    let anchor = if arguments.anchor {
        Some(anchor::measure(
            plan,
            arguments.target.directory.as_deref(),
        )?)
    } else {
        None
    };
    let target = Target::open(&arguments.target)?;
    let loaded = runtime()?.block_on(post(plan, &target))?;
    let peak_memory = target.peak_memory()?;
    let stopped = target.finish()?;
    let measured = Measured {
        anchor,
        peak_memory,
        written: stopped
            .zip(loaded.written_before)
            .map(|(s, before)| s.counters.written - before),
        differences: loaded.differences.count,
        ..loaded.measured
    };
    if !loaded.differences.is_empty() {
        eprintln!("{}", loaded.differences);
    }
    Ok(Report::new(plan, &loaded.answered, &measured))
}

/// A load with what was measured beside it.
pub(crate) struct Loaded {
    pub(crate) books: Vec<BookId>,
    pub(crate) asset: AssetId,
    pub(crate) answered: Answered,
    pub(crate) differences: Differences,
    measured: Measured,
    written_before: Option<u64>,
}

/// Creates what `plan` needs, posts, waits until everything is written, and compares.
pub(crate) async fn post(plan: &Plan, target: &Target) -> Outcome<Loaded> {
    let profiles = target.profiles();
    let memory_empty = target.memory_now()?;
    let (books, asset) = setup::create_books(profiles, plan.shape.books).await?;
    setup::create_accounts(profiles, &books, asset, plan.shape.accounts).await?;
    let memory_filled = target.memory_now()?;

    let (before, own_before) = (target.counters()?, process::own_counters()?);
    let answered = load::run(plan, &profiles.write, &books).await?;
    let own_after = process::own_counters()?;
    target.drain()?;
    let after = target.counters()?;

    let reader = connect(&profiles.write, 1).await?;
    let differences = readback::compare(&reader, &books, asset, &answered.expected).await?;
    reader.close().await;
    let accounts = f64::from(plan.shape.accounts) * f64::from(plan.shape.books);
    let filled = memory_empty.zip(memory_filled);
    Ok(Loaded {
        books,
        asset,
        answered,
        differences,
        measured: Measured {
            client_cpu: own_after.cpu - own_before.cpu,
            daemon_cpu: before
                .zip(after)
                .map(|(before, after)| after.cpu - before.cpu),
            memory_per_account: filled
                .map(|(empty, filled)| filled.saturating_sub(empty) as f64 / accounts),
            ..Measured::default()
        },
        written_before: before.map(|counters| counters.written),
    })
}
