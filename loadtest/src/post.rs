//! `ledgerd-loadtest post`.

use clap::{Args, ValueEnum};
use ledger::{AssetId, BookId};
use loadtest::load::{self, Answered, Limit, Plan};
use loadtest::outcome::Outcome;
use loadtest::readback::{self, Differences};
use loadtest::report::{Measured, Report};
use loadtest::session::connect;
use loadtest::signer::{Sealing, SignerArguments};
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
    /// Whether the daemon seals.
    #[arg(long, value_enum, default_value_t = Seals::On, conflicts_with = "connect")]
    seals: Seals,
    /// Beside each run, post the same to another daemon, and give the rate as a ratio to that
    /// one's.
    #[arg(long, value_enum, value_name = "OTHER", conflicts_with = "connect")]
    against: Option<Against>,
    #[command(flatten)]
    signer: SignerArguments,
    /// Runs, each on a fresh daemon; the one with the median rate is shown.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

/// Whether a daemon seals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Seals {
    /// As `ledgerd dev` does, or as the options of the signer say.
    On,
    /// Not at all.
    Off,
}

/// What a rate is a ratio to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Against {
    /// A daemon that seals nothing.
    Off,
    /// A daemon whose signer answers at once and without fail.
    Instant,
}

/// Runs a load, as often as asked, and prints what came out of the run with the median rate.
pub(crate) fn run(arguments: &PostArguments) -> Outcome<Verdict> {
    let sealing = arguments.sealing()?;
    let other = arguments.other(&sealing)?;
    let plan = arguments
        .workload
        .plan(Limit::Transfers(arguments.transfers))?;
    let mut reports: Vec<Report> = Vec::new();
    for number in 0..arguments.runs {
        let report = pair(arguments, &plan, (&sealing, other.as_ref()), number)?;
        if arguments.runs > 1 {
            let rate = report.transfers_per_second;
            eprintln!("run {}: {rate:.0}/s", number + 1);
        }
        let is_right = report.differences == 0;
        reports.push(report);
        if !is_right {
            break;
        }
    }
    let is_right = reports.iter().all(|report| report.differences == 0);
    let report = Report::median(reports).ok_or("no run")?;
    show(&report.table(), &report)?;
    Ok(if is_right {
        Verdict::Right
    } else {
        Verdict::Different
    })
}

impl PostArguments {
    fn sealing(&self) -> Outcome<Sealing> {
        let sealing = self.signer.sealing(false)?;
        match self.seals {
            Seals::On => Ok(sealing),
            Seals::Off if sealing.is_dev() => Ok(Sealing::OFF),
            Seals::Off => Err("`--seals off` has no signer; leave its options out".into()),
        }
    }

    /// What the rate is a ratio to.
    fn other(&self, sealing: &Sealing) -> Outcome<Option<Sealing>> {
        let other = match self.against {
            None => return Ok(None),
            Some(Against::Off) => Sealing::OFF,
            Some(Against::Instant) => sealing.instant(),
        };
        if other == *sealing {
            let text = "both daemons would seal alike; change `--against`, or the signer's options";
            return Err(text.into());
        }
        Ok(Some(other))
    }
}

/// One run, with that of the other daemon: before it or after it in turn, since what runs second
/// finds another machine than what runs first.
fn pair(
    arguments: &PostArguments,
    plan: &Plan,
    (sealing, other): (&Sealing, Option<&Sealing>),
    number: u32,
) -> Outcome<Report> {
    let Some(other) = other else {
        return once(arguments, plan, sealing);
    };
    let first = if number.is_multiple_of(2) {
        None
    } else {
        Some(once(arguments, plan, other)?)
    };
    let mut report = once(arguments, plan, sealing)?;
    let other = match first {
        Some(first) => first,
        None => once(arguments, plan, other)?,
    };
    report.set_against(&other);
    Ok(report)
}

fn once(arguments: &PostArguments, plan: &Plan, sealing: &Sealing) -> Outcome<Report> {
    let anchor = if arguments.anchor {
        Some(anchor::measure(
            plan,
            arguments.target.directory.as_deref(),
        )?)
    } else {
        None
    };
    let target = Target::open_sealing(&arguments.target, sealing)?;
    let loaded = runtime()?.block_on(post(plan, &target))?;
    let peak_memory = target.peak_memory()?;
    let stopped = target.finish()?;
    let measured = Measured {
        signer: match arguments.target.connect {
            Some(_) => String::new(),
            None => sealing.to_string(),
        },
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
    if let Some(proxy) = target.proxy() {
        proxy.control()?.begin().await?;
    }

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
