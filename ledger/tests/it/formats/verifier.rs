//! A verifier written from `docs/formats.md` alone: it knows offsets, SHA-256 and the rules of that
//! page, and takes nothing from `ledger` but the table of offsets.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::committed;
use crate::layout::{Layout, layout};

type Hash = [u8; 32];

fn sha(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// RFC 6962 §2.1: split at the largest power of two below the number of leaves.
fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            sha(&[&[1], &root(left), &root(right)])
        }
    }
}

/// A record read by its table.
struct Record<'a> {
    layout: &'static Layout,
    bytes: &'a [u8],
}

impl Record<'_> {
    fn field(&self, name: &str) -> &[u8] {
        let mut offsets = self.layout.offsets();
        let (at, field) = offsets.find(|(_, field)| field.name == name).unwrap();
        &self.bytes[at..at + field.kind.bytes()]
    }

    fn number(&self, name: &str) -> u128 {
        let mut wide = [0; 16];
        let bytes = self.field(name);
        wide[..bytes.len()].copy_from_slice(bytes);
        u128::from_le_bytes(wide)
    }
}

/// Cuts a block's events into records.
fn records(mut events: &[u8]) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    while let Some(kind) = events.first() {
        let (name, more) = match kind {
            1 => ("account_created", 0),
            2 => ("account_changed", 0),
            3 => ("transfer", 0),
            4 => ("transfer", 64),
            5 => ("hold_expired", 0),
            6 => ("request_denied", 0),
            7 => ("book_changed", 0),
            11 => ("note_erased", 0),
            _ => panic!("kind {kind}"),
        };
        let layout = layout(name);
        let (bytes, rest) = events.split_at(layout.bytes() + more);
        records.push(Record { layout, bytes });
        events = rest;
    }
    records
}

#[derive(Default)]
struct Account {
    debits_posted: u128,
    credits_posted: u128,
    debits_pending: u128,
    credits_pending: u128,
    seq: u128,
    flags: u128,
}

/// Accounts, and which of them the block at hand touched, in order of first touch.
#[derive(Default)]
struct State {
    accounts: BTreeMap<u128, Account>,
    touched: Vec<u128>,
}

const HOLD: u128 = 1 << 1;
const CHANGED: u128 = 1 << 13;

impl State {
    fn touch(&mut self, id: u128) -> &mut Account {
        if !self.touched.contains(&id) {
            self.touched.push(id);
        }
        self.accounts.get_mut(&id).unwrap()
    }

    fn apply(&mut self, record: &Record<'_>) {
        match record.layout.name {
            "account_created" => {
                let id = record.number("id");
                assert!(self.accounts.insert(id, Account::default()).is_none());
                self.touch(id).flags = record.number("flags");
            }
            "account_changed" => {
                let account = self.touch(record.number("id"));
                account.seq += 1;
                assert_eq!(account.seq, record.number("account_seq"));
                account.flags = record.number("flags") | CHANGED;
            }
            "transfer" => {
                let amount = record.number("amount");
                let is_hold = record.number("flags") & HOLD != 0;
                let (posted, held) = if is_hold { (0, amount) } else { (amount, 0) };
                self.legs(record, posted, held);
            }
            "hold_expired" => self.legs(record, 0, 0),
            _ => {}
        }
    }

    fn legs(&mut self, record: &Record<'_>, posted: u128, held: u128) {
        let released = record.number("released");
        let debit = self.touch(record.number("debit"));
        debit.debits_posted += posted;
        debit.debits_pending = debit.debits_pending + held - released;
        debit.seq += 1;
        assert_eq!(debit.seq, record.number("debit_seq"));
        let credit = self.touch(record.number("credit"));
        credit.credits_posted += posted;
        credit.credits_pending = credit.credits_pending + held - released;
        credit.seq += 1;
        assert_eq!(credit.seq, record.number("credit_seq"));
    }

