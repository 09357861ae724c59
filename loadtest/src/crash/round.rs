//! One round: write, kill, start again, compare.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use client::Client;
use ledger::{AssetId, BookId, Code, Transfer, TransferId};
use tokio::runtime::Runtime;
use tokio::task::{JoinSet, LocalSet};

use super::request::{Request, send_all_again};
use super::seals::Seals;
use super::site::Site;
use super::traffic::{End, Seen, Writers, new_account};
use super::truth::Truth;
use super::witness::{Violations, Witness};
use super::{Summary, answers};
use crate::daemon::{Daemon, Place, Start};
use crate::outcome::Outcome;
use crate::profile::Profile;
use crate::session::connect_to;
use crate::setup::create_books_at;

/// Books that are written to.
const BOOKS: u32 = 3;
/// Accounts of each book before the first round.
const ACCOUNTS: u32 = 48;
/// Requests of a connection at once.
const IN_FLIGHT: usize = 64;
/// Transfers of earlier rounds that are sent again after each.
const SAMPLE_MAX: usize = 1_000;
/// Transfers whose records are looked up by id after each round.
const LOOKUPS: usize = 200;
/// What the journal that lives through all rounds is called.
const NAME: &str = "main";

/// The daemon and everything that is known of its books.
pub(super) struct World {
    place: Place,
    daemon: Option<Daemon>,
    address: SocketAddr,
    write: Profile,
    admin: Profile,
    auditor: Profile,
    asset: AssetId,
    accounts: Vec<Rc<Cell<u32>>>,
    witnesses: Vec<Witness>,
    sample: Vec<Sample>,
    notes: Vec<NoteSample>,
    seals: Seals,
}

/// A transfer that was acked in an earlier round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) book: usize,
    pub(super) transfer: Transfer,
    pub(super) seq: u64,
}

/// A reference that was acked with its transfer in an earlier round.
#[derive(Clone, Debug)]
pub(super) struct NoteSample {
    pub(super) book: usize,
    pub(super) id: TransferId,
    pub(super) reference: Vec<u8>,
}

/// What the books held when the daemon was stopped.
pub(super) struct Record {
    pub(super) books: Vec<(BookId, Truth)>,
    pub(super) sample: Vec<Sample>,
    pub(super) notes: Vec<NoteSample>,
    pub(super) write: Profile,
    pub(super) auditor: Profile,
    pub(super) seals: Seals,
}

impl Record {
    /// Events of all books.
    pub(super) fn events(&self) -> u64 {
        self.books.iter().map(|(_, truth)| truth.events()).sum()
    }
}

