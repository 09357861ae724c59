//! What stood where when a row was made: told again from closed blocks after a restart.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ledger::block::Head;
use ledger::snapshot::Heads as LedgerHeads;
use ledger::{BookId, Height};
use store::{ReadError, Reader};

use crate::moved::{BookHead, Heads};

/// Heads at a cycle, and what moved them from there on.
#[derive(Debug)]
pub(crate) struct Past {
    /// Heads of all books that had a block at the first boundary.
    pub(crate) base: HashMap<BookId, BookHead>,
    /// What moved up to each boundary; the last one goes to the journal's end.
    pub(crate) spans: Vec<Heads>,
}

/// Tells where books stood at the cycle `base`, and what moved them up to each of `boundaries`,
/// which rise, and from the last of them to `last_cycle`. `now` is where they stand at the end.
///
/// # Errors
/// A block cannot be read.
pub(crate) fn walk(
    reader: &Reader,
    now: &LedgerHeads,
    base: u64,
    boundaries: &[u64],
    last_cycle: u64,
) -> Result<Past, ReadError> {
    let mut before: HashMap<BookId, Option<BookHead>> = HashMap::new();
    let mut spans = vec![Heads::default(); boundaries.len() + 1];
    for cycle in reader.cycles(base + 1) {
        let cycle = cycle?;
        if cycle.number > last_cycle {
            break;
        }
        let at = boundaries.partition_point(|boundary| *boundary < cycle.number);
        let Some(span) = spans.get_mut(at) else {
            break;
        };
        for block in &cycle.blocks {
            let header = &block.header;
            if let Entry::Vacant(entry) = before.entry(header.book) {
                entry.insert(head_before(reader, header.book, header.height)?);
            }
            let head = BookHead::of(header, block.hash);
            span.heads.insert(header.book, head);
            span.events += u64::from(header.count);
        }
        span.cycle = cycle.number;
    }
    let mut heads: HashMap<BookId, BookHead> = now
        .iter()
        .filter(|(_, head)| head.height.0 > 0)
        .map(|(book, head)| (*book, of_head(*book, head)))
        .collect();
    for (book, head) in before {
        match head {
            Some(head) => heads.insert(book, head),
            None => heads.remove(&book),
        };
    }
    Ok(Past { base: heads, spans })
}

fn of_head(book: BookId, head: &Head) -> BookHead {
    BookHead {
        book,
        height: head.height,
        size: head.frontier.size(),
        root: head.frontier.root(),
        block_hash: head.hash,
    }
}

fn head_before(
    reader: &Reader,
    book: BookId,
    height: Height,
) -> Result<Option<BookHead>, ReadError> {
    let Some(height) = height.0.checked_sub(1).filter(|height| *height > 0) else {
        return Ok(None);
    };
    let block = reader.block_by_height(book, Height(height))?;
    Ok(block.map(|block| BookHead::of(&block.header, block.hash)))
}
