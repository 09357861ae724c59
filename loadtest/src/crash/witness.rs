//! What was seen of the books: records read so far, and what does not fit.

use std::time::Duration;

use client::Client;
use ledger::event::{AccountCreated, TransferPosted};
use ledger::{BookId, Digest, Event, Seq, merkle};

use super::truth::Truth;
use crate::outcome::Outcome;

/// How long a subscription may be silent though there are more events.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Violations that are told; more are only counted.
const TOLD_MAX: u64 = 20;

/// What does not fit.
#[derive(Debug, Default)]
pub(super) struct Violations {
    /// How many.
    pub(super) count: u64,
}

impl Violations {
    /// Tells of a violation.
    pub(super) fn add(&mut self, text: impl FnOnce() -> String) {
        self.count += 1;
        if self.count <= TOLD_MAX {
            eprintln!("VIOLATION: {}", text());
        }
    }
}

/// A book as its records tell it.
#[derive(Debug)]
pub(super) struct Witness {
    /// The book.
    pub(super) book: BookId,
    /// What the records add up to.
    pub(super) truth: Truth,
    /// Transfers read since the last round.
    pub(super) new_transfers: Vec<TransferPosted>,
    /// Accounts read since the last round.
    pub(super) new_accounts: Vec<AccountCreated>,
}

impl Witness {
    /// A book of which nothing was read.
    pub(super) fn new(book: BookId) -> Self {
        Self {
            book,
            truth: Truth::default(),
            new_transfers: Vec::new(),
            new_accounts: Vec::new(),
        }
    }

    /// Reads everything that the book holds by now.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) async fn read_all(
        &mut self,
        client: &Client,
        violations: &mut Violations,
    ) -> Outcome<()> {
        let events = client.totals(self.book).await?.events;
        if events < self.truth.events() {
            let (book, seen) = (self.book, self.truth.events());
            violations.add(|| format!("book {book}: {events} events, {seen} were there before"));
            return Ok(());
        }
        if events == self.truth.events() {
            return Ok(());
        }
        let mut subscription = client
            .subscribe(self.book, Seq(self.truth.events()))
            .await?;
        while self.truth.events() < events {
            let next = tokio::time::timeout(SILENCE_MAX, subscription.next()).await;
            let batch = next.map_err(|_| "a subscription is silent though there are events")??;
            let batch = batch.ok_or("a subscription ended by itself")?;
            for record in batch.records.iter() {
                self.add(record, violations);
            }
        }
        Ok(())
    }

    /// Adds the next record.
    pub(super) fn add(&mut self, record: &[u8], violations: &mut Violations) {
        let seq = self.truth.events();
        match self.truth.add(record) {
            Ok(Event::Transfer(transfer)) => self.new_transfers.push(transfer),
            Ok(Event::AccountCreated(created)) => self.new_accounts.push(created),
            Ok(_) => {}
            Err(why) => {
                let book = self.book;
                violations.add(|| format!("book {book}, event {seq}: {why}"));
            }
        }
    }

    /// Whether `leaves`, seen from sequence `first` on before a crash, still stand.
    pub(super) fn check_seen(&self, first: u64, leaves: &[Digest], violations: &mut Violations) {
        let now = self
            .truth
            .leaves()
            .get(first as usize..)
            .unwrap_or_default();
        let book = self.book;
        if now.len() < leaves.len() {
            let lost = leaves.len() - now.len();
            violations.add(|| format!("book {book}: {lost} events that were handed out are gone"));
        }
        if let Some(at) = now.iter().zip(leaves).position(|(now, seen)| now != seen) {
            let seq = first + at as u64;
            violations.add(|| format!("book {book}, event {seq}: it was another when handed out"));
        }
    }

    /// Compares accounts and totals as the daemon gives them with what the records add up to.
    ///
    /// # Errors
    /// They cannot be read, or do not come to rest.
    pub(super) async fn check_balances(
        &mut self,
        client: &Client,
        violations: &mut Violations,
    ) -> Outcome<()> {
        let book = self.book;
        // Holds may expire while accounts are read: then both are read again.
        for _ in 0..100 {
            self.read_all(client, violations).await?;
            let rows = all_accounts(client, book).await?;
            let totals = client.totals(book).await?;
            if totals.events != self.truth.events() {
                continue;
            }
            let accounts = self.truth.accounts();
            if rows.len() != accounts.len() {
                let (is, should) = (rows.len(), accounts.len());
                violations.add(|| format!("book {book}: {is} accounts, its records say {should}"));
            }
            for row in &rows {
                let id = row.account.id;
                let fits = accounts.get(&id.0).is_some_and(|account| {
                    (account.balances, account.legs, account.open_holds)
                        == (row.balances, row.seq, row.open_holds)
                });
                if !fits {
                    violations.add(|| format!("book {book}, account {id}: not what its legs say"));
                }
            }
            let sums = self.truth.totals();
            for row in &totals.rows {
                let balanced = row.sums.debits_posted == row.sums.credits_posted
                    && row.sums.debits_pending == row.sums.credits_pending;
                if !balanced || sums.get(&row.asset.0) != Some(&row.sums) {
                    violations.add(|| format!("book {book}: totals are not what its legs say"));
                }
            }
            return Ok(());
        }
        Err(format!("book {book} does not come to rest").into())
    }

    /// Forgets what was read since the last round; what it adds up to stays.
    pub(super) fn end_round(&mut self) {
        self.new_transfers.clear();
        self.new_accounts.clear();
    }
}

async fn all_accounts(client: &Client, book: BookId) -> Outcome<Vec<wire::message::AccountRow>> {
    let mut rows = Vec::new();
    let mut after = 0;
    loop {
        let page = client
            .list_accounts(book, wire::message::ListRequest { after, limit: 0 })
            .await?;
        rows.extend(page.rows);
        after = page.next;
        if after == 0 {
            return Ok(rows);
        }
    }
}

/// Collects leaves of a book's events for as long as they come.
pub(super) async fn watch(
    client: Client,
    book: BookId,
    from: u64,
    seen: std::rc::Rc<std::cell::RefCell<Vec<Digest>>>,
) {
    let Ok(mut subscription) = client.subscribe(book, Seq(from)).await else {
        return;
    };
    while let Ok(Some(batch)) = subscription.next().await {
        seen.borrow_mut()
            .extend(batch.records.iter().map(merkle::leaf));
    }
}
