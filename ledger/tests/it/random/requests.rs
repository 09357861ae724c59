//! Random requests: mostly sensible, often wrong in one place, sometimes wrong altogether.

use ledger::account::AccountSettings;
use ledger::note::Note;
use ledger::window::WindowLimit;
use ledger::{
    AccountChange, AccountFlags, AccountId, AssetId, Nanos, NewAccount, Transfer, TransferFlags,
    TransferId,
};

use super::world::World;

/// 2^127 − 1.
const MAX: u128 = u128::MAX >> 1;
/// Accounts 1 to 5 are in asset 1, 6 to 8 in asset 2; 9 is seldom there.
const ACCOUNTS: u64 = 9;

/// What was asked of a book.
#[derive(Default)]
pub(crate) struct Past {
    asked: Vec<(Transfer, Note)>,
    next_id: u128,
    /// Posted time of the last transfer to import.
    imported: u64,
}

impl World {
    pub(crate) fn first_accounts(&mut self, book: u32) {
        let accounts: Vec<NewAccount> = (1..ACCOUNTS)
            .map(|id| NewAccount {
                id: AccountId(u128::from(id)),
                asset: AssetId(if id < 6 { 1 } else { 2 }),
                code: 1,
                user_data: id,
                settings: if id % 3 == 0 {
                    self.settings()
                } else {
                    AccountSettings::default()
                },
            })
            .collect();
        let codes = self.pair.create_accounts(self.now, book, &accounts);
        self.count(&codes);
    }

    pub(crate) fn new_account(&mut self) -> NewAccount {
        let id = 1 + self.rng.below(ACCOUNTS);
        let mut new = NewAccount {
            id: AccountId(u128::from(id)),
            asset: AssetId(if id < 6 { 1 } else { 2 }),
            code: 1,
            user_data: id,
            settings: if self.rng.one_in(2) {
                self.settings()
            } else {
                AccountSettings::default()
            },
        };
        match self.rng.below(30) {
            0 => new.id = AccountId(0),
            1 => new.id = AccountId(u128::MAX),
            2 => new.code = 0,
            3 => new.code = 2,
            4 => new.asset = AssetId(0),
            5 => new.asset = AssetId(3),
            6 => new.user_data = 77,
            _ => {}
        }
        new
    }

    pub(crate) fn change(&mut self, book: u32) -> AccountChange {
        let id = 1 + self.rng.below(ACCOUNTS);
        let account = self
            .pair
            .model
            .books
            .get(&book)
            .and_then(|b| b.accounts.get(&u128::from(id)));
        let now = account.map(|account| account.settings).unwrap_or_default();
        let mut settings = match self.rng.below(4) {
            0 => AccountSettings::default(),
            1 => now,
            _ => self.settings(),
        };
        if self.rng.one_in(8) {
            settings.flags.0 ^= AccountFlags::CLOSED;
        }
        if self.rng.one_in(20) {
            settings.limits[0].seconds = settings.limits[0].seconds.wrapping_add(1);
        }
        AccountChange {
            id: AccountId(u128::from(id)),
            settings,
        }
    }

    fn settings(&mut self) -> AccountSettings {
        let flags = match self.rng.below(40) {
            0..24 => 0,
            24..28 => AccountFlags::DEBIT_NORMAL,
            28..31 => AccountFlags::FROZEN_DEBITS,
            31..34 => AccountFlags::FROZEN_CREDITS,
            34..38 => AccountFlags::CLOSED,
            38 => AccountFlags::FROZEN_DEBITS | AccountFlags::FROZEN_CREDITS,
            _ => self.rng.next() as u16,
        };
        AccountSettings {
            flags: AccountFlags(flags),
            floor: self.bound(-1),
            ceiling: self.bound(1),
            limits: [self.limit(), self.limit()],
            tags: self.rng.pick(&[0, 0, 1, u64::MAX]),
        }
    }

    fn bound(&mut self, sign: i128) -> Option<i128> {
        let value = match self.rng.below(10) {
            0..5 => return None,
            5..7 => i128::from(self.rng.below(300)),
            7 => 0,
            8 if self.extreme => {
                return Some(
                    self.rng
                        .pick(&[i128::MIN, i128::MIN + 1, i128::MAX, i128::MAX - 1]),
                );
            }
            8 => 1_000,
            _ => -i128::from(self.rng.below(20)),
        };
        Some(sign * value)
    }

    fn limit(&mut self) -> WindowLimit {
        if !self.rng.one_in(4) {
            return WindowLimit::default();
        }
        WindowLimit {
            seconds: self.rng.pick(&[1, 7, 16, 60, 60, 60, 0, u32::MAX]),
            count: self.rng.below(5) as u32,
            amount: if self.extreme {
                MAX
            } else {
                u128::from(self.rng.below(4) * 40)
            },
        }
    }

