//! Facts of accounts for policies: the shard knows them, and which of them changed since.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use actix::{Addr, Handler, Message};
use crossbeam::channel::{Sender, bounded};
use ledger::{AccountFlags, AccountId, Book, BookId};
use plugins_host::{AccountColumns, FactsUnavailable, FactsVersion, SeenFacts};

use crate::fatal;
use crate::shard::Shard;

/// Changes of a book that are remembered: whoever saw it before them all has seen too little.
const CHANGES_MAX: usize = 1_024;
/// Accounts that the shard looks up in one go: no longer than a slice of a batch takes it.
const IDS_MAX: usize = 4_096;
/// How long a policy waits for facts.
const PATIENCE: Duration = Duration::from_secs(1);
/// What policies are told of an account's flags.
const STATE_BITS: u16 =
    AccountFlags::FROZEN_DEBITS | AccountFlags::FROZEN_CREDITS | AccountFlags::CLOSED;

/// The facts of every book have a version, which rises with each account created or changed.
#[derive(Debug, Default)]
pub(crate) struct FactsLog(HashMap<BookId, Changes>);

#[derive(Debug, Default)]
struct Changes {
    version: u64,
    /// The accounts of the last versions, newest last.
    accounts: VecDeque<AccountId>,
}

impl FactsLog {
    /// These accounts came to be, or have other settings now.
    pub(crate) fn changed(&mut self, book: BookId, accounts: impl Iterator<Item = AccountId>) {
        let changes = self.0.entry(book).or_default();
        for account in accounts {
            changes.version += 1;
            if changes.accounts.len() == CHANGES_MAX {
                changes.accounts.pop_front();
            }
            changes.accounts.push_back(account);
        }
    }

    /// The moment that the facts of a book are of.
    pub(crate) fn version(&self, book: BookId) -> FactsVersion {
        FactsVersion(self.0.get(&book).map_or(0, |changes| changes.version))
    }

    /// Whether what was seen still stands.
    pub(crate) fn stands(&self, book: BookId, seen: &SeenFacts) -> bool {
        let Some(changes) = self.0.get(&book) else {
            return true;
        };
        let behind = changes.version.saturating_sub(seen.version.0);
        let behind = usize::try_from(behind).unwrap_or(usize::MAX);
        let Some(known) = changes.accounts.len().checked_sub(behind) else {
            return false;
        };
        let mut since = changes.accounts.range(known..);
        since.all(|account| seen.accounts.binary_search(account).is_err())
    }
}

/// Asks the shard.
#[derive(Clone, Debug)]
pub(crate) struct ShardFacts(pub(crate) Addr<Shard>);

impl plugins_host::Facts for ShardFacts {
    fn look_up(
        &self,
        book: BookId,
        ids: &[AccountId],
        out: &mut AccountColumns,
    ) -> Result<FactsVersion, FactsUnavailable> {
        // Facts of later parts may be newer than the version of the first: whoever applies then
        // asks once too often, never too seldom.
        let mut version = None;
        for ids in ids.chunks(IDS_MAX) {
            let found = self.ask(book, ids)?;
            version = version.or(Some(found.version));
            for row in &found.rows {
                out.code.push(row.code);
                out.asset.push(row.asset);
                out.state_bits.push(row.state_bits);
                out.tag_bits.push(row.tag_bits);
            }
        }
        match version {
            Some(version) => Ok(version),
            None => Ok(self.ask(book, &[])?.version),
        }
    }
}

impl ShardFacts {
    fn ask(&self, book: BookId, ids: &[AccountId]) -> Result<Found, FactsUnavailable> {
        let (reply, answer) = bounded(1);
        let question = LookUpFacts {
            book,
            ids: ids.to_vec(),
            reply,
        };
        self.0.try_send(question).map_err(|_| FactsUnavailable)?;
        let found = answer.recv_timeout(PATIENCE);
        found.map_err(|_| FactsUnavailable)
    }
}

/// What a policy is told of an account; zeros for one that does not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Row {
    code: u16,
    asset: u32,
    state_bits: u16,
    tag_bits: u64,
}

impl Row {
    fn of(book: &Book, id: AccountId) -> Option<Self> {
        let ordinal = book.ordinal(id)?;
        let account = book.accounts().get(ordinal as usize)?;
        Some(Self {
            code: account.code,
            asset: account.asset.0,
            state_bits: account.flags.0 & STATE_BITS,
            tag_bits: book.tags_of(ordinal),
        })
    }
}

#[derive(Debug)]
struct Found {
    version: FactsVersion,
    rows: Vec<Row>,
}

/// A question about accounts of a book.
#[derive(Debug)]
pub(crate) struct LookUpFacts {
    book: BookId,
    ids: Vec<AccountId>,
    reply: Sender<Found>,
}

impl Message for LookUpFacts {
    type Result = ();
}

impl Handler<LookUpFacts> for Shard {
    type Result = ();

    fn handle(&mut self, question: LookUpFacts, _: &mut actix::Context<Self>) {
        fatal::guard("shard", || {
            let book = self.ledger.book(question.book);
            let row = |id: &AccountId| book.and_then(|book| Row::of(book, *id));
            let found = Found {
                version: self.facts.version(question.book),
                rows: question
                    .ids
                    .iter()
                    .map(|id| row(id).unwrap_or_default())
                    .collect(),
            };
            // Whoever asked may have lost patience.
            let _ = question.reply.try_send(found);
        });
    }
}

#[cfg(test)]
mod tests;