impl World {
    /// Starts the daemon on an empty journal and creates books and accounts.
    pub(super) fn start(site: &Site, runtime: &Runtime) -> Outcome<Self> {
        let place = site.place(NAME)?;
        let (profiles, write, admin) = site.profiles()?;
        let (daemon, ready) = place.start_ready()?;
        let (books, asset) = runtime.block_on(async {
            let operator = Profile::load(&profiles.operator)?;
            let operator = connect_to(&operator, ready.address, IN_FLIGHT).await?;
            let made = create_books_at(&operator, &profiles.tenant, BOOKS).await?;
            let admin = connect_to(&admin, ready.address, IN_FLIGHT).await?;
            for book in &made.0 {
                let accounts = (0..ACCOUNTS).map(|at| new_account(at, made.1)).collect();
                let outcomes = admin.create_accounts(*book, accounts).await?;
                if outcomes.created != ACCOUNTS {
                    return Err("the first accounts are refused".into());
                }
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(made)
        })?;
        let mut world = Self {
            place,
            daemon: Some(daemon),
            address: ready.address,
            write,
            admin,
            auditor: Profile::load(&profiles.auditor)?,
            asset,
            accounts: books.iter().map(|_| Rc::new(Cell::new(ACCOUNTS))).collect(),
            witnesses: books.into_iter().map(Witness::new).collect(),
            sample: Vec::new(),
            notes: Vec::new(),
            seals: Seals::new(&site.keys())?,
        };
        // What was set up is taken as it stands.
        let mut violations = Violations::default();
        runtime.block_on(async {
            let client = world.connect().await?;
            world.read_all(&client, &mut violations).await
        })?;
        world.witnesses.iter_mut().for_each(Witness::end_round);
        match violations.count {
            0 => Ok(world),
            _ => Err("the records of a fresh journal do not fit".into()),
        }
    }

    /// One round.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of a run, each with one owner"
    )]
    pub(super) fn round(
        &mut self,
        site: &Site,
        runtime: &Runtime,
        number: u32,
        time: Duration,
        random: &mut fastrand::Rng,
        summary: &mut Summary,
        violations: &mut Violations,
    ) -> Outcome<()> {
        let end = End::draw(random);
        let seed = random.u64(..);
        let seen = runtime.block_on(self.load(site, end, time, seed));
        let seen = seen.map_err(|error| self.explain(number, &*error))?;
        summary.kills += u32::from(end != End::Stop);
        let logs = seen.logs.iter().map(|log| log.borrow());
        let (mut answered, mut open) = (0, 0);
        for log in logs {
            answered += log
                .iter()
                .filter(|request| !request.answers.is_empty())
                .count() as u64;
            open += log.iter().filter(|request| request.is_open).count() as u64;
        }
        summary.answered += answered;
        summary.unanswered += open;
        let starts_killed = if random.u8(..3) == 0 {
            random.u32(1..=3)
        } else {
            0
        };
        for _ in 0..starts_killed {
            summary.kills += 1;
            self.kill_while_starting(Duration::from_millis(random.u64(..400)))?;
        }
        let ready = self.restart()?;
        summary.slowest_start = summary.slowest_start.max(ready.as_secs_f64());
        let compared = runtime.block_on(self.compare(seen, violations));
        summary.receipts += compared.map_err(|error| self.explain(number, &*error))?;
        let events: u64 = self
            .witnesses
            .iter()
            .map(|witness| witness.truth.events())
            .sum();
        eprintln!(
            "round {number}: {end:?} after {} ms, {starts_killed} starts killed, ready in {} ms; \
             {answered} answered, {open} open, {events} events, {} violations",
            time.as_millis(),
            ready.as_millis(),
            violations.count,
        );
        Ok(())
    }

    /// Stops the daemon cleanly and says what its books held.
    pub(super) fn stop(
        mut self,
        runtime: &Runtime,
        violations: &mut Violations,
    ) -> Outcome<Record> {
        runtime.block_on(async {
            let client = self.connect().await?;
            for witness in &mut self.witnesses {
                // All of it once more from the start: the past must read as it did.
                let mut again = Witness::new(witness.book);
                again.read_all(&client, violations).await?;
                again.check_seen(0, witness.truth.leaves(), violations);
                *witness = again;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        })?;
        let daemon = self.daemon.take().ok_or("the daemon is gone")?;
        let stopped = daemon.stop()?;
        if !stopped.status.success() {
            violations.add(|| format!("told to stop, the daemon ended with {}", stopped.status));
        }
        Ok(Record {
            books: self
                .witnesses
                .into_iter()
                .map(|each| (each.book, each.truth))
                .collect(),
            sample: self.sample,
            notes: self.notes,
            write: self.write,
            auditor: self.auditor,
            seals: self.seals,
        })
    }

    /// What a round that cannot go on leaves for whoever looks into it.
    fn explain(&self, number: u32, error: &dyn std::error::Error) -> String {
        let state = self.daemon.as_ref().map(Daemon::state).unwrap_or_default();
        format!(
            "round {number}: {error}; the daemon: {state}\nits log:\n{}",
            self.place.log_end()
        )
    }

    async fn connect(&self) -> Outcome<Client> {
        connect_to(&self.write, self.address, IN_FLIGHT).await
    }

    async fn load(&mut self, site: &Site, end: End, time: Duration, seed: u64) -> Outcome<Seen> {
        let write = self.connect().await?;
        let admin = connect_to(&self.admin, self.address, IN_FLIGHT).await?;
        let auditor = connect_to(&self.auditor, self.address, IN_FLIGHT).await?;
        let daemon = self.daemon.take().ok_or("the daemon is gone")?;
        let books: Vec<BookId> = self.witnesses.iter().map(|witness| witness.book).collect();
        let read: Vec<u64> = self
            .witnesses
            .iter()
            .map(|each| each.truth.events())
            .collect();
        let writers = Writers {
            write: &write,
            admin: &admin,
            auditor: &auditor,
            books: &books,
            accounts: &self.accounts,
            read: &read,
            asset: self.asset,
        };
        writers
            .write_until_end(daemon, &site.journal(NAME), end, time, seed)
            .await
    }

    fn kill_while_starting(&mut self, time: Duration) -> Outcome<()> {
        let daemon = self.place.start()?;
        std::thread::sleep(time);
        daemon.kill()?;
        Ok(())
    }

    fn restart(&mut self) -> Outcome<Duration> {
        let mut daemon = self.place.start()?;
        match daemon.wait_ready()? {
            Start::Ready(ready) => {
                self.address = ready.address;
                self.daemon = Some(daemon);
                Ok(ready.after)
            }
            Start::Ended(status) => {
                let log = self.place.log_end();
                Err(format!("after a kill the daemon does not start: {status}\n{log}").into())
            }
        }
    }

    /// Holds what clients saw against what there is. How many receipts they had.
    async fn compare(&mut self, mut seen: Seen, violations: &mut Violations) -> Outcome<u64> {
        let client = self.connect().await?;
        self.read_all(&client, violations).await?;
        for (witness, (first, leaves)) in self.witnesses.iter().zip(&seen.watched) {
            witness.check_seen(*first, leaves, violations);
        }
        self.send_again(&seen).await?;
        self.read_all(&client, violations).await?;
        let requests: Vec<Request> = seen
            .logs
            .iter()
            .flat_map(|log| log.borrow().clone())
            .collect();
        answers::check(&requests, &self.witnesses, violations);
        check_sample(&client, &self.sample, &self.books(), violations).await?;
        check_notes(&client, &self.notes, &self.books(), violations).await?;
        for witness in &mut self.witnesses {
            check_lookups(&client, witness, violations).await?;
            witness.check_balances(&client, violations).await?;
        }
        let auditor = connect_to(&self.auditor, self.address, IN_FLIGHT).await?;
        let shown = std::mem::take(&mut seen.shown);
        let books: Vec<_> = self.witnesses.iter().map(|w| (w.book, &w.truth)).collect();
        let checked = self
            .seals
            .check(&auditor, &client, &books, shown, violations);
        let receipts = checked.await?;
        self.keep_sample(&requests);
        for (accounts, witness) in self.accounts.iter().zip(&mut self.witnesses) {
            accounts.set(witness.truth.accounts().len() as u32);
            witness.end_round();
        }
        client.close().await;
        Ok(receipts)
    }

    /// Sends every request of the round once more, acked or not, with the same bytes.
    async fn send_again(&self, seen: &Seen) -> Outcome<()> {
        let write = self.connect().await?;
        let admin = connect_to(&self.admin, self.address, IN_FLIGHT).await?;
        let books = self.books();
        LocalSet::new()
            .run_until(async {
                let mut running = JoinSet::new();
                for (at, log) in seen.logs.iter().enumerate() {
                    let is_last = at + 1 == seen.logs.len();
                    let client = if is_last {
                        admin.clone()
                    } else {
                        write.clone()
                    };
                    running.spawn_local(send_all_again(client, books.clone(), log.clone()));
                }
                while let Some(done) = running.join_next().await {
                    done??;
                }
                Ok(())
            })
            .await
    }

    async fn read_all(&mut self, client: &Client, violations: &mut Violations) -> Outcome<()> {
        for witness in &mut self.witnesses {
            witness.read_all(client, violations).await?;
        }
        Ok(())
    }

    fn books(&self) -> Vec<BookId> {
        self.witnesses.iter().map(|witness| witness.book).collect()
    }

    fn keep_sample(&mut self, requests: &[Request]) {
        for request in requests {
            for (index, item) in request
                .items()
                .filter(|(_, item)| item.code == Code::Created)
            {
                let transfer = request.transfers().get(index);
                let (Some(transfer), Some(seq)) = (transfer, item.seq) else {
                    continue;
                };
                let reference = request.reference(index);
                if !reference.is_empty() {
                    let (book, id) = (request.book, transfer.id);
                    put(
                        &mut self.notes,
                        NoteSample {
                            book,
                            id,
                            reference: reference.to_vec(),
                        },
                    );
                } else if !is_in_set(request, index) && fastrand::u8(..8) == 0 {
                    // Members of a set are not sent again by themselves.
                    let one = Sample {
                        book: request.book,
                        transfer: *transfer,
                        seq: seq.0,
                    };
                    put(&mut self.sample, one);
                }
            }
        }
    }
}