    /// A batch with notes in order of index.
    pub(crate) fn batch(&mut self, book: u32) -> (Vec<Transfer>, Vec<(u32, Note)>) {
        let len = if self.rng.one_in(40) {
            30
        } else {
            1 + self.rng.below(6)
        };
        let (mut transfers, mut notes) = (vec![], vec![]);
        let linking = self.rng.pick(&[0, 0, 2, 4]);
        for index in 0..len {
            let (mut transfer, note) = self.transfer(book);
            if linking != 0 && !self.rng.one_in(linking) && (index + 1 < len || self.rng.one_in(9))
            {
                transfer.flags = transfer.flags.with(TransferFlags::LINKED);
            }
            self.past
                .entry(book)
                .or_default()
                .asked
                .push((transfer, note.clone()));
            transfers.push(transfer);
            if !note.reference.is_empty() || !note.metadata.is_empty() || self.rng.one_in(30) {
                notes.push((index as u32, note));
            }
        }
        (transfers, notes)
    }

    fn transfer(&mut self, book: u32) -> (Transfer, Note) {
        let (mut transfer, mut note) = match self.rng.below(20) {
            0..2 => self.retry(book),
            2..5 => (self.by_target(book, TransferFlags::CAPTURE), self.note()),
            5 => (self.by_target(book, TransferFlags::VOID), self.note()),
            6..8 => (self.by_target(book, TransferFlags::REVERSAL), self.note()),
            _ => (self.plain(book), self.note()),
        };
        if self.rng.one_in(14) {
            self.spoil(&mut transfer, &mut note);
        }
        (transfer, note)
    }

