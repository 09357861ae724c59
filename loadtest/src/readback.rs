//! Balances and totals read back after a load and compared with what the answers imply.

use client::Client;
use ledger::{AssetId, Balances, BookId};
use wire::message::{AccountRow, ListRequest, Totals};

use crate::expect::{Expected, Sums};
use crate::outcome::Outcome;
use crate::workload::account_index;

/// Differences that are told; more are only counted.
const TOLD_MAX: usize = 20;

/// What differs from what was expected.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Differences {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub told: Vec<String>,
}

/// Reads every account and the totals of each book.
///
/// # Errors
/// They cannot be read.
pub async fn compare(
    client: &Client,
    books: &[BookId],
    asset: AssetId,
    expected: &Expected,
) -> Outcome<Differences> {
    let mut differences = Differences::default();
    for (at, book) in books.iter().enumerate() {
        let mut seen = 0;
        let mut after = 0;
        loop {
            let page = client
                .list_accounts(*book, ListRequest { after, limit: 0 })
                .await?;
            for row in &page.rows {
                differences.account(*book, row, expected.book(at));
            }
            seen += page.rows.len();
            after = page.next;
            if after == 0 {
                break;
            }
        }
        let accounts = expected.book(at).len();
        if seen != accounts {
            differences.add(|| format!("book {book}: {seen} accounts, expected {accounts}"));
        }
        let totals = client.totals(*book).await?;
        let events = accounts as u64 + expected.standing(at);
        differences.totals(*book, &totals, asset, &expected.totals(at), events);
    }
    Ok(differences)
}

impl Differences {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn account(&mut self, book: BookId, row: &AccountRow, expected: &[Sums]) {
        let id = row.account.id;
        let sums = account_index(id).and_then(|index| expected.get(index as usize));
        let Some(sums) = sums else {
            self.add(|| format!("book {book}: account {id} was never created"));
            return;
        };
        if row.balances != sums.balances() {
            self.add(|| {
                let (is, should) = (row.balances, sums.balances());
                format!("book {book}: account {id} has {is:?}, expected {should:?}")
            });
        }
        if row.seq != sums.legs {
            self.add(|| {
                let (is, should) = (row.seq, sums.legs);
                format!("book {book}: account {id} has {is} legs, expected {should}")
            });
        }
    }

    fn totals(
        &mut self,
        book: BookId,
        totals: &Totals,
        asset: AssetId,
        expected: &Balances,
        events: u64,
    ) {
        if totals.events != events {
            let is = totals.events;
            self.add(|| format!("book {book}: {is} events, expected {events}"));
        }
        for row in &totals.rows {
            let sums = row.sums;
            if sums.debits_posted != sums.credits_posted
                || sums.debits_pending != sums.credits_pending
            {
                self.add(|| format!("book {book}: debits and credits differ: {sums:?}"));
            }
            if row.asset == asset && sums != *expected {
                self.add(|| format!("book {book}: totals {sums:?}, expected {expected:?}"));
            }
        }
        if !totals.rows.iter().any(|row| row.asset == asset) {
            self.add(|| format!("book {book}: no totals of asset {asset}"));
        }
    }

    fn add(&mut self, text: impl FnOnce() -> String) {
        self.count += 1;
        if self.told.len() < TOLD_MAX {
            self.told.push(text());
        }
    }
}

impl std::fmt::Display for Differences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for text in &self.told {
            writeln!(f, "difference: {text}")?;
        }
        write!(f, "{} differences", self.count)
    }
}
