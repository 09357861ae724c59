//! Slices: how much of a request is decided in one go, so that nobody waits for a whole batch of
//! somebody else.

use ledger::{Transfer, TransferFlags};
use plugins_host::Subject;
use wire::Request;

use crate::queue::Turn;
use crate::submit::{Command, Judged};

/// Transfers of a slice: about half a millisecond of deciding. Two under test, so that the
/// simulation's small batches are cut too.
pub(crate) const TRANSFERS: usize = if cfg!(test) { 2 } else { 1_024 };

/// The transfers of a command that is decided in slices. Notes are counted from the start of their
/// batch, so one with notes is decided whole.
pub(crate) fn transfers(command: &Command) -> Option<&[Transfer]> {
    match &command.request {
        Request::Post(post) if post.transfers.len() > TRANSFERS && command.notes.is_empty() => {
            Some(&post.transfers)
        }
        _ => None,
    }
}

/// Where the slice that starts at `from` ends: never inside an entry set.
pub(crate) fn end(transfers: &[Transfer], from: usize) -> usize {
    let mut end = transfers.len().min(from + TRANSFERS);
    while end < transfers.len() && transfers[end - 1].flags.has(TransferFlags::LINKED) {
        end += 1;
    }
    end
}

/// Bytes that the next go of a request costs when turns are given.
pub(crate) fn cost(turn: &Turn) -> usize {
    let command = turn.submit.judged.command();
    if let Judged::Refused(_) = turn.submit.judged {
        // Ids are looked up, and no more.
        return 64 + command.transfers().len() * 32;
    }
    if let Some(transfers) = transfers(command) {
        return (transfers.len() - turn.results.len()).min(TRANSFERS) * Transfer::BYTES;
    }
    match &command.request {
        Request::Post(post) | Request::DryRun(post) => 64 + post.transfers.len() * Transfer::BYTES,
        Request::CreateAccounts(create) => 64 + create.accounts.len() * 128,
        Request::ChangeAccounts(change) => 64 + change.changes.len() * 128,
        Request::LookupAccounts(lookup) => 64 + lookup.ids.len() * 64,
        Request::ListAccounts(_) => 64 << 10,
        _ => 1_024,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_never_ends_inside_an_entry_set() {
        let plain = Transfer::new(1, 1, 2, 1, 1);
        let linked = Transfer {
            flags: TransferFlags::LINKED,
            ..plain
        };
        let mut transfers = vec![plain; 3 * TRANSFERS];
        assert_eq!(end(&transfers, 0), TRANSFERS);
        transfers[TRANSFERS - 1] = linked;
        transfers[TRANSFERS] = linked;
        assert_eq!(end(&transfers, 0), TRANSFERS + 2);
        assert_eq!(end(&transfers, TRANSFERS + 2), 2 * TRANSFERS + 2);
        transfers.fill(linked);
        assert_eq!(end(&transfers, 0), 3 * TRANSFERS);
    }
}