    fn fresh_id(&mut self, book: u32) -> TransferId {
        let past = self.past.entry(book).or_default();
        past.next_id += 1;
        // Spread over the whole space, in no order.
        TransferId(
            past.next_id
                .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835),
        )
    }

    fn plain(&mut self, book: u32) -> Transfer {
        let (debit, credit) = self.accounts();
        let mut t = Transfer::new(0, debit, credit, self.amount(), 1);
        t.id = self.fresh_id(book);
        t.user_data = self.rng.below(3);
        if self.rng.one_in(4) {
            t.asset = AssetId(if debit < 6 { 1 } else { 2 });
        }
        if self.rng.one_in(6) {
            t.effective_at = Nanos(self.now.saturating_sub(self.rng.below(20) * 1_000_000_000));
        }
        match self.rng.below(10) {
            0..3 => {
                t.flags = TransferFlags::HOLD;
                t.timeout = self.rng.pick(&[0, 1, 2, 10, 60, u32::MAX]);
            }
            3 => t.flags = TransferFlags::BALANCING_DEBIT,
            4 => t.flags = TransferFlags::BALANCING_CREDIT,
            _ => {}
        }
        if self.rng.one_in(30) {
            let both = TransferFlags::BALANCING_DEBIT.with(TransferFlags::BALANCING_CREDIT);
            t.flags = t.flags.with(both);
        }
        if self.is_importing(book) {
            self.import(book, &mut t);
        }
        t
    }

    fn is_importing(&self, book: u32) -> bool {
        self.pair
            .model
            .books
            .get(&book)
            .is_some_and(|book| book.importing)
    }

    fn import(&mut self, book: u32, t: &mut Transfer) {
        if self.rng.one_in(20) {
            return;
        }
        t.flags = t
            .flags
            .without(TransferFlags::HOLD)
            .with(TransferFlags::IMPORTED);
        t.timeout = 0;
        let last = self.pair.model.books[&book].log.last;
        let past = self.past.entry(book).or_default();
        past.imported = past.imported.max(last) + self.rng.pick(&[1, 2, 1000]);
        t.posted_at = Nanos(past.imported - u64::from(self.rng.one_in(15)));
    }

    fn accounts(&mut self) -> (u128, u128) {
        let (from, count) = if self.rng.one_in(5) { (6, 3) } else { (1, 5) };
        let debit = self.rng.below(count);
        let credit = (debit + 1 + self.rng.below(count - 1)) % count;
        (u128::from(from + debit), u128::from(from + credit))
    }

    fn amount(&mut self) -> u128 {
        if self.extreme && self.rng.one_in(3) {
            return self
                .rng
                .pick(&[MAX, MAX - 1, MAX / 2, MAX / 2 + 1, MAX / 3, 1, MAX + 1]);
        }
        u128::from(1 + self.rng.below(60))
    }

    fn note(&mut self) -> Note {
        let mut note = Note::default();
        if self.rng.one_in(12) {
            note.salt = [self.rng.below(250) as u8; 16];
            note.reference = self.rng.pick(&[&b"invoice"[..], b"refund", b""]).to_vec();
            note.metadata = self.rng.pick(&[&b"{}"[..], b""]).to_vec();
        }
        note
    }

    /// The same request again, with a salt of its own.
    fn retry(&mut self, book: u32) -> (Transfer, Note) {
        let past = self.past.entry(book).or_default();
        let Some(last) = (past.asked.len() as u64).checked_sub(1) else {
            return (self.plain(book), Note::default());
        };
        let back = if self.rng.one_in(2) {
            self.rng.below(last.min(6) + 1)
        } else {
            0
        };
        let at = if self.rng.one_in(3) {
            self.rng.below(last + 1)
        } else {
            last - back
        };
        let (transfer, mut note) = self.past[&book].asked[at as usize].clone();
        note.salt = [99; 16];
        (transfer, note)
    }

    /// A capture, void or reversal of something that was asked before.
    fn by_target(&mut self, book: u32, flag: TransferFlags) -> Transfer {
        let reversal = flag == TransferFlags::REVERSAL;
        let wanted = |t: &Transfer| t.flags.has(TransferFlags::HOLD) != reversal;
        let asked = &self.past.entry(book).or_default().asked;
        let recent: Vec<Transfer> = asked
            .iter()
            .rev()
            .map(|(t, _)| *t)
            .filter(wanted)
            .take(8)
            .collect();
        let mut t = self.plain(book);
        t.timeout = 0;
        t.flags = flag.with(TransferFlags(t.flags.0 & TransferFlags::IMPORTED.0));
        t.target = TransferId(12_345);
        if recent.is_empty() {
            return t;
        }
        let target = self.rng.pick(&recent);
        t.target = target.id;
        (t.debit, t.credit) = (target.debit, target.credit);
        if reversal {
            (t.debit, t.credit) = (target.credit, target.debit);
        }
        t.asset = AssetId(0);
        t.amount = self.target_amount(book, &target, flag);
        if flag == TransferFlags::CAPTURE && self.rng.one_in(3) {
            t.flags = t.flags.with(TransferFlags::KEEP_OPEN);
        }
        t
    }

    fn target_amount(&mut self, book: u32, target: &Transfer, flag: TransferFlags) -> u128 {
        let book = self.pair.model.books.get(&book);
        let left = book
            .and_then(|b| b.holds.get(&target.id.0))
            .map(|hold| hold.left);
        let moved = book
            .and_then(|b| b.posted.get(&target.id.0))
            .map(|p| p.event.amount);
        let whole = left.or(moved).unwrap_or(target.amount);
        match self.rng.below(12) {
            0 => whole.saturating_add(1),
            1 => target.amount,
            2..5 if flag == TransferFlags::CAPTURE => whole / 2,
            5..10 if flag == TransferFlags::VOID => 0,
            _ => whole,
        }
    }

    /// Makes one thing about a request wrong, or at least other than it was.
    fn spoil(&mut self, t: &mut Transfer, note: &mut Note) {
        let account = self.rng.pick(&[0, 1, 2, 6, 7, 9, u128::MAX]);
        match self.rng.below(21) {
            0 => t.id = TransferId(self.rng.pick(&[0, u128::MAX])),
            1 | 2 => t.debit = AccountId(account),
            3 | 4 => t.credit = AccountId(account),
            5 => t.amount = self.rng.pick(&[0, 1, MAX, MAX + 1, u128::MAX]),
            6 => t.target = TransferId(self.rng.pick(&[0, 1, 2])),
            7 => {
                let any = self.rng.below(self.now.saturating_add(2).max(1));
                t.effective_at = Nanos(self.rng.pick(&[0, any]));
            }
            8 => t.posted_at = Nanos(self.rng.below(3)),
            9 => t.user_data += 1,
            10 => t.asset = AssetId(self.rng.below(4) as u32),
            11 => t.timeout = self.rng.below(3) as u32,
            12 => t.code = self.rng.below(3) as u16,
            13 => t.flags = TransferFlags(self.rng.next() as u16 & TransferFlags::KNOWN),
            14 => t.flags = TransferFlags(t.flags.0 ^ (1 << self.rng.below(10))),
            15 => note.reference = self.rng.pick(&[&b"other"[..], b"", &[b'x'; 129]]).to_vec(),
            16 => note.metadata = self.rng.pick(&[&b"[]"[..], b"", &[b'x'; 4097]]).to_vec(),
            17 => std::mem::swap(&mut t.debit, &mut t.credit),
            18 => t.amount = t.amount.wrapping_add(1),
            19 => t.posted_at = Nanos(t.posted_at.0.saturating_sub(1)),
            _ => t.target = t.id,
        }
    }
}
