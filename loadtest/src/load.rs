//! A load: batches over several connections, and how they were answered.

mod feed;
mod lane;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use ledger::{BookId, Code};
use tokio::task::{JoinSet, LocalSet};
use wire::message::Outcomes;

use crate::expect::Expected;
use crate::latency::Latencies;
use crate::outcome::Outcome;
use crate::pace::Pace;
use crate::session::connect;
use crate::workload::{IdOrder, Shape};

use feed::Feed;

/// What is posted and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the transfers are.
    pub shape: Shape,
    /// In which order their ids come.
    pub order: IdOrder,
    /// Seed of it all. Ids are drawn afresh in every run.
    pub seed: u64,
    /// When it ends.
    pub limit: Limit,
    /// Transfers in a request.
    pub batch: u32,
    /// Connections.
    pub clients: u32,
    /// Requests of a connection that wait for answers at once.
    pub in_flight: u32,
    /// Transfers per second to offer; as many as are answered if `None`.
    pub rate: Option<f64>,
}

/// When a load ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// After so many transfers.
    Transfers(u64),
    /// After this time.
    Time(Duration),
}

/// How a load was answered.
#[derive(Debug)]
pub struct Answered {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Transfers sent.
    pub sent: u64,
    /// Requests answered.
    pub requests: u64,
    /// How items were decided, by code.
    pub results: BTreeMap<Code, u64>,
    /// Requests that were sent again, by what the first answer said.
    pub retries: BTreeMap<Code, u64>,
    /// Time from the intended start of a request to its answer.
    pub latency: Latencies,
    /// What the answers imply.
    pub expected: Expected,
    /// Seed of every connection's stream with the sizes of its batches.
    pub seeds: Vec<(u64, Vec<u32>)>,
}

/// A request that was answered, for whoever looks on.
#[derive(Clone, Copy, Debug)]
pub struct Posted<'a> {
    /// Its book.
    pub book: BookId,
    /// Its transfers.
    pub transfers: u32,
    /// How they were decided.
    pub outcomes: &'a Outcomes,
    /// When it was meant to be sent.
    pub meant: Instant,
    /// When the answer was there.
    pub answered: Instant,
}

/// Looks on while a load runs. It must not take long: the load waits.
pub type Observer = Rc<dyn Fn(&Posted<'_>)>;

/// What the lanes of a load share.
struct Shared {
    plan: Plan,
    books: Vec<BookId>,
    pace: Pace,
    start: Instant,
    /// Transfers still to be sent.
    left: Cell<u64>,
    retries: RefCell<BTreeMap<Code, u64>>,
    latency: RefCell<Latencies>,
    last_answer: Cell<Instant>,
    observer: Observer,
}

/// Runs `plan` on books that nothing moved yet.
///
/// # Errors
/// There is no connection, or a request was refused as a whole for good.
pub async fn run(plan: &Plan, profile: &Path, books: &[BookId]) -> Outcome<Answered> {
    run_observed(plan, profile, books, Rc::new(|_| {})).await
}

/// As [`run`], while somebody looks on.
///
/// # Errors
/// As [`run`].
pub async fn run_observed(
    plan: &Plan,
    profile: &Path,
    books: &[BookId],
    observer: Observer,
) -> Outcome<Answered> {
    let mut clients = Vec::new();
    for _ in 0..plan.clients {
        clients.push(connect(profile, plan.in_flight as usize).await?);
    }
    let ids = fastrand::u64(..);
    let feeds: Vec<_> = (0..u64::from(plan.clients))
        .map(|number| Rc::new(RefCell::new(Feed::new(plan, number, ids))))
        .collect();
    let shared = Rc::new(Shared::start(plan, books, observer)?);
    let lanes = LocalSet::new();
    lanes
        .run_until(async {
            let mut running = JoinSet::new();
            for (client, feed) in clients.iter().zip(&feeds) {
                for _ in 0..plan.in_flight {
                    running.spawn_local(lane::run(shared.clone(), feed.clone(), client.clone()));
                }
            }
            while let Some(done) = running.join_next().await {
                done??;
            }
            Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
        })
        .await?;
    let elapsed = shared.last_answer.get() - shared.start;
    for client in clients {
        client.close().await;
    }
    Ok(Answered::of(plan, &shared, &feeds, elapsed))
}

impl Shared {
    fn start(plan: &Plan, books: &[BookId], observer: Observer) -> Outcome<Self> {
        let requests = plan.rate.map(|rate| rate / f64::from(plan.batch));
        let pace = Pace::new(requests);
        let start = Instant::now();
        Ok(Self {
            plan: plan.clone(),
            books: books.to_vec(),
            pace,
            start,
            left: Cell::new(match plan.limit {
                Limit::Transfers(count) => count,
                Limit::Time(_) => u64::MAX,
            }),
            retries: RefCell::default(),
            latency: RefCell::new(Latencies::new()?),
            last_answer: Cell::new(start),
            observer,
        })
    }

    fn observe(&self, posted: &Posted<'_>) {
        (self.observer)(posted);
    }

    /// How many transfers the next request takes; 0 at the end.
    fn take(&self) -> u32 {
        if matches!(self.plan.limit, Limit::Time(limit) if self.start.elapsed() >= limit) {
            self.left.set(0);
        }
        let count = self.left.get().min(u64::from(self.plan.batch)) as u32;
        self.left.set(self.left.get() - u64::from(count));
        if self.left.get() == 0 {
            self.pace.end();
        }
        count
    }
}

impl Answered {
    fn of(plan: &Plan, shared: &Shared, feeds: &[Rc<RefCell<Feed>>], elapsed: Duration) -> Self {
        let mut answered = Self {
            elapsed,
            sent: 0,
            requests: 0,
            results: BTreeMap::new(),
            retries: shared.retries.take(),
            latency: shared.latency.borrow().clone(),
            expected: Expected::new(plan.shape.books, plan.shape.accounts),
            seeds: Vec::new(),
        };
        for feed in feeds {
            let feed = feed.borrow();
            answered.requests += feed.batches().len() as u64;
            let sizes: Vec<u32> = feed.batches().iter().map(|(count, _)| *count).collect();
            answered.sent += sizes.iter().map(|count| u64::from(*count)).sum::<u64>();
            answered.seeds.push((feed.seed(), sizes));
            answered
                .expected
                .add_stream(plan.shape, feed.seed(), feed.batches());
            for (code, count) in feed.results() {
                *answered.results.entry(*code).or_default() += count;
            }
        }
        answered
    }

    /// Transfers that were posted by this load.
    pub fn posted(&self) -> u64 {
        let count = |code| self.results.get(&code).copied().unwrap_or(0);
        count(Code::Created) + count(Code::Exists)
    }

    /// Transfers posted per second.
    pub fn rate(&self) -> f64 {
        self.posted() as f64 / self.elapsed.as_secs_f64()
    }
}
