//! Hashes of leaves out of blocks.

use std::ops::Range;

use ledger::block::Block;
use ledger::event::Records;
use ledger::{BookId, Digest, Seq, merkle};

use super::error::TileError;
use crate::reader::Reader;

/// Hashes of the leaves `range` of a book, from the blocks that hold them.
pub(super) fn leaves(
    reader: &Reader,
    book: BookId,
    range: Range<u64>,
) -> Result<Vec<Digest>, TileError> {
    let mut hashes = Vec::with_capacity((range.end - range.start) as usize);
    let mut seq = range.start;
    while seq < range.end {
        let block = reader.block_at(book, Seq(seq))?;
        let block = block.ok_or(TileError::NoRecord { book, seq })?;
        let end = block.header.seqs().end.min(range.end);
        let before = hashes.len();
        of_block(&block, seq..end, &mut hashes)?;
        if hashes.len() == before {
            return Err(TileError::NoRecord { book, seq });
        }
        seq = end;
    }
    Ok(hashes)
}

/// Appends hashes of the leaves `range`, all of which `block` holds: those that it remembers, or
/// its records' anew.
pub(super) fn of_block(
    block: &Block,
    range: Range<u64>,
    out: &mut Vec<Digest>,
) -> Result<(), TileError> {
    let header = &block.header;
    let (first, count) = (header.first_seq.0, header.count as usize);
    let skip = (range.start - first) as usize;
    let take = (range.end - range.start) as usize;
    let known = &block.hashes.leaves;
    if known.len() == count {
        out.extend(known.iter().skip(skip).take(take));
        return Ok(());
    }
    let missing = |seq| TileError::NoRecord {
        book: header.book,
        seq,
    };
    if take < count / 2 {
        for seq in range {
            let record = block.record(Seq(seq)).ok_or(missing(seq))?;
            out.push(merkle::leaf(record));
        }
        return Ok(());
    }
    for (seq, record) in (first..range.end).zip(Records(&block.events)).skip(skip) {
        out.push(merkle::leaf(record.map_err(|_| missing(seq))?));
    }
    Ok(())
}
