//! What requests need of the journal, at least, so that a full disk shows before they are decided.

use ledger::Ledger;
use ledger::limits::EXPIRIES_PER_BATCH_MAX;
use store::Need;
use wire::Request;

use crate::queue::Turn;
use crate::slice;
use crate::submit::{Command, Judged};

/// Bytes of an event in the journal, at most, with its share of everything around it.
const EVENT_BYTES: u64 = 256;
/// Bytes of a block beside its events, at most.
const BLOCK_BYTES: u64 = 4_096;
/// Bytes of a note beside its reference and metadata, at most.
const NOTE_BYTES: u64 = 128;

/// What due holds of one book need.
pub(crate) const EXPIRIES: Need = Need {
    cycle: EXPIRIES_PER_BATCH_MAX as u64 * EVENT_BYTES,
    notes: 0,
};

/// What an event needs that stands in a block by itself.
pub(crate) const EVENT: Need = Need {
    cycle: BLOCK_BYTES + EVENT_BYTES,
    notes: 0,
};

/// At least what a turn adds to the open cycle.
pub(crate) fn of_turn(ledger: &Ledger, turn: &Turn) -> Need {
    match &turn.submit.judged {
        Judged::Refused(_) => EVENT,
        Judged::Permitted(command) if turn.results.is_empty() => {
            of_command(ledger, command.value())
        }
        // What is left of a batch was counted when it was let in.
        Judged::Permitted(_) => Need::default(),
    }
}

/// At least what a command adds to the open cycle.
pub(crate) fn of_command(ledger: &Ledger, command: &Command) -> Need {
    behind(ledger, command, 0)
}

/// At least what is left of a batch adds to the cycles to come.
pub(crate) fn left(ledger: &Ledger, turn: &Turn) -> Need {
    behind(ledger, turn.submit.judged.command(), turn.results.len())
}

/// At least what a command adds behind its first `decided` items.
fn behind(ledger: &Ledger, command: &Command, decided: usize) -> Need {
    // Each slice may come in a cycle of its own, with a block and padding of its own.
    let mut blocks = 1;
    let items = match &command.request {
        Request::Post(post) => {
            let left = post.transfers.len() - decided;
            if slice::transfers(command).is_some() {
                blocks = left.div_ceil(slice::TRANSFERS) as u64;
            }
            let book = ledger.book(command.book);
            let holds = book.map_or(0, |book| book.holds().len());
            left + holds.min(EXPIRIES_PER_BATCH_MAX)
        }
        Request::CreateAccounts(create) => create.accounts.len(),
        Request::ChangeAccounts(change) => change.changes.len(),
        _ => 1,
    };
    let notes = command
        .notes
        .iter()
        .map(|(_, note)| NOTE_BYTES + note.reference.len() as u64 + note.metadata.len() as u64);
    Need {
        cycle: blocks * BLOCK_BYTES + items as u64 * EVENT_BYTES,
        notes: notes.sum(),
    }
}
