//! Builds the index from closed cycles.

use std::sync::Arc;

use ledger::block::Block;
use ledger::event::Records;
use ledger::fields::DecodeError;
use parking_lot::RwLock;

use crate::disk::Disk;
use crate::journal::Cycle;

use super::error::IndexError;
use super::id_page::IdEntry;
use super::id_table::IdTable;
use super::leg_table::LegTable;
use super::limits::{IndexLimits, PACE, STEP};
use super::reader::Index;
use super::record::{self, Taken};
use super::runs::Runs;
use super::{Memory, Written, names};

/// Records whose lists are looked for together, so that one does not wait for the other's memory.
const GROUP: usize = 16;
/// Records added to the table of legs under one lock.
const LOCKED: usize = 512;

/// Adds closed cycles to the index. Owned by one thread.
pub struct IndexBuilder {
    runs: Runs,
    limits: IndexLimits,
    ids: IdTable,
    legs: Arc<RwLock<LegTable>>,
    /// First cycle that is in the tables and not frozen.
    first: u64,
    /// Last cycle that was taken in.
    applied: u64,
    /// Bytes that flushes and merges owe for what came in.
    owed: u64,
    taken: Vec<Taken>,
    /// Bytes of ids that the last cycle brought.
    last_ids: usize,
    stopped: bool,
}

impl IndexBuilder {
    /// Opens the index on `disk`, or makes an empty one, and removes what an interrupted builder
    /// left. The caller then gives every cycle after [`IndexBuilder::covered_cycle`], in order.
    ///
    /// # Errors
    /// A file of the index is missing, damaged or cannot be read: see [`rebuild`].
    pub fn open(disk: Arc<dyn Disk>, limits: IndexLimits) -> Result<(Self, Index), IndexError> {
        let legs = Arc::new(RwLock::new(LegTable::new(limits.seed)));
        let runs = Runs::open(disk, limits, legs.clone())?;
        let covered = runs.covered();
        let index = Index {
            shared: runs.shared().clone(),
        };
        let builder = Self {
            ids: IdTable::new(limits.id_table_bytes()),
            runs,
            limits,
            legs,
            first: covered + 1,
            applied: covered,
            owed: 0,
            taken: Vec::new(),
            last_ids: 0,
            stopped: false,
        };
        Ok((builder, index))
    }

    /// Every cycle up to this one is in durable runs.
    pub fn covered_cycle(&self) -> u64 {
        self.runs.covered()
    }

    /// The last cycle that was taken in.
    pub fn indexed_cycle(&self) -> u64 {
        self.applied
    }

