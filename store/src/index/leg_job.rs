//! Writes a run of legs a step at a time, from a table or from other runs.

use std::sync::Arc;

use parking_lot::RwLock;

use crate::disk::Disk;

use super::error::{Damage, IndexError};
use super::input;
use super::leg_code::Cut;
use super::leg_format::List;
use super::leg_run::{Chunks, LegRun, ListCursor};
use super::leg_table::{Key, LegTable};
use super::leg_writer::LegWriter;
use super::manifest::RunName;
use super::merge::{Cursor, Merge};
use super::progress::Job;

/// Lists sorted in one step.
const SORTED: usize = 16 << 10;

/// Where the legs of a new run come from.
#[derive(Clone)]
pub(super) enum LegSources {
    /// A frozen table. The lock is never waited for: nobody writes to it any more.
    Table(Arc<RwLock<LegTable>>),
    /// Runs, the oldest first.
    Runs(Vec<Arc<LegRun>>),
}

/// A run of legs on its way.
pub(super) struct LegJob {
    writer: LegWriter,
    source: Source,
}

enum Source {
    Table(TableSource),
    Runs {
        merge: Merge<ListCursor>,
        long: Option<Chunks>,
        runs: usize,
    },
}

impl LegJob {
    /// Begins the run.
    pub(super) fn new(
        disk: &dyn Disk,
        name: RunName,
        sources: &LegSources,
    ) -> Result<Self, IndexError> {
        let (source, start) = match sources {
            LegSources::Table(table) => {
                let start = table.read().start().effective_at;
                (Source::Table(TableSource::new(table.clone())), start)
            }
            LegSources::Runs(runs) => {
                let cursors: Result<_, _> = runs.iter().map(LegRun::cursor).collect();
                let (merge, long) = (Merge::new(cursors?), None);
                let start = runs.first().map_or(0, |run| run.start().effective_at);
                (
                    Source::Runs {
                        merge,
                        long,
                        runs: runs.len(),
                    },
                    start,
                )
            }
        };
        Ok(Self {
            writer: LegWriter::create(disk, name, start)?,
            source,
        })
    }
}

impl Job for LegJob {
    type Run = LegRun;

    fn file_name(&self) -> &str {
        self.writer.file_name()
    }

    fn memory_bytes(&self) -> usize {
        let reading = match &self.source {
            Source::Table(_) => 0,
            Source::Runs { runs, .. } => runs * input::AHEAD,
        };
        self.writer.memory_bytes() + reading
    }

