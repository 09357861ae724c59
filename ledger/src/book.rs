//! A book: one order of events, and the accounts and holds they fold to.
//!
//! Deciding is in `posting.rs` and `account_rules.rs`, undoing in `undo.rs`; this file owns the
//! state and the one way an event changes it, shared by deciding and replay.

use crate::account::{Account, AccountFlags, AccountSettings, Balances, Limits};
use crate::batch::{BatchEntry, Origin};
use crate::block::{OpenBlock, encode_row};
use crate::event::TransferPosted;
use crate::event::{AccountChanged, AccountCreated, BookChange, BookChanged, Event, HoldExpired};
use crate::hold::{Hold, Holds};
use crate::id::{AccountId, BookId, Nanos, Seq, TenantId};
use crate::key_table::{HashSeed, KeyTable};
use crate::limits::{ACCOUNTS_MAX, OPEN_HOLDS_MAX};
use crate::totals::Totals;
use crate::transfer::TransferFlags;
use crate::undo::Undo;

/// What a book takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BookState {
    /// Only imported transfers, with their own posted times.
    pub importing: bool,
    /// No postings at all.
    pub halted: bool,
    /// Answers to writes wait for a published seal.
    pub requires_sealed: bool,
    /// Effective dates before it are refused.
    pub effective_lock: Nanos,
    /// The reason given with the last change.
    pub reason: u16,
}

/// How much a book may hold in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caps {
    /// Accounts.
    pub accounts: usize,
    /// Open holds.
    pub open_holds: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            accounts: ACCOUNTS_MAX,
            open_holds: OPEN_HOLDS_MAX,
        }
    }
}

/// A book and everything its events fold to.
#[derive(Clone, Debug)]
pub struct Book {
    /// Its number.
    pub id: BookId,
    /// Its owner.
    pub tenant: TenantId,
    pub(crate) state: BookState,
    pub(crate) caps: Caps,
    pub(crate) next_seq: u64,
    pub(crate) last_posted_at: u64,
    /// Blocks closed so far.
    pub(crate) height: u64,
    pub(crate) accounts: Vec<Account>,
    pub(crate) index: KeyTable,
    pub(crate) limits: Vec<Limits>,
    /// Tags by ordinal, up to the last account that has any: most have none, and posting does not
    /// ask for them.
    pub(crate) tags: Vec<u64>,
    pub(crate) holds: Holds,
    pub(crate) totals: Totals,
    pub(crate) open: OpenBlock,
    /// Accounts that the open block touched, in order of first touch.
    pub(crate) touched: Vec<u32>,
    pub(crate) undo: Undo,
}

impl Book {
    /// An empty book.
    pub fn new(id: BookId, tenant: TenantId, importing: bool, seed: HashSeed) -> Self {
        Self {
            id,
            tenant,
            state: BookState {
                importing,
                halted: false,
                requires_sealed: false,
                effective_lock: Nanos(0),
                reason: 0,
            },
            caps: Caps::default(),
            next_seq: 0,
            last_posted_at: 0,
            height: 0,
            accounts: Vec::new(),
            index: KeyTable::new(seed),
            limits: Vec::new(),
            tags: Vec::new(),
            holds: Holds::new(seed),
            totals: Totals::default(),
            open: OpenBlock::default(),
            touched: Vec::new(),
            undo: Undo::default(),
        }
    }

    /// What the book takes.
    pub fn state(&self) -> BookState {
        self.state
    }

    /// Sequence that the next event will have.
    pub fn next_seq(&self) -> Seq {
        Seq(self.next_seq)
    }

    /// Posted time of the last event; 0 before any.
    pub fn last_posted_at(&self) -> Nanos {
        Nanos(self.last_posted_at)
    }

    /// Blocks closed so far.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// Events decided since the last block was closed.
    pub fn open_events(&self) -> u32 {
        self.open.count
    }

