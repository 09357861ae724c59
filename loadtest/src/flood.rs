//! `ledgerd-loadtest flood`.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use clap::Args;
use ledger::{AssetId, BookId};
use loadtest::load::{self, Answered, Limit, Plan};
use loadtest::outcome::Outcome;
use loadtest::profile::Profiles;
use loadtest::readback;
use loadtest::report::{Rows, grouped};
use loadtest::session::connect;
use loadtest::setup;
use loadtest::target::{Target, TargetArguments};

use crate::workload_arguments::WorkloadArguments;
use crate::{Verdict, runtime, show};

/// The tenant that floods.
const FLOODER: &str = "flooder";
/// How long the flood stands before the other tenant is measured beside it.
const LEAD: Duration = Duration::from_secs(1);

/// Who floods and who must not feel it.
#[derive(Args, Clone, Debug)]
pub(crate) struct FloodArguments {
    /// Seconds that the small tenant is measured, alone and beside the flood.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Transfers in each request of the small tenant.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=8_190))]
    small_batch: u32,
    /// Transfers per second that the small tenant offers.
    #[arg(long, default_value_t = 2_000.0)]
    small_rate: f64,
    /// How many times its own p99 the small tenant may see beside the flood: more is exit code 1.
    #[arg(long, default_value_t = 3.0)]
    limit: f64,
    /// The flood.
    #[command(flatten)]
    flood: WorkloadArguments,
    #[command(flatten)]
    target: TargetArguments,
}

/// Measures one tenant alone and beside a flood, and prints both.
pub(crate) fn run(arguments: &FloodArguments) -> Outcome<Verdict> {
    let target = Target::open(&arguments.target)?;
    let small_profiles = target.profiles().clone();
    let flood_profiles = target.issue(FLOODER)?;
    let time = Duration::from_secs(arguments.seconds);
    let small = WorkloadArguments {
        accounts: 1_000,
        books: 1,
        batch: arguments.small_batch,
        clients: 1,
        in_flight: 64,
        rate: Some(arguments.small_rate),
        ..arguments.flood.clone()
    };
    let small = small.plan(Limit::Time(time))?;
    let flood = arguments.flood.plan(Limit::Time(time + 2 * LEAD))?;

    let runtime = runtime()?;
    // Everything is there before the clock runs: books and accounts are not what is measured.
    let ready = |plan: &Plan, profiles: &Profiles| {
        runtime.block_on(Ready::prepare(plan.clone(), profiles.clone()))
    };
    let (first, second) = (
        ready(&small, &small_profiles)?,
        ready(&small, &small_profiles)?,
    );
    let flood = ready(&flood, &flood_profiles)?;
    let alone = runtime.block_on(first.measure())?;
    let flooded = flood.start();
    std::thread::sleep(LEAD);
    let beside = runtime.block_on(second.measure())?;
    let flooded = flooded.recv()??;
    target.finish()?;
    report(arguments, &alone, &beside, &flooded)
}

/// A load with what differs after it.
struct Measured {
    answered: Answered,
    differences: u64,
}

/// A load whose books and accounts are there.
struct Ready {
    plan: Plan,
    profiles: Profiles,
    books: Vec<BookId>,
    asset: AssetId,
}

impl Ready {
    async fn prepare(plan: Plan, profiles: Profiles) -> Outcome<Self> {
        let (books, asset) = setup::create_books(&profiles, plan.shape.books).await?;
        setup::create_accounts(&profiles, &books, asset, plan.shape.accounts).await?;
        Ok(Self {
            plan,
            profiles,
            books,
            asset,
        })
    }

    async fn measure(&self) -> Outcome<Measured> {
        let write = &self.profiles.write;
        let answered = load::run(&self.plan, write, &self.books).await?;
        let reader = connect(write, 1).await?;
        let expected = &answered.expected;
        let differences = readback::compare(&reader, &self.books, self.asset, expected).await?;
        reader.close().await;
        if !differences.is_empty() {
            eprintln!("{differences}");
        }
        Ok(Measured {
            answered,
            differences: differences.count,
        })
    }

    /// Runs in a thread of its own, so that the small tenant's clock does not wait for it.
    fn start(self) -> Receiver<Outcome<Answered>> {
        let (done, answered) = sync_channel(1);
        std::thread::spawn(move || {
            let write = &self.profiles.write;
            let run = |runtime: tokio::runtime::Runtime| {
                runtime.block_on(load::run(&self.plan, write, &self.books))
            };
            let _ = done.send(runtime().and_then(run));
        });
        answered
    }
}

fn report(
    arguments: &FloodArguments,
    alone: &Measured,
    beside: &Measured,
    flooded: &Answered,
) -> Outcome<Verdict> {
    let (before, after) = (
        alone.answered.latency.quantiles(),
        beside.answered.latency.quantiles(),
    );
    let ratio = after.p99 / before.p99;
    let differences = alone.differences + beside.differences;
    let mut rows = Rows::default();
    rows.add("flood, transfers per second", grouped(flooded.rate()));
    rows.add(
        "flood, requests sent again",
        flooded.retries.values().sum::<u64>(),
    );
    for (name, latency) in [("alone", before), ("beside the flood", after)] {
        rows.add(&format!("{name}, p50 ms"), format!("{:.2}", latency.p50));
        rows.add(&format!("{name}, p99 ms"), format!("{:.2}", latency.p99));
        rows.add(&format!("{name}, max ms"), format!("{:.2}", latency.max));
    }
    rows.add("p99 beside / alone", format!("{ratio:.2}"));
    rows.add("differences", differences);
    let line = serde_json::json!({
        "flood_transfers_per_second": flooded.rate(),
        "flood_retries": flooded.retries.values().sum::<u64>(),
        "alone_latency_ms": before,
        "beside_latency_ms": after,
        "p99_ratio": ratio,
        "differences": differences,
    });
    show(&rows.table(), &line)?;
    Ok(match differences {
        0 if ratio <= arguments.limit => Verdict::Right,
        0 => Verdict::Missed,
        _ => Verdict::Different,
    })
}
