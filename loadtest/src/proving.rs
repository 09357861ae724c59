//! Postings and requests for proofs together, each at its own rate, whatever the answers take.

mod asker;
mod chain;
mod fresh;
mod question;
mod tally;
mod watch;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use client::Client;
use ledger::{AccountId, BookId};
use tokio::task::{JoinSet, LocalSet};
use verify::Keyring;
use wire::message::SealStatusRequest;

use crate::latency::Latencies;
use crate::load::{self, Answered, Plan};
use crate::mix::{Kind, Mix};
use crate::outcome::Outcome;
use crate::pace::Open;
use crate::profile::Profiles;
use crate::schedule::Schedule;
use crate::session::connect;
use crate::signer::{Control, Outage};
use crate::timeline::Timeline;

use asker::Asker;
use fresh::Fresh;

pub use chain::Seals;
pub use tally::Tally;
pub use watch::Sample;

/// Requests that wait for answers at once, over one connection: more than a daemon takes, so that
/// what waits for a seal does not keep others from being sent.
const PROOFS_AT_ONCE: usize = 4_096;
/// … for receipts of what was just posted. Those wait for a seal: not so many of them that the
/// daemon would answer nobody else.
const FRESH_AT_ONCE: usize = 512;
/// How long the first seal may take.
const FIRST_SEAL: Duration = Duration::from_secs(30);

/// What is asked for.
#[derive(Clone, Debug)]
pub struct ProvePlan {
    /// What is posted, at which rate.
    pub load: Plan,
    /// How long.
    pub time: Duration,
    /// Proofs per second.
    pub proofs_per_second: f64,
    /// Receipts per second of what was just posted, at most one for each request.
    pub fresh_per_second: f64,
    /// Which proofs.
    pub mix: Mix,
    /// One of so many is verified.
    pub verify_every: u64,
    /// Events in a range, at most.
    pub range_events: u64,
    /// Postings in a statement, at most.
    pub statement_events: u64,
    /// Times in which nothing is signed.
    pub outages: Vec<Outage>,
}

/// Whom to ask, and what answers are verified by.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// How to connect.
    pub profiles: &'a Profiles,
    /// Books that nothing moved yet.
    pub books: &'a [BookId],
    /// Keys of what is sealed.
    pub keyring: Keyring,
    /// What changes the faults of the signing proxy, if there is one.
    pub control: Option<Control>,
}

/// How it came out.
#[derive(Debug)]
pub struct Proven {
    /// How postings were answered.
    pub answered: Answered,
    /// Postings over time.
    pub posts: Timeline,
    /// Receipts of what was just posted, from the posting's answer on.
    pub receipts: Tally,
    /// Proofs.
    pub proofs: Tally,
    /// Latencies of proofs by their kind.
    pub kinds: BTreeMap<Kind, Latencies>,
    /// How far seals were behind, asked some 14 times a second.
    pub samples: Vec<Sample>,
    /// Rows of the audit chain that were made meanwhile; absent where nobody may read them.
    pub seals: Option<Seals>,
    /// From the start to the last answer.
    pub elapsed: Duration,
}

/// What requests are made of, and what is learnt on the way.
#[derive(Debug)]
struct World {
    plan: ProvePlan,
    books: Vec<BookId>,
    /// Events of each book that are known to be sealed.
    sealed: Vec<Cell<u64>>,
    /// An account whose postings are known to be sealed, with the index of its book.
    account: Cell<Option<(usize, AccountId)>>,
    random: RefCell<fastrand::Rng>,
}

/// Runs `plan`.
///
/// # Errors
/// There is no connection, nothing is sealed, or a posting was refused for good.
pub async fn run(plan: &ProvePlan, place: &Place<'_>) -> Outcome<Proven> {
    let write = &place.profiles.write;
    let status = connect(write, 8).await?;
    let world = Rc::new(World::new(plan, place.books));
    let first_row = world.wait_sealed(&status).await?;
    let asker = |kinds: &'static [Kind], at_once| {
        let keyring = place.keyring.clone();
        Asker::connect(write, kinds, at_once, keyring, plan.verify_every)
    };
    let proofs = Rc::new(asker(&Kind::ALL, PROOFS_AT_ONCE).await?);
    let receipts = Rc::new(asker(&[Kind::Receipt], FRESH_AT_ONCE).await?);
    if let Some(control) = &place.control {
        control.begin().await?;
    }
    let local = LocalSet::new();
    let (start, answered, posts, samples) = local
        .run_until(drive(plan, place, &world, &proofs, &receipts, &status))
        .await?;
    let elapsed = start.elapsed();
    let seals = chain::read(&place.profiles.auditor, first_row, &place.keyring).await?;
    status.close().await;
    let (receipts, _) = receipts.end().await;
    let (proofs, kinds) = proofs.end().await;
    Ok(Proven {
        answered,
        posts,
        receipts,
        proofs,
        kinds,
        samples,
        seals,
        elapsed,
    })
}

