//! Histories and balances of the past.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use ledger::id::Nanos;
use ledger::{AccountId, BookId, Seq};
use parking_lot::RwLock;

use super::error::{Damage, IndexError};
use super::leg_chunk::{self, Bound, Posted, Share};
use super::leg_code::{Cut, HistoryLeg, Legs, State};
use super::leg_format::Extent;
use super::leg_run::{Found, LegRun};
use super::leg_table::LegTable;
use super::reader::Index;

/// Chunks of a table read under one lock, so that the builder waits for none of us for long.
const CHUNKS_A_LOCK: usize = 32;

/// Takes legs in order until it has enough.
type Visit<'a> = &'a mut dyn FnMut(&HistoryLeg) -> ControlFlow<()>;

impl Index {
    /// Hands `visit` the legs of an account whose events are in `seqs`, in order, until it breaks.
    ///
    /// # Errors
    /// A run cannot be read or is damaged.
    pub fn legs(
        &self,
        book: BookId,
        account: AccountId,
        seqs: Range<u64>,
        mut visit: impl FnMut(&HistoryLeg) -> ControlFlow<()>,
    ) -> Result<(), IndexError> {
        let snapshot = self.shared.snapshot.load_full();
        for run in &snapshot.legs {
            if run_legs(run, book.0, account.0, &seqs, &mut visit)?.is_break() {
                return Ok(());
            }
        }
        for table in &snapshot.tables {
            if table_legs(table, book.0, account.0, &seqs, &mut visit)?.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What an account had posted after the event `seq`.
    ///
    /// # Errors
    /// A run cannot be read or is damaged.
    pub fn posted_at(
        &self,
        book: BookId,
        account: AccountId,
        seq: Seq,
    ) -> Result<Posted, IndexError> {
        self.posted_by(book, account, Nanos(u64::MAX), seq)
    }

    /// What an account had posted with business dates up to `effective_at`, as far as it was known
    /// after the event `known`.
    ///
    /// # Errors
    /// A run cannot be read or is damaged.
    pub fn posted_by(
        &self,
        book: BookId,
        account: AccountId,
        effective_at: Nanos,
        known: Seq,
    ) -> Result<Posted, IndexError> {
        let bound = Bound {
            seq: known.0,
            effective_at: effective_at.0,
        };
        let snapshot = self.shared.snapshot.load_full();
        let mut posted = Posted::default();
        for run in &snapshot.legs {
            match run.find(book.0, account.0)? {
                Some(Found::Short(bytes)) => {
                    let folded = leg_chunk::fold(run.start(), &bytes, bound, &mut posted);
                    folded.map_err(|Cut| run.damaged(0, Damage::Malformed))?;
                }
                Some(Found::Long(extent)) => fold_long(run, extent, bound, &mut posted)?,
                None => {}
            }
        }
        for table in &snapshot.tables {
            let mut number = Some(0);
            while let Some(from) = number {
                let account = (book.0, account.0);
                let folded = table
                    .read()
                    .fold(account, from, CHUNKS_A_LOCK, bound, &mut posted);
                number = folded.unwrap_or(None);
            }
        }
        Ok(posted)
    }
}

fn fold_long(
    run: &Arc<LegRun>,
    extent: Extent,
    bound: Bound,
    posted: &mut Posted,
) -> Result<(), IndexError> {
    let mut from = 0;
    if bound.effective_at == u64::MAX {
        if extent.last_seq <= bound.seq {
            posted.add(extent.posted);
            return Ok(());
        }
        // Sums of all chunks before stand with each chunk.
        from = run.seek(&extent, bound.seq)?;
        if from < extent.chunks {
            posted.add(run.skip(&extent, from)?.before);
        }
    }
    let mut chunks = run.chunks(extent, from);
    while let Some(skip) = chunks.next()? {
        match skip.chunk.share(bound) {
            Share::All => posted.add(skip.chunk.posted),
            Share::None if skip.chunk.base.seq > bound.seq => break,
            Share::None => {}
            Share::Some => {
                let body = chunks.body(&skip)?;
                let folded = leg_chunk::fold(skip.chunk.base, body, bound, posted);
                folded.map_err(|Cut| chunks.damaged(&skip))?;
            }
        }
    }
    Ok(())
}

fn run_legs(
    run: &Arc<LegRun>,
    book: u32,
    account: u128,
    seqs: &Range<u64>,
    visit: Visit<'_>,
) -> Result<ControlFlow<()>, IndexError> {
    match run.find(book, account)? {
        None => Ok(ControlFlow::Continue(())),
        Some(Found::Short(bytes)) => {
            let visited = visit_some(run.start(), &bytes, seqs, visit);
            visited.map_err(|Cut| run.damaged(0, Damage::Malformed))
        }
        Some(Found::Long(extent)) => {
            let mut chunks = run.chunks(extent, run.seek(&extent, seqs.start)?);
            while let Some(skip) = chunks.next()? {
                if skip.chunk.base.seq >= seqs.end {
                    return Ok(ControlFlow::Break(()));
                }
                let visited = visit_some(skip.chunk.base, chunks.body(&skip)?, seqs, visit);
                if visited.map_err(|Cut| chunks.damaged(&skip))?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        }
    }
}

fn table_legs(
    table: &RwLock<LegTable>,
    book: u32,
    account: u128,
    seqs: &Range<u64>,
    visit: Visit<'_>,
) -> Result<ControlFlow<()>, IndexError> {
    let mut number = table.read().seek(book, account, seqs.start);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        // The lock is gone before anyone is handed a leg.
        let piece = table.read().piece(book, account, number, &mut bytes);
        let Some(piece) = piece else {
            return Ok(ControlFlow::Continue(()));
        };
        // The table wrote these bytes, so they are whole.
        let visited = visit_some(piece.base, &bytes, seqs, visit);
        if visited.is_ok_and(|flow| flow.is_break()) {
            return Ok(ControlFlow::Break(()));
        }
        number += 1;
    }
}

fn visit_some(
    base: State,
    bytes: &[u8],
    seqs: &Range<u64>,
    visit: Visit<'_>,
) -> Result<ControlFlow<()>, Cut> {
    let mut legs = Legs::new(bytes, base);
    while let Some(leg) = legs.next()? {
        if leg.seq.0 >= seqs.end {
            return Ok(ControlFlow::Break(()));
        }
        if leg.seq.0 >= seqs.start && visit(&leg).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
