//! Writes requests of every kind, right ones and wrong ones.

use std::cell::Cell;
use std::rc::Rc;

use ledger::{Transfer, TransferFlags as Flags, TransferId};
use wire::message::ItemNote;

use crate::workload::{IdOrder, Ids, account_id};

/// Transfers of a request, at most, before its last entry set.
const BATCH_MAX: usize = 120;
/// Transfers per book that an author remembers to act upon or repeat.
const REMEMBERED_MAX: usize = 256;

/// Writes requests.
#[derive(Debug)]
pub(super) struct Author {
    random: fastrand::Rng,
    ids: Ids,
    /// Accounts of each book; grows while others create some.
    accounts: Vec<Rc<Cell<u32>>>,
    /// Transfers that were asked for, per book.
    before: Vec<Vec<Transfer>>,
}

/// A request that was written.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// Index of its book.
    pub(super) book: usize,
    /// Its transfers.
    pub(super) transfers: Vec<Transfer>,
    /// Their notes.
    pub(super) notes: Vec<ItemNote>,
}

impl Author {
    /// An author with this seed, who writes about these accounts.
    pub(super) fn new(seed: u64, accounts: Vec<Rc<Cell<u32>>>) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let order = if random.bool() {
            IdOrder::Time
        } else {
            IdOrder::Random
        };
        Self {
            ids: Ids::new(order, random.u64(..)),
            random,
            before: vec![Vec::new(); accounts.len()],
            accounts,
        }
    }

    /// The next request, at this time in milliseconds since 1970.
    pub(super) fn write(&mut self, millis: u64) -> Draft {
        self.ids.begin_batch(millis);
        let mut draft = Draft {
            book: self.random.usize(..self.accounts.len()),
            ..Draft::default()
        };
        let most = if self.random.u8(..3) == 0 {
            3
        } else {
            BATCH_MAX
        };
        let count = self.random.usize(1..=most);
        // What acts upon an earlier transfer adds nothing where there is none.
        while draft.transfers.len() < count {
            self.add(&mut draft);
        }
        if self.random.u8(..100) == 0 {
            // An entry set that does not end.
            if let Some(last) = draft.transfers.last_mut() {
                last.flags = last.flags.with(Flags::LINKED);
            }
        }
        draft
    }

    fn add(&mut self, draft: &mut Draft) {
        match self.random.u8(..100) {
            0..50 => self.put(draft, Flags::NONE),
            50..62 => self.hold(draft),
            62..72 => self.end_hold(draft),
            72..76 => self.reverse(draft),
            76..78 => self.put(draft, Flags::BALANCING_DEBIT),
            78..80 => self.put(draft, Flags::BALANCING_CREDIT),
            80..88 => self.set(draft),
            88..93 => self.repeat(draft, |_| {}),
            93..96 => self.repeat(draft, |transfer| transfer.amount += 1),
            _ => self.wrong(draft),
        }
    }

    /// A transfer between two accounts; one of twenty has a note.
    fn put(&mut self, draft: &mut Draft, flags: Flags) {
        let transfer = Transfer {
            flags,
            ..self.plain(draft.book)
        };
        if self.random.u8(..20) == 0 {
            draft.notes.push(ItemNote {
                index: draft.transfers.len() as u32,
                reference: format!("order {}", self.random.u32(..)).into_bytes(),
                metadata: Vec::new(),
            });
        } else {
            self.remember(draft.book, transfer);
        }
        draft.transfers.push(transfer);
    }

    fn hold(&mut self, draft: &mut Draft) {
        let timeout = [0, 1, 2, 3_600][self.random.usize(..4)];
        let hold = Transfer {
            flags: Flags::HOLD,
            timeout,
            ..self.plain(draft.book)
        };
        self.remember(draft.book, hold);
        draft.transfers.push(hold);
    }

    fn end_hold(&mut self, draft: &mut Draft) {
        let Some(hold) = self.recall(draft.book, |t| t.flags.has(Flags::HOLD)) else {
            return;
        };
        let amount = self.random.u128(1..=hold.amount);
        let (flags, amount) = match self.random.u8(..4) {
            0 => (Flags::VOID, 0),
            1 => (Flags::CAPTURE.with(Flags::KEEP_OPEN), amount),
            2 => (Flags::CAPTURE, amount),
            _ => (Flags::CAPTURE, hold.amount),
        };
        let id = TransferId(self.ids.draw());
        let end = Transfer {
            id,
            target: hold.id,
            amount,
            flags,
            timeout: 0,
            ..hold
        };
        self.remember(draft.book, end);
        draft.transfers.push(end);
    }

    fn reverse(&mut self, draft: &mut Draft) {
        let Some(given) = self.recall(draft.book, |t| t.flags == Flags::NONE) else {
            return;
        };
        draft.transfers.push(Transfer {
            id: TransferId(self.ids.draw()),
            debit: given.credit,
            credit: given.debit,
            target: given.id,
            flags: Flags::REVERSAL,
            ..given
        });
    }

    fn set(&mut self, draft: &mut Draft) {
        let members = self.random.usize(2..=5);
        for at in 0..members {
            let flags = if at + 1 == members {
                Flags::NONE
            } else {
                Flags::LINKED
            };
            draft.transfers.push(Transfer {
                flags,
                ..self.plain(draft.book)
            });
        }
    }

    /// Something that was asked for before, once more or changed.
    fn repeat(&mut self, draft: &mut Draft, change: impl FnOnce(&mut Transfer)) {
        let Some(mut transfer) = self.recall(draft.book, |_| true) else {
            return;
        };
        change(&mut transfer);
        draft.transfers.push(transfer);
    }

    fn wrong(&mut self, draft: &mut Draft) {
        let mut transfer = self.plain(draft.book);
        match self.random.u8(..5) {
            0 => transfer.credit = transfer.debit,
            1 => transfer.amount = 0,
            2 => transfer.code = 0,
            3 => transfer.timeout = 7,
            _ => transfer.debit.0 = 77,
        }
        draft.transfers.push(transfer);
    }

    fn plain(&mut self, book: usize) -> Transfer {
        let accounts = self.accounts[book].get();
        let debit = self.random.u32(..accounts);
        let credit = (debit + self.random.u32(1..accounts)) % accounts;
        let amount = u128::from(self.random.u32(1..=10_000));
        let id = self.ids.draw();
        Transfer {
            user_data: self.random.u64(..),
            ..Transfer::new(id, account_id(debit).0, account_id(credit).0, amount, 1)
        }
    }

    fn remember(&mut self, book: usize, transfer: Transfer) {
        let before = &mut self.before[book];
        if before.len() < REMEMBERED_MAX {
            before.push(transfer);
        } else {
            before[self.random.usize(..REMEMBERED_MAX)] = transfer;
        }
    }

    fn recall(&mut self, book: usize, fits: impl Fn(&Transfer) -> bool) -> Option<Transfer> {
        let before = &self.before[book];
        let start = self.random.usize(..before.len().max(1));
        before[start.min(before.len())..]
            .iter()
            .chain(before)
            .find(|t| fits(t))
            .copied()
    }
}