    /// Takes in cycle `number`, the next after [`IndexBuilder::indexed_cycle`]: its blocks, one for
    /// each book that moved. Queries see it when this returns. Works on flushes and merges too, in
    /// proportion; waits for a flush only if memory is full before the one before is done.
    ///
    /// # Errors
    /// The cycle is not the next; a record is none; the disk failed. If the disk was full
    /// ([`IndexError::is_full`]) nothing was taken in and the same cycle may be given again.
    pub fn apply<'a>(
        &mut self,
        number: u64,
        blocks: impl IntoIterator<Item = &'a Block>,
    ) -> Result<(), IndexError> {
        self.check()?;
        if number != self.applied + 1 {
            return Err(IndexError::OutOfOrder {
                expected: self.applied + 1,
                got: number,
            });
        }
        self.make_room()?;
        self.pay()?;
        let before = self.ids.memory_bytes();
        for block in blocks {
            let added = self.add(block);
            if let Err((offset, error)) = added {
                // Half a cycle is in the tables: nothing may be made durable from here on.
                self.stopped = true;
                let book = block.header.book.0;
                return Err(IndexError::Record {
                    cycle: number,
                    book,
                    offset,
                    error,
                });
            }
        }
        self.last_ids = self.ids.memory_bytes().saturating_sub(before);
        self.applied = number;
        self.runs.shared().set_indexed(number);
        Ok(())
    }

    /// Takes in a closed cycle, as [`IndexBuilder::apply`] does.
    ///
    /// # Errors
    /// As for [`IndexBuilder::apply`].
    pub fn apply_cycle(&mut self, cycle: &Cycle) -> Result<(), IndexError> {
        self.apply(cycle.number, cycle.blocks.iter().map(|block| &**block))
    }

    fn check(&self) -> Result<(), IndexError> {
        if self.stopped || self.runs.is_stopped() {
            Err(IndexError::Stopped)
        } else {
            Ok(())
        }
    }

    fn add(&mut self, block: &Block) -> Result<(), (usize, DecodeError)> {
        let book = block.header.book.0;
        let mut records = Records(&block.events);
        loop {
            self.taken.clear();
            while self.taken.len() < LOCKED {
                let offset = block.events.len() - records.0.len();
                let Some(record) = records.next() else { break };
                match record.and_then(record::take) {
                    Ok(Some(taken)) => self.taken.push(taken),
                    Ok(None) => {}
                    Err(error) => return Err((offset, error)),
                }
            }
            if self.taken.is_empty() {
                return Ok(());
            }
            self.owed += self.taken.len() as u64 * PACE;
            for taken in &self.taken {
                for (kind, id) in taken.keys.into_iter().flatten() {
                    self.ids.push(
                        kind,
                        IdEntry {
                            id,
                            seq: taken.seq,
                            book,
                        },
                    );
                }
            }
            let mut table = self.legs.write();
            for group in self.taken.chunks(GROUP) {
                table.expect(book, group.iter().flat_map(Taken::accounts));
                for taken in group {
                    table.push(book, taken.debit.account, &taken.debit.leg);
                    table.push(book, taken.credit.account, &taken.credit.leg);
                }
            }
        }
    }

    fn make_room(&mut self) -> Result<(), IndexError> {
        // The next cycle may be as large as the last.
        let full = self.ids.memory_bytes() + self.last_ids >= self.limits.id_table_bytes()
            || self.legs.read().memory_bytes() >= self.limits.leg_table_bytes();
        if full {
            self.runs.finish_flush()?;
            self.freeze();
        }
        Ok(())
    }

    /// Hands the tables over to be written and begins new ones. Only when none are being written.
    fn freeze(&mut self) {
        if self.first > self.applied {
            return;
        }
        let mut ids = IdTable::new(self.limits.id_table_bytes());
        std::mem::swap(&mut ids, &mut self.ids);
        ids.freeze();
        let legs = Arc::new(RwLock::new(LegTable::new(self.limits.seed)));
        let frozen = std::mem::replace(&mut self.legs, legs.clone());
        self.runs
            .freeze((self.first, self.applied), ids, frozen, legs);
        self.first = self.applied + 1;
    }

    /// Does some of what flushes and merges owe.
    fn pay(&mut self) -> Result<(), IndexError> {
        while self.owed >= STEP {
            self.runs.step_all()?;
            self.owed -= STEP;
        }
        Ok(())
    }

    /// Does one bounded step of a flush or merge, for when no cycle waits; whether there is more
    /// to do.
    ///
    /// # Errors
    /// The disk failed. If it was full, nothing is lost.
    pub fn work(&mut self) -> Result<bool, IndexError> {
        self.check()?;
        self.runs.step_one()
    }

    /// Makes every cycle that was taken in part of durable runs.
    ///
    /// # Errors
    /// The disk failed. If it was full, nothing is lost.
    pub fn flush(&mut self) -> Result<(), IndexError> {
        self.check()?;
        self.runs.finish_flush()?;
        self.freeze();
        self.runs.finish_flush()
    }

    /// Bytes of memory in use.
    pub fn memory(&self) -> Memory {
        let mut memory = self.runs.memory();
        memory.ids += self.ids.memory_bytes();
        memory.legs += self.legs.read().memory_bytes();
        memory
    }

    /// Bytes written to files since the index was opened.
    pub fn written(&self) -> Written {
        self.runs.written()
    }
}

impl std::fmt::Debug for IndexBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IndexBuilder")
            .field("indexed_cycle", &self.applied)
            .field("covered_cycle", &self.covered_cycle())
            .finish_non_exhaustive()
    }
}

/// Deletes the index: the next [`IndexBuilder::open`] begins at the first cycle. No builder may be
/// open.
///
/// # Errors
/// The disk failed; calling again goes on.
pub fn rebuild(disk: &dyn Disk) -> Result<(), IndexError> {
    // The manifest goes first: without it the rest is leftovers.
    names::remove_all(disk, |name| name != names::MANIFEST)?;
    names::remove_all(disk, |_| false)
}
