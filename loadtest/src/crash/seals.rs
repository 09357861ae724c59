//! What was sealed: receipts and heads that clients got before a kill, held against the chain and
//! the books after it.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use client::Client;
use ledger::merkle::{self, Frontier};
use ledger::{BookId, Code, Digest, Seq};
use verify::chain::{ChainFault, Start};
use verify::receipt::{Receipt, Verified};
use verify::{AuditRow, ChainHead, ChainVerifier, Keyring};
use wire::message::{AuditRows, KeyringRequest, Receipts};

use super::truth::Truth;
use super::witness::Violations;
use crate::outcome::Outcome;
use crate::session::retry_after;
use crate::signer::read_keyring;

/// Receipts of earlier rounds that are kept.
const KEPT_MAX: usize = 200;
/// Events whose receipts are asked for at once, beside the newest.
const ASKED: usize = 4;
/// How often receipts are asked for.
const PAUSE: Duration = Duration::from_millis(20);

/// What somebody who wants proof got before the daemon went.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The last head of the chain that was told.
    head: Option<ChainHead>,
    /// Receipts, each with the place of its book in the list.
    receipts: Vec<(usize, Vec<u8>)>,
}

/// What is known of the chain by now.
#[derive(Debug)]
pub(super) struct Seals {
    keyring: Keyring,
    /// The last head that was seen.
    known: Option<ChainHead>,
    kept: Vec<(usize, Vec<u8>)>,
}

/// Asks for receipts of what has just been posted and for the chain's head, until nobody answers.
pub(super) async fn collect(
    client: Client,
    auditor: Client,
    books: Vec<BookId>,
    shown: Rc<RefCell<Shown>>,
) {
    loop {
        for (at, book) in books.iter().enumerate() {
            let asked = async {
                let events = client.totals(*book).await?.events;
                let newest = events.saturating_sub(1);
                let some = (0..ASKED).map(|_| fastrand::u64(0..events.max(1)));
                receipts(&client, *book, some.chain([newest]).collect()).await
            };
            match asked.await {
                Ok(found) => {
                    let found = found.into_iter().map(|bytes| (at, bytes));
                    shown.borrow_mut().receipts.extend(found);
                }
                Err(error) if retry_after(&error).is_some() => {}
                Err(_) => return,
            }
        }
        let Ok(found) = auditor.keyring(KeyringRequest {}).await else {
            return;
        };
        shown.borrow_mut().head = (found.head_seq != 0).then_some(ChainHead {
            seq: found.head_seq,
            digest: found.head_digest,
        });
        tokio::time::sleep(PAUSE).await;
    }
}

async fn receipts(
    client: &Client,
    book: BookId,
    seqs: Vec<u64>,
) -> Result<Vec<Vec<u8>>, client::ClientError> {
    let request = Receipts {
        seqs: seqs.into_iter().map(Seq).collect(),
        ids: Vec::new(),
    };
    let found = client.receipts(book, request).await?;
    let rows = found.rows.into_iter();
    let rows = rows.filter(|row| row.code == Code::Created);
    Ok(rows.map(|row| row.receipt.to_vec()).collect())
}