fn put<T>(sample: &mut Vec<T>, one: T) {
    if sample.len() < SAMPLE_MAX {
        sample.push(one);
    } else {
        sample[fastrand::usize(..SAMPLE_MAX)] = one;
    }
}

fn is_in_set(request: &Request, index: usize) -> bool {
    let linked = |at: usize| request.next_in_set(at).is_some();
    linked(index) || index.checked_sub(1).is_some_and(linked)
}

/// Transfers of earlier rounds, sent again, exist where they stood.
pub(super) async fn check_sample(
    client: &Client,
    sample: &[Sample],
    books: &[BookId],
    violations: &mut Violations,
) -> Outcome<()> {
    for (at, book) in books.iter().enumerate() {
        let of_book: Vec<&Sample> = sample.iter().filter(|one| one.book == at).collect();
        if of_book.is_empty() {
            continue;
        }
        let transfers: Vec<Transfer> = of_book.iter().map(|one| one.transfer).collect();
        let outcomes = client.post(*book, &transfers, &[]).await?;
        for (index, one) in (0..).zip(&of_book) {
            let (code, seq) = (outcomes.code(index), outcomes.seq(index));
            if code != Code::Exists || seq.map(|seq| seq.0) != Some(one.seq) {
                let id = one.transfer.id;
                violations.add(|| format!("book {book}: old transfer {id} answers `{code}`"));
            }
        }
    }
    Ok(())
}

