//! `ledgerd-loadtest effective`.

use std::time::Instant;

use clap::Args;
use client::Client;
use ledger::{Balances, BookId, Code, Nanos, Seq};
use loadtest::latency::Latencies;
use loadtest::load::{self, Limit, Plan};
use loadtest::outcome::Outcome;
use loadtest::report::Rows;
use loadtest::session::connect;
use loadtest::setup;
use loadtest::target::{Target, TargetArguments};
use loadtest::workload::{Dates, Moves, account_id};
use wire::message::{AsOf, BalancesAsOf};

use crate::workload_arguments::WorkloadArguments;
use crate::{Verdict, runtime, show};

/// Business dates lie in a year from 2025-01-01.
const DATES: Dates = Dates {
    from: 1_735_689_600,
    days: 365,
};

/// How the account comes about and is asked about.
#[derive(Args, Clone, Debug)]
pub(crate) struct EffectiveArguments {
    /// Legs of the account, with business dates in no order.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    legs: u64,
    /// Balances to ask for, one after the other.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..))]
    queries: u32,
    #[command(flatten)]
    workload: WorkloadArguments,
    #[command(flatten)]
    target: TargetArguments,
    /// Milliseconds that the p99 may be: more is exit code 1.
    #[arg(long, value_name = "MS")]
    limit: Option<f64>,
}

/// Builds the account, asks for its balances, and prints how long that took.
pub(crate) fn run(arguments: &EffectiveArguments) -> Outcome<Verdict> {
    let mut plan = WorkloadArguments {
        books: 1,
        hot: 1,
        holds: 0,
        ..arguments.workload.clone()
    }
    .plan(Limit::Transfers(arguments.legs))?;
    plan.shape.effective = Some(DATES);
    let target = Target::open(&arguments.target)?;
    let measured = runtime()?.block_on(measure(arguments, &plan, &target))?;
    target.finish()?;

    let mut rows = Rows::default();
    rows.add("legs of the account", arguments.legs);
    rows.add("balances asked for", arguments.queries);
    let mut line = serde_json::Map::new();
    let (all, known_at) = (measured.all.quantiles(), measured.known_at.quantiles());
    for (name, latency) in [("all", all), ("known_at", known_at)] {
        rows.add(&format!("{name}, p50 ms"), format!("{:.2}", latency.p50));
        rows.add(&format!("{name}, p99 ms"), format!("{:.2}", latency.p99));
        rows.add(&format!("{name}, max ms"), format!("{:.2}", latency.max));
        line.insert(format!("{name}_latency_ms"), serde_json::to_value(latency)?);
    }
    rows.add("differences", measured.differences);
    line.insert("legs".to_owned(), arguments.legs.into());
    line.insert("differences".to_owned(), measured.differences.into());
    show(&rows.table(), &line)?;
    let p99 = all.p99.max(known_at.p99);
    Ok(match arguments.limit {
        _ if measured.differences != 0 => Verdict::Different,
        Some(limit) if p99 > limit => Verdict::Missed,
        _ => Verdict::Right,
    })
}

struct Measured {
    /// Everything counts.
    all: Latencies,
    /// Only events up to some sequence count.
    known_at: Latencies,
    differences: u64,
}

async fn measure(
    arguments: &EffectiveArguments,
    plan: &Plan,
    target: &Target,
) -> Outcome<Measured> {
    let profiles = target.profiles();
    let (books, asset) = setup::create_books(profiles, 1).await?;
    setup::create_accounts(profiles, &books, asset, plan.shape.accounts).await?;
    let answered = load::run(plan, &profiles.write, &books).await?;
    if answered.results.keys().any(|code| *code != Code::Created) {
        return Err("some transfers were refused, so that balances are not known".into());
    }
    target.drain()?;
    let reader = connect(&profiles.write, 1).await?;
    let book = *books.first().ok_or("no book")?;
    let events = reader.totals(book).await?.events;
    let days = sums_by_day(plan, &answered.seeds);
    let mut measured = Measured {
        all: Latencies::new()?,
        known_at: Latencies::new()?,
        differences: 0,
    };
    let mut random = fastrand::Rng::with_seed(plan.seed);
    for _ in 0..arguments.queries {
        let day = random.u32(..DATES.days);
        let found = ask(&reader, book, day, u64::MAX, &mut measured.all).await?;
        let expected = days.get(day as usize).copied();
        if found != expected {
            if measured.differences == 0 {
                eprintln!("difference: day {day}: {found:?}, expected {expected:?}");
            }
            measured.differences += 1;
        }
        let known_at = random.u64(..events.max(1));
        ask(&reader, book, day, known_at, &mut measured.known_at).await?;
    }
    reader.close().await;
    Ok(measured)
}

/// Balances of the account at the end of a day.
async fn ask(
    reader: &Client,
    book: BookId,
    day: u32,
    known_at: u64,
    time: &mut Latencies,
) -> Outcome<Option<Balances>> {
    let date = Nanos(DATES.end_of(day));
    let as_of = AsOf::Effective {
        date,
        known_at: Seq(known_at),
    };
    let request = BalancesAsOf {
        as_of,
        ids: vec![account_id(0)],
    };
    let start = Instant::now();
    let found = reader.balances_as_of(book, request).await?;
    time.add(start.elapsed());
    Ok(found.rows.first().copied().flatten())
}

/// Sums of the account at the end of each day, from streams that were posted whole.
fn sums_by_day(plan: &Plan, streams: &[(u64, Vec<u32>)]) -> Vec<Balances> {
    let mut days = vec![Balances::default(); DATES.days as usize];
    for (seed, batches) in streams {
        let mut moves = Moves::new(plan.shape, *seed);
        for count in batches {
            moves.begin_batch();
            for _ in 0..*count {
                let made = moves.next(0);
                let day = &mut days[made.day as usize];
                let amount = u128::from(made.amount);
                if made.debit == 0 {
                    day.debits_posted += amount;
                } else {
                    day.credits_posted += amount;
                }
            }
        }
    }
    for at in 1..days.len() {
        days[at].debits_posted += days[at - 1].debits_posted;
        days[at].credits_posted += days[at - 1].credits_posted;
    }
    days
}