type Driven = (Instant, Answered, Timeline, Vec<Sample>);

async fn drive(
    plan: &ProvePlan,
    place: &Place<'_>,
    world: &Rc<World>,
    proofs: &Rc<Asker>,
    receipts: &Rc<Asker>,
    status: &Client,
) -> Outcome<Driven> {
    let start = Instant::now();
    proofs.begin(start)?;
    receipts.begin(start)?;
    let samples = Rc::new(RefCell::new(Vec::new()));
    let watching = tokio::task::spawn_local(watch::run(
        status.clone(),
        world.clone(),
        start,
        samples.clone(),
    ));
    let mut work = JoinSet::new();
    let schedule = Schedule::over(start, plan.proofs_per_second, plan.time);
    proofs.offer(schedule.count());
    work.spawn_local(prove(world.clone(), proofs.clone(), Open::new(schedule)));
    let (fresh, asked) = Fresh::new(plan, world.clone());
    work.spawn_local(fresh::follow(asked, receipts.clone(), world.clone()));
    for outage in plan.outages.iter().copied() {
        let control = place.control.clone().ok_or("no signing proxy of ours")?;
        work.spawn_local(async move { control.outage(start, outage).await });
    }
    let posts = Rc::new(RefCell::new(Timeline::new(start)?));
    let (into, receipts) = (posts.clone(), receipts.clone());
    let observer = move |posted: &load::Posted<'_>| {
        let (meant, answered) = (posted.meant, posted.answered);
        let amount = u64::from(posted.outcomes.created);
        into.borrow_mut().add(meant, answered, amount);
        fresh.follow_up(posted, &receipts);
    };
    let write = &place.profiles.write;
    // The observer goes with the load, and with it what `follow` waits for.
    let answered = load::run_observed(&plan.load, write, place.books, Rc::new(observer)).await?;
    while let Some(done) = work.join_next().await {
        done??;
    }
    watching.abort();
    let (posts, samples) = (posts.borrow().clone(), samples.borrow().clone());
    Ok((start, answered, posts, samples))
}

/// Asks for proofs at the times that `pace` gives out, each on its own: one that waits for a seal
/// keeps no other.
async fn prove(world: Rc<World>, asker: Rc<Asker>, pace: Open) -> Outcome<()> {
    let mut asking = JoinSet::new();
    while let Some(meant) = pace.next().await {
        let (world, asker) = (world.clone(), asker.clone());
        asking.spawn_local(async move {
            let (book, question) = world.question();
            asker.ask(&world, book, question, meant).await
        });
        while let Some(done) = asking.try_join_next() {
            done??;
        }
    }
    while let Some(done) = asking.join_next().await {
        done??;
    }
    Ok(())
}

impl World {
    fn new(plan: &ProvePlan, books: &[BookId]) -> Self {
        Self {
            plan: plan.clone(),
            books: books.to_vec(),
            sealed: books.iter().map(|_| Cell::new(0)).collect(),
            account: Cell::new(None),
            random: RefCell::new(fastrand::Rng::with_seed(plan.load.seed)),
        }
    }

    /// Waits until the accounts of all books are sealed; gives the row of the last seal.
    async fn wait_sealed(&self, status: &Client) -> Outcome<u64> {
        let limit = Instant::now() + FIRST_SEAL;
        let mut row = 0;
        for (book, known) in self.books.iter().zip(&self.sealed) {
            loop {
                let found = status.seal_status(*book, SealStatusRequest {}).await?;
                row = row.max(found.sealed.seal_seq);
                if found.sealed.size > 0 && found.sealed.size >= found.committed {
                    known.set(found.sealed.size);
                    break;
                }
                if Instant::now() > limit {
                    return Err(format!("book {book} was not sealed in time").into());
                }
                tokio::time::sleep(watch::EVERY).await;
            }
        }
        Ok(row)
    }

    /// Notes that so many events of a book are sealed.
    fn learn(&self, book: usize, size: u64) {
        if let Some(known) = self.sealed.get(book) {
            known.set(known.get().max(size));
        }
    }

    fn book(&self, index: usize) -> BookId {
        self.books.get(index).copied().unwrap_or(BookId::SYSTEM)
    }
}