/// Transfers looked up by id are what the records say.
async fn check_lookups(
    client: &Client,
    witness: &Witness,
    violations: &mut Violations,
) -> Outcome<()> {
    let records = &witness.new_transfers;
    let step = (records.len() / LOOKUPS).max(1);
    let some: Vec<_> = records.iter().step_by(step).collect();
    let ids: Vec<_> = some.iter().map(|record| record.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let found = client.lookup_transfers(witness.book, &ids).await?;
    for (record, found) in some.iter().zip(found.rows) {
        let same = found.as_ref().is_some_and(|found| {
            found.row.record == **record && found.row.note.is_some() == record.commitments.is_some()
        });
        if !same {
            let (book, id) = (witness.book, record.id);
            violations.add(|| format!("book {book}: transfer {id} is looked up as another"));
        }
    }
    Ok(())
}

/// References of transfers of earlier rounds read as they were written.
pub(super) async fn check_notes(
    client: &Client,
    notes: &[NoteSample],
    books: &[BookId],
    violations: &mut Violations,
) -> Outcome<()> {
    for (at, book) in books.iter().enumerate() {
        let of_book: Vec<&NoteSample> = notes.iter().filter(|one| one.book == at).collect();
        let ids: Vec<TransferId> = of_book.iter().map(|one| one.id).collect();
        if ids.is_empty() {
            continue;
        }
        let found = client.lookup_transfers(*book, &ids).await?;
        for (one, found) in of_book.iter().zip(found.rows) {
            let note = found.and_then(|found| found.row.note);
            if note.is_none_or(|note| *note.reference != one.reference[..]) {
                let id = one.id;
                violations.add(|| format!("book {book}: the reference of {id} is another"));
            }
        }
    }
    Ok(())
}
