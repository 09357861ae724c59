use ledger::event::{BookChange, BookChanged};
use ledger::proof::{MemoryTree, subtree};
use ledger::{BookId, Digest, Event, Nanos, Seq, merkle};
use verify::Name;
use verify::checkpoint::{Checkpoint, LogOrigin};
use verify::payload::Origin;

use super::key::Key;

/// A book's log: records, and the tree over them.
pub(crate) struct Log {
    pub(crate) records: Vec<Vec<u8>>,
    pub(crate) tree: MemoryTree,
}

impl Log {
    pub(crate) fn new(size: u64) -> Self {
        let records: Vec<Vec<u8>> = (0..size).map(record).collect();
        let leaves = records.iter().map(|record| merkle::leaf(record));
        Self {
            tree: leaves.collect(),
            records,
        }
    }

    pub(crate) fn root(&mut self, size: u64) -> Digest {
        subtree(&mut self.tree, 0..size).unwrap()
    }

    /// The signed note of the log at `size`.
    pub(crate) fn checkpoint(&mut self, size: u64, key: &Key) -> String {
        let checkpoint = Checkpoint {
            origin: LogOrigin {
                origin: Origin {
                    deployment: Name::new("example").unwrap(),
                    environment: Name::new("dev").unwrap(),
                    epoch: 1,
                },
                book: BookId(7),
            },
            size,
            root: self.root(size),
        };
        checkpoint.note(&key.public, &key.sign_note(&checkpoint.text()))
    }
}

/// A transfer or a change of the book, by turns.
fn record(seq: u64) -> Vec<u8> {
    let mut record = Vec::new();
    if seq % 2 == 1 {
        let vector = include_str!("../../../../ledger/vectors/transfer.hex");
        let hex: String = vector.lines().collect();
        record.extend(verify::hex::decode::<176>(&hex).unwrap());
        record[16..24].copy_from_slice(&seq.to_le_bytes());
        return record;
    }
    let event = BookChanged {
        seq: Seq(seq),
        posted_at: Nanos(1_700_000_000_000_000_000 + seq),
        change: BookChange::Halted,
        effective_lock: Nanos(0),
        reason: 3,
    };
    Event::BookChanged(event).encode(&mut record);
    record
}
