//! `ledgerd-loadtest proof`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use loadtest::figures::{Beside, Figures};
use loadtest::load::{Limit, Plan};
use loadtest::mix::Mix;
use loadtest::outcome::Outcome;
use loadtest::proving::{self, Place, ProvePlan, Proven};
use loadtest::session::connect;
use loadtest::signer::{Outage, SignerArguments};
use loadtest::slo::Slo;
use loadtest::target::{Target, TargetArguments};
use loadtest::workload::{IdOrder, Shape};
use loadtest::{page, process, readback, setup};

use crate::{Verdict, runtime, show};

/// What is posted and proven, and what is asked of it.
#[derive(Args, Clone, Debug)]
pub(crate) struct ProofArguments {
    /// Seconds for which requests are sent.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Transfers per second to offer, whatever the answers take.
    #[arg(long, value_name = "TRANSFERS", default_value_t = 50_000.0, value_parser = rate)]
    post_rate: f64,
    /// Transfers in a request.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=8_190))]
    batch: u32,
    /// Proofs per second to offer, of events that are sealed already.
    #[arg(long, value_name = "PROOFS", default_value_t = 200.0, value_parser = rate)]
    proof_rate: f64,
    /// Receipts per second to ask for of what was just posted, as soon as the posting is answered;
    /// at most one for each request.
    #[arg(long, value_name = "RECEIPTS", default_value_t = 100.0, value_parser = rate)]
    receipt_rate: f64,
    /// Kinds of proofs with their weights: `receipt`, `range`, `statement`, `checkpoint`.
    #[arg(long, default_value = "receipt=90,range=5,statement=4,checkpoint=1")]
    mix: Mix,
    /// Events in a range, at most; it is proven without them.
    #[arg(long, value_name = "EVENTS", default_value_t = 1_000_000,
          value_parser = clap::value_parser!(u64).range(1..))]
    range_events: u64,
    /// Postings in a statement, at most.
    #[arg(long, value_name = "POSTINGS", default_value_t = 100,
          value_parser = clap::value_parser!(u64).range(1..))]
    statement_postings: u64,
    /// Verify one of so many proofs, for rates at which this program would be what is measured.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..))]
    verify_one_of: u64,
    /// Accounts in all, spread evenly over the books.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..))]
    accounts: u32,
    /// Books; each request goes to one of them.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    books: u32,
    /// Connections that post.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    clients: u32,
    /// Requests of each of them that wait for answers at once.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    in_flight: u32,
    /// Seed of the load's content; ids are drawn afresh in every run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A bound, such as `receipt_p99=300ms`, `proof_p95=5s` or `seal_rate=10`; several may be
    /// given. A breach is exit code 1.
    #[arg(long, value_name = "NAME=BOUND")]
    slo: Vec<Slo>,
    /// Write a page with plots.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Keyring to verify by; the one beside the profiles unless given.
    #[arg(long, value_name = "FILE")]
    keyring: Option<PathBuf>,
    #[command(flatten)]
    signer: SignerArguments,
    /// Have nothing signed for a while: how long, and from when on, such as `30s@20s`; several may
    /// be given.
    #[arg(long, value_name = "TIME@START", conflicts_with = "connect")]
    signer_down: Vec<Outage>,
    #[command(flatten)]
    target: TargetArguments,
}

/// Posts and proves, and prints and judges what came out.
pub(crate) fn run(arguments: &ProofArguments) -> Outcome<Verdict> {
    let plan = arguments.plan()?;
    let sealing = arguments
        .signer
        .sealing(!arguments.signer_down.is_empty())?;
    let target = Target::open_sealing(&arguments.target, &sealing)?;
    let (proven, mut beside) = runtime()?.block_on(measure(arguments, &plan, &target))?;
    target.finish()?;
    beside.signer = match (&arguments.target.connect, &arguments.signer_down[..]) {
        (Some(_), _) => "that of the daemon".to_owned(),
        (None, []) => sealing.to_string(),
        (None, outages) => {
            let down = |outage: &Outage| {
                let (lasts, after) = (outage.lasts.as_secs_f64(), outage.after.as_secs_f64());
                format!("down for {lasts} s from second {after}")
            };
            let down: Vec<String> = outages.iter().map(down).collect();
            format!("{sealing}, {}", down.join(", "))
        }
    };
    let figures = Figures::new(&plan, &proven, &beside, &arguments.slo);
    for why in proven.receipts.told.iter().chain(&proven.proofs.told) {
        eprintln!("false proof: {why}");
    }
    if let Some(file) = &arguments.report {
        let html = page::html(&plan, &proven, &figures)?;
        std::fs::write(file, html).map_err(|error| format!("`{}`: {error}", file.display()))?;
    }
    show(&figures.table(), &figures)?;
    Ok(match figures.holds() {
        _ if !figures.is_right() => Verdict::Different,
        true => Verdict::Right,
        false => Verdict::Missed,
    })
}

async fn measure(
    arguments: &ProofArguments,
    plan: &ProvePlan,
    target: &Target,
) -> Outcome<(Proven, Beside)> {
    let profiles = target.profiles();
    let shape = plan.load.shape;
    let (books, asset) = setup::create_books(profiles, shape.books).await?;
    setup::create_accounts(profiles, &books, asset, shape.accounts).await?;
    let place = Place {
        profiles,
        books: &books,
        keyring: target.keyring(arguments.keyring.as_deref())?,
        control: target.proxy().map(|proxy| proxy.control()).transpose()?,
    };
    let (before, own_before) = (target.counters()?, process::own_counters()?);
    let proven = proving::run(plan, &place).await?;
    let own_after = process::own_counters()?;
    target.drain()?;
    let after = target.counters()?;
    let reader = connect(&profiles.write, 1).await?;
    let expected = &proven.answered.expected;
    let differences = readback::compare(&reader, &books, asset, expected).await?;
    reader.close().await;
    if !differences.is_empty() {
        eprintln!("{differences}");
    }
    let beside = Beside {
        signer: String::new(),
        daemon_cpu: before
            .zip(after)
            .map(|(before, after)| (after.cpu - before.cpu).as_secs_f64()),
        client_cpu: (own_after.cpu - own_before.cpu).as_secs_f64(),
        differences: differences.count,
    };
    Ok((proven, beside))
}

impl ProofArguments {
    fn plan(&self) -> Outcome<ProvePlan> {
        let accounts = self.accounts / self.books;
        if accounts < 2 {
            return Err("each book needs at least 2 accounts; raise `--accounts`".into());
        }
        let transfers = (self.post_rate * self.seconds as f64).round().max(1.0) as u64;
        let load = Plan {
            shape: Shape {
                books: self.books,
                accounts,
                hot: 0,
                holds: 0,
                lag: 0,
                effective: None,
            },
            order: IdOrder::Time,
            seed: self.seed,
            limit: Limit::Transfers(transfers),
            batch: self.batch,
            clients: self.clients,
            in_flight: self.in_flight,
            rate: Some(self.post_rate),
        };
        Ok(ProvePlan {
            load,
            time: Duration::from_secs(self.seconds),
            proofs_per_second: self.proof_rate,
            fresh_per_second: self.receipt_rate,
            mix: self.mix.clone(),
            verify_every: self.verify_one_of,
            range_events: self.range_events,
            statement_events: self.statement_postings,
            outages: self.signer_down.clone(),
        })
    }
}

/// A number per second that can be offered.
fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.01..=1e9).contains(&rate) => Ok(rate),
        _ => Err(format!(
            "`{text}` is no number per second; give one from 0.01 on"
        )),
    }
}
