//! Asks, asks again where that makes sense, verifies, and remembers how long it took.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use client::Client;
use ledger::Code;
use verify::Keyring;

use super::World;
use super::question::{Question, Refusal};
use super::tally::Tally;
use crate::latency::Latencies;
use crate::mix::Kind;
use crate::outcome::Outcome;
use crate::session::{connect, retry_after};

/// How long the same is asked again and again before it is given up.
const GIVE_UP: Duration = Duration::from_secs(120);
/// Time before a receipt is asked for again that is not there yet.
const SOON: Duration = Duration::from_millis(10);

/// Asks over a connection for each kind: what waits for a seal takes room of its connection that
/// others would need.
#[derive(Debug)]
pub(super) struct Asker {
    clients: BTreeMap<Kind, Client>,
    keyring: Keyring,
    verify_every: u64,
    asked: Cell<u64>,
    tally: RefCell<Tally>,
    kinds: RefCell<BTreeMap<Kind, Latencies>>,
}

impl Asker {
    pub(super) async fn connect(
        profile: &Path,
        kinds: &[Kind],
        in_flight: usize,
        keyring: Keyring,
        verify_every: u64,
    ) -> Outcome<Self> {
        let mut clients = BTreeMap::new();
        for kind in kinds {
            clients.insert(*kind, connect(profile, in_flight).await?);
        }
        Ok(Self {
            clients,
            keyring,
            verify_every: verify_every.max(1),
            asked: Cell::new(0),
            tally: RefCell::new(Tally::new(Instant::now())?),
            kinds: RefCell::default(),
        })
    }

    /// The first second begins at `start`.
    pub(super) fn begin(&self, start: Instant) -> Outcome<()> {
        *self.tally.borrow_mut() = Tally::new(start)?;
        Ok(())
    }

    /// So many more requests are meant to be sent.
    pub(super) fn offer(&self, count: u64) {
        self.tally.borrow_mut().offered += count;
    }

    /// Asks until there is a proof; latency counts from `meant` until the proof was verified.
    pub(super) async fn ask(
        &self,
        world: &World,
        book: usize,
        question: Question,
        meant: Instant,
    ) -> Outcome<()> {
        let limit = Instant::now() + GIVE_UP;
        let id = world.book(book);
        let client = self.clients.get(&question.kind());
        let client = client.ok_or("no connection for this kind of proof")?;
        loop {
            let (code, after) = match question.ask(client, id).await {
                Ok(found) => {
                    world.learn(book, found.size);
                    if self.is_sample() {
                        self.check(world, question, book, |keyring| {
                            question.verify(&found, id, keyring)
                        });
                    }
                    return self.note(question.kind(), meant);
                }
                Err(Refusal::Row(code @ (Code::NotSealed | Code::NotFound))) => (code, Some(SOON)),
                Err(Refusal::Row(code)) => (code, None),
                Err(Refusal::Client(error)) => (error.code(), retry_after(&error)),
            };
            let again = after.filter(|after| Instant::now() + *after < limit);
            self.refused(code, again.is_some());
            match again {
                Some(after) => tokio::time::sleep(after).await,
                None => return Ok(()),
            }
        }
    }

    /// Closes the connections and gives what was remembered.
    pub(super) async fn end(self: Rc<Self>) -> (Tally, BTreeMap<Kind, Latencies>) {
        for client in self.clients.values() {
            client.clone().close().await;
        }
        (self.tally.borrow().clone(), self.kinds.borrow().clone())
    }

    fn is_sample(&self) -> bool {
        let number = self.asked.get();
        self.asked.set(number + 1);
        number.is_multiple_of(self.verify_every)
    }

    fn check(
        &self,
        world: &World,
        question: Question,
        book: usize,
        verify: impl FnOnce(&Keyring) -> Result<super::question::Seen, String>,
    ) {
        match verify(&self.keyring) {
            Ok(seen) => {
                self.tally.borrow_mut().holds();
                if let Some(account) = seen.account {
                    world.account.set(Some((book, account)));
                }
            }
            Err(why) => {
                let why = format!("{question:?} of book {}: {why}", world.book(book));
                self.tally.borrow_mut().is_false(why);
            }
        }
    }

    fn note(&self, kind: Kind, meant: Instant) -> Outcome<()> {
        let now = Instant::now();
        self.tally.borrow_mut().timeline.add(meant, now, 1);
        let mut kinds = self.kinds.borrow_mut();
        let latencies = match kinds.entry(kind) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(place) => place.insert(Latencies::new()?),
        };
        latencies.add(now - meant);
        Ok(())
    }

    fn refused(&self, code: Code, is_asked_again: bool) {
        let mut tally = self.tally.borrow_mut();
        let counts = if is_asked_again {
            &mut tally.refusals
        } else {
            &mut tally.given_up
        };
        *counts.entry(code).or_default() += 1;
    }
}
