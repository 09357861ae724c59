//! The hashing thread: leaves, roots and links of the blocks the shard closed.
//!
//! It owns the heads of all books, since nothing else changes them.

use std::sync::Arc;

use crossbeam::channel::{Receiver, Sender};
use ledger::snapshot::{Heads, encode_heads};
use store::Cycle;

use crate::cycle::{Draft, Sealed};
use crate::fatal;
use crate::fault::Trap;

/// Hashes drafts in order until the shard is gone.
pub(crate) fn run(
    mut heads: Heads,
    drafts: &Receiver<Draft>,
    sealed: &Sender<Sealed>,
    trap: &Trap,
) {
    for draft in drafts {
        if !draft.blocks.is_empty() {
            trap.spring();
        }
        if sealed.send(seal(&mut heads, draft)).is_err() {
            return;
        }
    }
}

pub(crate) fn seal(heads: &mut Heads, draft: Draft) -> Sealed {
    let mut blocks = Vec::with_capacity(draft.blocks.len());
    for (book, open) in draft.blocks {
        match heads.entry(book).or_default().seal(book, open) {
            Ok(block) => blocks.push(Arc::new(block)),
            Err(error) => fatal::stop("hasher", &error),
        }
    }
    let cycle = (!blocks.is_empty()).then(|| {
        Arc::new(Cycle {
            number: draft.number,
            blocks,
        })
    });
    let snapshot = draft.snapshot.map(|begin| [begin, encode_heads(heads)]);
    Sealed {
        cycle,
        number: draft.number,
        answers: draft.answers,
        snapshot,
        erased: draft.erased,
    }
}