impl Seals {
    /// Nothing is known but the keys in the keyring beside the profiles.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn new(keys: &Path) -> Outcome<Self> {
        Ok(Self {
            keyring: read_keyring(&keys.join("keyring.json"))?,
            known: None,
            kept: Vec::new(),
        })
    }

    /// How far the chain was seen.
    pub(super) fn rows(&self) -> u64 {
        self.known.map_or(0, |head| head.seq)
    }

    /// Holds what was shown before a kill against the chain and the books as they are now.
    ///
    /// # Errors
    /// They cannot be read.
    pub(super) async fn check(
        &mut self,
        auditor: &Client,
        client: &Client,
        books: &[(BookId, &Truth)],
        shown: Shown,
        violations: &mut Violations,
    ) -> Outcome<u64> {
        let fresh = shown.receipts.len() as u64;
        self.known = later(self.known, shown.head);
        self.kept.extend(shown.receipts);
        let head = self.hold(auditor, client, books, violations).await?;
        self.known = later(self.known, head);
        while self.kept.len() > KEPT_MAX {
            self.kept.swap_remove(fastrand::usize(..self.kept.len()));
        }
        Ok(fresh)
    }

    /// The chain is whole and holds what is known; receipts from before and new ones of the same
    /// events say what the books say. The chain's head.
    ///
    /// # Errors
    /// They cannot be read.
    pub(super) async fn hold(
        &self,
        auditor: &Client,
        client: &Client,
        books: &[(BookId, &Truth)],
        violations: &mut Violations,
    ) -> Outcome<Option<ChainHead>> {
        let before = self.kept.clone();
        let mut again = Vec::new();
        for (at, (book, truth)) in books.iter().enumerate() {
            let mut seqs: Vec<u64> = before
                .iter()
                .filter(|(of, _)| *of == at)
                .filter_map(|(_, bytes)| Some(Receipt::decode(bytes).ok()?.seq.0))
                .collect();
            seqs.truncate(60);
            seqs.extend((0..ASKED).map(|_| fastrand::u64(0..truth.events().max(1))));
            let asked = seqs.len();
            let found = receipts(client, *book, seqs).await?;
            if found.len() != asked {
                let missing = asked - found.len();
                violations.add(|| format!("book {book}: {missing} events have no receipt"));
            }
            again.extend(found.into_iter().map(|bytes| (at, bytes)));
        }
        // Only now, so that it holds the seals of what was just given.
        let chain = self.chain(auditor, violations).await?;
        for (what, receipts) in [("before the kill", &before), ("after the kill", &again)] {
            self.check_receipts(what, receipts, &chain, books, violations);
        }
        Ok(chain.last().copied())
    }

    /// Heads of every row of the chain, verified.
    async fn chain(
        &self,
        auditor: &Client,
        violations: &mut Violations,
    ) -> Outcome<Vec<ChainHead>> {
        let mut verifier = ChainVerifier::new(&self.keyring, Start::Genesis, self.known);
        let (mut heads, mut from_seq) = (Vec::new(), 1);
        let mut fault: Option<ChainFault> = None;
        while from_seq != 0 {
            let page = auditor.audit_rows(AuditRows { from_seq, limit: 0 }).await?;
            for line in &page.rows {
                let mut line = line.to_vec();
                line.push(b'\n');
                let row = AuditRow::decode_line(&line)?;
                fault = fault.or_else(|| verifier.push(&row).err());
                heads.push(row.head());
            }
            from_seq = page.next;
        }
        if let Some(fault) = fault.or_else(|| verifier.finish().err()) {
            violations.add(|| format!("audit chain: {fault}"));
        }
        Ok(heads)
    }

    /// Each verifies, leads to a row of the chain, and says what its book says.
    fn check_receipts(
        &self,
        what: &str,
        receipts: &[(usize, Vec<u8>)],
        chain: &[ChainHead],
        books: &[(BookId, &Truth)],
        violations: &mut Violations,
    ) {
        for (at, (book, truth)) in books.iter().enumerate() {
            let mut roots = Vec::new();
            for (_, bytes) in receipts.iter().filter(|(of, _)| *of == at) {
                match self.check_receipt(bytes, *book, truth, chain) {
                    Ok(verified) => roots.push((verified.size, verified.root)),
                    Err(why) => {
                        violations.add(|| format!("book {book}: a receipt from {what}: {why}"));
                    }
                }
            }
            if !are_roots(roots, truth.leaves()) {
                violations.add(|| format!("book {book}: a root from {what} is not the book's"));
            }
        }
    }

    fn check_receipt(
        &self,
        bytes: &[u8],
        book: BookId,
        truth: &Truth,
        chain: &[ChainHead],
    ) -> Result<Verified, String> {
        let receipt = Receipt::decode(bytes).map_err(|error| error.to_string())?;
        let verified = receipt.verify(&self.keyring);
        let verified = verified.map_err(|error| error.to_string())?;
        let seq = verified.seq.0;
        let leaf = usize::try_from(seq)
            .ok()
            .and_then(|seq| truth.leaves().get(seq));
        if verified.book != book || leaf != Some(&merkle::leaf(&receipt.record)) {
            return Err(format!("event {seq} is another one"));
        }
        if !chain.contains(&verified.seal) {
            return Err(format!("its seal `{}` is not in the chain", verified.seal));
        }
        Ok(verified)
    }
}

/// Whether each of these is the root over so many of the leaves, as far as these go: holds may have
/// expired since they were read.
fn are_roots(mut roots: Vec<(u64, Digest)>, leaves: &[Digest]) -> bool {
    roots.retain(|(size, _)| *size <= leaves.len() as u64);
    roots.sort_unstable_by_key(|(size, _)| *size);
    let mut frontier = Frontier::new();
    let mut leaves = leaves.iter();
    roots.into_iter().all(|(size, root)| {
        let missing = usize::try_from(size - frontier.size()).unwrap_or(usize::MAX);
        for leaf in leaves.by_ref().take(missing) {
            frontier.push(*leaf);
        }
        frontier.root() == root
    })
}

/// The later of two heads.
fn later(one: Option<ChainHead>, other: Option<ChainHead>) -> Option<ChainHead> {
    one.into_iter().chain(other).max_by_key(|head| head.seq)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_those_of_the_first_leaves() {
        let leaves: Vec<Digest> = (0..9_u8).map(|n| merkle::leaf(&[n])).collect();
        let root = |count: usize| {
            let mut frontier = Frontier::new();
            leaves[..count].iter().for_each(|leaf| frontier.push(*leaf));
            (count as u64, frontier.root())
        };
        assert!(are_roots(vec![root(7), root(3), root(9), root(3)], &leaves));
        assert!(!are_roots(vec![root(7), (3, root(4).1)], &leaves));
        assert!(are_roots(vec![root(9)], &leaves[..8]));
    }

    #[test]
    fn the_later_head_is_known() {
        let head = |seq| {
            Some(ChainHead {
                seq,
                digest: Digest::ZERO,
            })
        };
        assert_eq!(later(head(4), head(3)), head(4));
        assert_eq!(later(head(4), head(5)), head(5));
        assert_eq!(later(head(4), None), head(4));
        assert_eq!(later(None, head(1)), head(1));
    }
}