    /// The account with this id.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.get(self.ordinal(id)? as usize)
    }

    /// Accounts in order of creation.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Bounds and rolling limits of an account of this book.
    pub fn settings(&self, account: &Account) -> AccountSettings {
        let flags = account.flags;
        AccountSettings {
            flags: AccountFlags(flags.0 & AccountFlags::SETTABLE),
            floor: flags.any(AccountFlags::HAS_FLOOR).then_some(account.floor),
            ceiling: flags
                .any(AccountFlags::HAS_CEILING)
                .then_some(account.ceiling),
            limits: self
                .limits_of(account)
                .map(|l| l.limits)
                .unwrap_or_default(),
            tags: self.ordinal(account.id).map_or(0, |at| self.tags_of(at)),
        }
    }

    /// Open holds.
    pub fn holds(&self) -> &Holds {
        &self.holds
    }

    /// Sums over all accounts, per asset.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The record with this sequence, if it is in the open block.
    pub fn open_record(&self, seq: Seq) -> Option<&[u8]> {
        self.open.record(seq)
    }

    /// Place of an account in order of creation.
    #[inline]
    pub fn ordinal(&self, id: AccountId) -> Option<u32> {
        self.index
            .get(id, |ordinal| self.accounts[ordinal as usize].id)
    }

    /// Tags of the account at this place.
    pub fn tags_of(&self, ordinal: u32) -> u64 {
        self.tags.get(ordinal as usize).copied().unwrap_or(0)
    }

    pub(crate) fn set_tags(&mut self, ordinal: u32, tags: u64) {
        let at = ordinal as usize;
        if at >= self.tags.len() {
            if tags == 0 {
                return;
            }
            self.tags.resize(at + 1, 0);
        }
        self.tags[at] = tags;
    }

    pub(crate) fn limits_of(&self, account: &Account) -> Option<&Limits> {
        self.limits.get((account.limits as usize).checked_sub(1)?)
    }

    /// Posted time of the next event. While importing, the import's own clock stands in for
    /// the world's, so that older posted times can follow.
    #[inline]
    pub(crate) fn next_posted_at(&self, now: Nanos) -> Nanos {
        let next = self.last_posted_at + 1;
        Nanos(if self.state.importing {
            next
        } else {
            next.max(now.0)
        })
    }

    /// Appends an event to the open block. Its effect is applied apart.
    #[inline]
    pub(crate) fn append(&mut self, event: &Event) {
        self.open.push(event);
        self.passed(event.seq(), event.posted_at());
    }

    #[inline]
    fn passed(&mut self, seq: Seq, posted_at: Nanos) {
        self.next_seq = seq.0 + 1;
        self.last_posted_at = posted_at.0;
    }

    /// Names who asked for the events from number `first` on, if there are any.
    pub(crate) fn close_batch(&mut self, origin: &Origin, first: u32) {
        let count = self.open.count - first;
        if count != 0 {
            self.open.batches.push(BatchEntry {
                origin: *origin,
                first,
                count,
            });
        }
    }

    /// Ends the open block: what goes to hashing and the journal.
    pub fn close_block(&mut self) -> Option<OpenBlock> {
        if self.open.count == 0 {
            return None;
        }
        let next = self.open.like();
        let mut open = std::mem::replace(&mut self.open, next);
        open.rows = self.take_rows();
        self.height += 1;
        Some(open)
    }

    /// Encoded rows of the touched accounts, which then count as untouched.
    pub(crate) fn take_rows(&mut self) -> Vec<u8> {
        let mut rows = Vec::with_capacity(self.touched.len() * 90);
        for ordinal in self.touched.drain(..) {
            encode_row(&self.accounts[ordinal as usize], &mut rows);
        }
        rows
    }

    #[inline]
    fn touch(&mut self, ordinal: u32) {
        // Never 0, which stands for an account that no open block touched.
        let stamp = (self.height as u32).wrapping_add(1).max(1);
        let account = &mut self.accounts[ordinal as usize];
        if account.touched != stamp {
            account.touched = stamp;
            self.touched.push(ordinal);
        }
    }

    /// Adds the account of `event`.
    pub(crate) fn apply_created(&mut self, event: &AccountCreated) {
        let ordinal = self.accounts.len() as u32;
        self.accounts.push(Account {
            id: event.id,
            balances: Balances::default(),
            floor: i128::MIN,
            ceiling: i128::MAX,
            seq: 0,
            created_at: event.posted_at,
            user_data: event.user_data,
            asset: event.asset,
            limits: 0,
            open_holds: 0,
            touched: 0,
            code: event.code,
            flags: AccountFlags(0),
        });
        let accounts = &self.accounts;
        self.index
            .insert(event.id, ordinal, |o| accounts[o as usize].id);
        self.totals.account_added(event.asset);
        self.set(ordinal, &event.settings, 0);
        self.touch(ordinal);
    }

    /// Gives the account of `event` its new settings.
    pub(crate) fn apply_changed(&mut self, ordinal: u32, event: &AccountChanged) {
        self.set(ordinal, &event.settings, AccountFlags::CHANGED);
        self.accounts[ordinal as usize].seq = event.account_seq;
        self.touch(ordinal);
    }

    fn set(&mut self, ordinal: u32, settings: &AccountSettings, extra: u16) {
        let slot = self.accounts[ordinal as usize].limits;
        let slot = match (slot, settings.has_limits()) {
            (0, false) => 0,
            (0, true) => {
                self.limits.push(Limits {
                    limits: settings.limits,
                    ..Limits::default()
                });
                self.limits.len() as u32
            }
            (slot, _) => {
                let limits = &mut self.limits[slot as usize - 1];
                for at in 0..limits.limits.len() {
                    // Another window counts in other slots: what was used starts afresh.
                    if limits.limits[at].seconds != settings.limits[at].seconds {
                        limits.windows[at] = Default::default();
                    }
                }
                limits.limits = settings.limits;
                slot
            }
        };
        self.set_tags(ordinal, settings.tags);
        let account = &mut self.accounts[ordinal as usize];
        account.limits = slot;
        account.flags = AccountFlags(settings.flag_bits() | extra);
        account.floor = settings.floor.unwrap_or(i128::MIN);
        account.ceiling = settings.ceiling.unwrap_or(i128::MAX);
    }

    /// Moves what `t` moves on both accounts; holds and ids are the caller's.
    #[inline]
    pub(crate) fn apply_legs(&mut self, t: &TransferPosted, debit: u32, credit: u32) {
        self.apply_debit(t, debit);
        self.apply_credit(t, credit);
    }

    /// The debit leg of `t`.
    #[inline]
    pub(crate) fn apply_debit(&mut self, t: &TransferPosted, ordinal: u32) {
        let (posted, held) = moved(t);
        let account = &mut self.accounts[ordinal as usize];
        account.balances.debits_posted += posted;
        account.balances.debits_pending = account.balances.debits_pending + held - t.released;
        account.seq = t.debit_seq;
        account.open_holds = account.open_holds.wrapping_add(holds_change(t));
        let (limits, asset) = (account.limits, account.asset);
        self.totals.debit(asset, posted, held, t.released);
        if limits != 0
            && !t
                .flags
                .any(TransferFlags::CAPTURE.with(TransferFlags::VOID))
        {
            let limits = &mut self.limits[limits as usize - 1];
            for (limit, window) in limits.limits.iter().zip(&mut limits.windows) {
                if limit.is_set() {
                    window.add(limit, t.posted_at, t.amount);
                }
            }
        }
        self.touch(ordinal);
    }

    /// The credit leg of `t`.
    #[inline]
    pub(crate) fn apply_credit(&mut self, t: &TransferPosted, ordinal: u32) {
        let (posted, held) = moved(t);
        let account = &mut self.accounts[ordinal as usize];
        account.balances.credits_posted += posted;
        account.balances.credits_pending = account.balances.credits_pending + held - t.released;
        account.seq = t.credit_seq;
        account.open_holds = account.open_holds.wrapping_add(holds_change(t));
        self.totals.credit(account.asset, posted, held, t.released);
        self.touch(ordinal);
    }

    /// Changes the holds as `t` does.
    pub(crate) fn apply_hold(&mut self, t: &TransferPosted) {
        if t.flags.has(TransferFlags::HOLD) {
            self.holds.insert(Hold {
                id: t.id,
                debit: t.debit,
                credit: t.credit,
                remaining: t.amount,
                expires_at: expires_at(t),
                seq: t.seq,
                last_seq: t.seq,
            });
        } else if ends_hold(t) {
            self.holds.remove(t.target);
        } else if t.flags.has(TransferFlags::CAPTURE) {
            let left = self.holds.get(t.target).map_or(0, |hold| hold.remaining);
            self.holds
                .set_remaining(t.target, left.saturating_sub(t.released), t.seq);
        }
    }

    /// One leg of an expiry.
    pub(crate) fn apply_expiry(&mut self, e: &HoldExpired, ordinal: u32, debit: bool) {
        let account = &mut self.accounts[ordinal as usize];
        account.open_holds = account.open_holds.wrapping_sub(1);
        let asset = account.asset;
        if debit {
            account.balances.debits_pending -= e.released;
            account.seq = e.debit_seq;
            self.totals.debit(asset, 0, 0, e.released);
        } else {
            account.balances.credits_pending -= e.released;
            account.seq = e.credit_seq;
            self.totals.credit(asset, 0, 0, e.released);
        }
        self.touch(ordinal);
    }

    /// Changes the book's own state.
    pub(crate) fn apply_change(&mut self, event: &BookChanged) {
        match event.change {
            BookChange::Halted => self.state.halted = true,
            BookChange::Resumed => self.state.halted = false,
            BookChange::Locked => {}
            BookChange::Opened => self.state.importing = false,
            BookChange::SealedRequired => self.state.requires_sealed = true,
            BookChange::SealedNotRequired => self.state.requires_sealed = false,
        }
        self.state.effective_lock = event.effective_lock;
        self.state.reason = event.reason;
    }
}

/// Minor units posted and held by `t` on each side.
#[inline]
pub(crate) fn moved(t: &TransferPosted) -> (u128, u128) {
    if t.flags.has(TransferFlags::HOLD) {
        (0, t.amount)
    } else {
        (t.amount, 0)
    }
}

/// Whether `t` ends the hold it names.
#[inline]
pub(crate) fn ends_hold(t: &TransferPosted) -> bool {
    t.flags.has(TransferFlags::VOID)
        || (t.flags.has(TransferFlags::CAPTURE) && !t.flags.has(TransferFlags::KEEP_OPEN))
}

#[inline]
fn holds_change(t: &TransferPosted) -> u32 {
    if t.flags.has(TransferFlags::HOLD) {
        1
    } else if ends_hold(t) {
        u32::MAX
    } else {
        0
    }
}

/// When the hold that `t` makes runs out; 0 for never.
pub(crate) fn expires_at(t: &TransferPosted) -> Nanos {
    if t.timeout == 0 {
        return Nanos(0);
    }
    Nanos(
        t.posted_at
            .0
            .saturating_add(u64::from(t.timeout) * 1_000_000_000),
    )
}
