//! Checkpoints: one root for each size of a log, for ever.

use std::collections::BTreeMap;

use ledger::Digest;

use super::record::NoteRecord;
use super::{Claimed, Conflict};

/// Sizes of one log whose roots are kept. Below the smallest of them nothing is signed that is not
/// kept, so that what was forgotten can never be contradicted.
const KEPT: usize = 64;
/// Logs whose checkpoints are kept.
const LOGS_MAX: usize = 100_000;

/// A root that wants to be the one of its size.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct NoteClaim {
    /// The log: the first line of the note.
    pub(crate) origin: String,
    /// The size.
    pub(crate) size: u64,
    /// The root.
    pub(crate) root: Digest,
}

/// All logs.
#[derive(Default)]
pub(crate) struct Notes(BTreeMap<String, Log>);

#[derive(Default)]
struct Log {
    roots: BTreeMap<u64, Digest>,
    /// Whether smaller sizes than those kept were signed before.
    has_forgotten: bool,
}

impl Notes {
    /// Whether a root may be the one of its size.
    pub(crate) fn judge(&self, claim: &NoteClaim) -> Result<Claimed, Conflict> {
        let Some(log) = self.0.get(&claim.origin) else {
            if self.0.len() >= LOGS_MAX {
                return Err(Conflict::TooManyLogs);
            }
            return Ok(Claimed::First);
        };
        match log.roots.get(&claim.size) {
            Some(root) if *root == claim.root => return Ok(Claimed::Again),
            Some(root) => {
                return Err(Conflict::OtherRoot {
                    size: claim.size,
                    claimed: *root,
                });
            }
            None => {}
        }
        match log.roots.keys().next() {
            Some(smallest) if log.has_forgotten && claim.size < *smallest => {
                Err(Conflict::SizeForgotten {
                    size: claim.size,
                    smallest: *smallest,
                })
            }
            _ => Ok(Claimed::New),
        }
    }

    /// Takes a root that is the one of its size.
    pub(crate) fn apply(&mut self, record: &NoteRecord) {
        let log = self.0.entry(record.origin.clone()).or_default();
        log.roots.insert(record.size, record.root);
        log.has_forgotten |= record.has_forgotten;
        while log.roots.len() > KEPT {
            log.roots.pop_first();
            log.has_forgotten = true;
        }
    }

    /// Records that stand for all that is kept.
    pub(crate) fn records(&self) -> impl Iterator<Item = NoteRecord> {
        self.0.iter().flat_map(|(origin, log)| {
            log.roots.iter().map(|(size, root)| NoteRecord {
                origin: origin.clone(),
                size: *size,
                root: *root,
                has_forgotten: log.has_forgotten,
            })
        })
    }
}

impl NoteClaim {
    /// What is written down.
    pub(crate) fn into_record(self) -> NoteRecord {
        NoteRecord {
            origin: self.origin,
            size: self.size,
            root: self.root,
            has_forgotten: false,
        }
    }
}