    fn step(&mut self, bytes: u64) -> Result<bool, IndexError> {
        let until = self.writer.position() + bytes;
        while self.writer.position() < until {
            let more = match &mut self.source {
                Source::Table(table) => {
                    if !table.sort_some() {
                        return Ok(true);
                    }
                    table.copy_lists(&mut self.writer, until)?
                }
                Source::Runs { merge, long, .. } => copy_list(merge, long, &mut self.writer)?,
            };
            if !more {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn finish(self) -> Result<LegRun, IndexError> {
        self.writer.finish()
    }

    fn run_bytes(run: &LegRun) -> usize {
        run.memory_bytes()
    }
}

/// Copies a short list, or begins or goes on with a long one; whether there was one.
fn copy_list(
    merge: &mut Merge<ListCursor>,
    long: &mut Option<Chunks>,
    writer: &mut LegWriter,
) -> Result<bool, IndexError> {
    if let Some(chunks) = long {
        match chunks.next()? {
            Some(skip) => {
                let body = chunks.body(&skip)?;
                let copied = writer.chunk(&skip.chunk, body)?;
                copied.map_err(|Cut| chunks.damaged(&skip))?;
            }
            None => {
                *long = None;
                merge.advance()?;
            }
        }
        return Ok(true);
    }
    let Some(cursor) = merge.first() else {
        return Ok(false);
    };
    let (Some(key), Some((list, bytes))) = (cursor.key(), cursor.list()) else {
        return Ok(false);
    };
    writer.list(key)?;
    match list {
        List::Short { .. } => {
            let copied = writer.legs(cursor.run.start(), bytes)?;
            let damaged = |Cut| cursor.run.damaged(cursor.page_at(), Damage::Malformed);
            copied.map_err(damaged)?;
            merge.advance()?;
        }
        List::Long(extent) => *long = Some(cursor.run.chunks(extent, 0)),
    }
    Ok(true)
}

/// The lists of a frozen table, in order.
struct TableSource {
    table: Arc<RwLock<LegTable>>,
    sorted: Vec<KeyCursor>,
    /// Lists that are in `sorted`.
    keys: usize,
    merge: Option<Merge<KeyCursor>>,
    /// The next keys, in order.
    ahead: Vec<Key>,
    /// The key of them whose list is being copied.
    at: usize,
    /// Chunk of that list that comes next.
    chunk: usize,
    bytes: Vec<u8>,
}

impl TableSource {
    fn new(table: Arc<RwLock<LegTable>>) -> Self {
        Self {
            table,
            sorted: Vec::new(),
            keys: 0,
            merge: None,
            ahead: Vec::new(),
            at: 0,
            chunk: 0,
            bytes: Vec::new(),
        }
    }

    /// Sorts some lists; whether all are.
    fn sort_some(&mut self) -> bool {
        if self.merge.is_some() {
            return true;
        }
        let table = self.table.read();
        let to = (self.keys + SORTED).min(table.lists());
        self.sorted.push(KeyCursor {
            keys: table.sorted_keys(self.keys..to),
            at: 0,
        });
        self.keys = to;
        if to == table.lists() {
            self.merge = Some(Merge::new(std::mem::take(&mut self.sorted)));
        }
        false
    }

    /// Copies lists until the run has `until` bytes; whether there are more.
    fn copy_lists(&mut self, writer: &mut LegWriter, until: u64) -> Result<bool, IndexError> {
        let table = self.table.clone();
        let table = table.read();
        while writer.position() < until {
            let Some(key) = self.next_key(&table)? else {
                return Ok(false);
            };
            self.bytes.clear();
            let account = (key.book, key.account);
            // The table wrote these bytes, so they are whole.
            match table.piece_at(key, self.chunk, &mut self.bytes) {
                Some(piece) if piece.chunk.is_none() && self.chunk == 0 => {
                    writer.short(account, table.legs_at(key), &self.bytes)?;
                }
                Some(piece) => {
                    writer.list(account)?;
                    let _whole = match &piece.chunk {
                        Some(chunk) => writer.chunk(chunk, &self.bytes)?,
                        None => writer.legs(piece.base, &self.bytes)?,
                    };
                    debug_assert!(_whole.is_ok(), "a table's list is cut");
                    self.chunk += 1;
                    continue;
                }
                None => {}
            }
            self.chunk = 0;
            self.at += 1;
        }
        Ok(true)
    }

    /// The list that is being copied; several that follow are fetched with it.
    fn next_key(&mut self, table: &LegTable) -> Result<Option<Key>, IndexError> {
        if self.at == self.ahead.len() {
            self.ahead.clear();
            self.at = 0;
            let Some(merge) = &mut self.merge else {
                return Ok(None);
            };
            while self.ahead.len() < LegTable::EXPECTED {
                let Some(cursor) = merge.first() else { break };
                self.ahead.extend(cursor.keys.get(cursor.at));
                merge.advance()?;
            }
            table.expect_keys(&self.ahead);
        }
        Ok(self.ahead.get(self.at).copied())
    }
}

/// A place in sorted keys of a table.
struct KeyCursor {
    keys: Vec<Key>,
    at: usize,
}

impl Cursor for KeyCursor {
    type Key = (u32, u128);

    #[inline]
    fn key(&self) -> Option<(u32, u128)> {
        self.keys.get(self.at).map(|key| (key.book, key.account))
    }

    #[inline]
    fn advance(&mut self) -> Result<(), IndexError> {
        self.at += 1;
        Ok(())
    }
}