    fn take_rows(&mut self) -> Vec<u8> {
        let mut rows = Vec::new();
        for id in std::mem::take(&mut self.touched) {
            let account = &self.accounts[&id];
            rows.extend_from_slice(&id.to_le_bytes());
            rows.extend_from_slice(&account.debits_posted.to_le_bytes());
            rows.extend_from_slice(&account.credits_posted.to_le_bytes());
            rows.extend_from_slice(&account.debits_pending.to_le_bytes());
            rows.extend_from_slice(&account.credits_pending.to_le_bytes());
            rows.extend_from_slice(&account.seq.to_le_bytes()[..8]);
            rows.extend_from_slice(&account.flags.to_le_bytes()[..2]);
        }
        rows
    }
}

/// Verifies one block after the other; how many there are is given by the page.
fn verify(blocks: &[(Vec<u8>, Vec<u8>, Vec<u8>)]) {
    let (mut previous, mut leaves) = ([0; 32], Vec::new());
    let (mut state, mut last_posted_at) = (State::default(), 0);
    for (at, (header, batches, events)) in (1..).zip(blocks) {
        let header = Record {
            layout: layout("block_header"),
            bytes: header,
        };
        assert_eq!(header.number("version"), 1);
        assert_eq!(header.number("height"), at);
        assert_eq!(header.field("previous"), previous);
        assert_eq!(header.number("first_seq"), leaves.len() as u128);
        let records = records(events);
        assert_eq!(header.number("count"), records.len() as u128);
        for record in &records {
            assert_eq!(record.number("version"), 1);
            assert_eq!(record.number("seq"), leaves.len() as u128);
            assert!(record.number("posted_at") > last_posted_at);
            last_posted_at = record.number("posted_at");
            leaves.push(sha(&[&[0], record.bytes]));
            state.apply(record);
        }
        let first = records.first().unwrap().number("posted_at");
        assert_eq!(header.number("first_posted_at"), first);
        assert_eq!(header.number("last_posted_at"), last_posted_at);
        assert_eq!(header.number("tree_size"), leaves.len() as u128);
        assert_eq!(header.field("root"), root(&leaves));
        assert_eq!(header.field("rows"), sha(&[&state.take_rows()]));
        assert_eq!(header.field("batches"), sha(&[batches]));
        let mut next = 0;
        for entry in batches.chunks(layout("batch_entry").bytes()) {
            let entry = Record {
                layout: layout("batch_entry"),
                bytes: entry,
            };
            assert_eq!((entry.number("kind"), entry.number("version")), (0xb1, 1));
            assert_eq!(entry.number("first"), next);
            next += entry.number("count");
        }
        assert_eq!(next, records.len() as u128);
        previous = sha(&[header.bytes]);
    }
    let sum = |side: fn(&Account) -> u128| state.accounts.values().map(side).sum::<u128>();
    assert_eq!(sum(|a| a.debits_posted), sum(|a| a.credits_posted));
    assert_eq!(sum(|a| a.debits_pending), sum(|a| a.credits_pending));
}

fn blocks() -> Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let part = |height, part| committed(&format!("book-{height}.{part}"));
    (1..=3)
        .map(|height| {
            (
                part(height, "header"),
                part(height, "batches"),
                part(height, "events"),
            )
        })
        .collect()
}

#[test]
fn the_book_verifies_by_the_page_alone() {
    verify(&blocks());
}

/// Every byte of it counts.
#[test]
fn a_changed_book_does_not_verify() {
    let whole = blocks();
    for at in 0..whole.len() {
        for part in 0..3 {
            let mut blocks = whole.clone();
            let (header, batches, events) = &mut blocks[at];
            let bytes = [header, batches, events][part].as_mut_slice();
            // The end of the last header is vouched for by nothing but its own digests.
            let step = bytes.len() / 5 + 1;
            for byte in (2..bytes.len()).step_by(step) {
                bytes[byte] ^= 1;
            }
            let verified = std::panic::catch_unwind(|| verify(&blocks));
            assert!(verified.is_err(), "block {at}, part {part}");
        }
    }
}
