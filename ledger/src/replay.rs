//! Replay: the fold of closed blocks, which needs neither clock nor policy.

use crate::block::{Block, BlockFault};
use crate::book::{Book, moved};
use crate::digest::Digest;
use crate::event::{Event, HoldExpired, Records, TransferPosted};
use crate::id::BookId;
use crate::ids::RecentIds;
use crate::ledger::Ledger;
use crate::limits::AMOUNT_MAX;
use crate::past::KeyKind;
use crate::posting::each_key;

/// How far the fold starts from what the blocks continue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fold {
    /// State is exactly that before the block: every leg must follow, and the rows must hash to
    /// the header's digest.
    Exact,
    /// State came from a snapshot taken while it changed: what an account or hold already has is
    /// skipped by its sequence.
    Fuzzy,
}

impl Ledger {
    /// Folds a closed block whose header and tree were checked ([`crate::block::Head::advance`]).
    /// Ids are remembered when `with_ids`.
    ///
    /// # Errors
    /// What does not follow; the ledger is then of no more use.
    pub fn replay_block(
        &mut self,
        block: &Block,
        fold: Fold,
        with_ids: bool,
    ) -> Result<(), BlockFault> {
        let id = block.header.book;
        for record in Records(&block.events) {
            let event = Event::decode(record.map_err(BlockFault::Events)?);
            let event = event.map_err(BlockFault::Events)?;
            let book = self
                .books
                .get_mut(&id)
                .ok_or(BlockFault::Fold(event.seq()))?;
            book.fold(&event, fold, with_ids.then_some(&mut self.ids))
                .ok_or(BlockFault::Fold(event.seq()))?;
            if id == BookId::SYSTEM {
                self.apply_registry(&event);
            }
        }
        let book = self
            .books
            .get_mut(&id)
            .ok_or(BlockFault::Fold(block.header.first_seq))?;
        book.height = block.header.height.0;
        let rows = Digest::of(&book.take_rows());
        if fold == Fold::Exact && rows != block.header.rows {
            return Err(BlockFault::Rows);
        }
        Ok(())
    }

    /// Remembers the ids of a closed block and nothing else: for blocks that a snapshot covers and
    /// the index does not.
    ///
    /// # Errors
    /// The events are not whole records.
    pub fn replay_ids(&mut self, block: &Block) -> Result<(), BlockFault> {
        for record in Records(&block.events) {
            let event = Event::decode(record.map_err(BlockFault::Events)?);
            remember(
                &mut self.ids,
                block.header.book,
                &event.map_err(BlockFault::Events)?,
            );
        }
        Ok(())
    }

    /// Computes the sums of every book afresh from its accounts: after a fuzzy fold has ended.
    pub fn rebuild_totals(&mut self) {
        for book in self.books.values_mut() {
            book.totals = Default::default();
            for account in &book.accounts {
                book.totals.add(account.asset, &account.balances);
            }
        }
    }
}

impl Book {
    /// Applies a recorded event; `None` if it does not follow.
    fn fold(&mut self, event: &Event, fold: Fold, ids: Option<&mut RecentIds>) -> Option<()> {
        if event.seq().0 != self.next_seq || event.posted_at().0 <= self.last_posted_at {
            return None;
        }
        if let Some(ids) = ids {
            remember(ids, self.id, event);
        }
        self.next_seq += 1;
        self.last_posted_at = event.posted_at().0;
        match event {
            Event::Transfer(t) => self.fold_transfer(t, fold),
            Event::HoldExpired(e) => self.fold_expiry(e, fold),
            Event::AccountCreated(e) => match (self.ordinal(e.id), fold) {
                (None, _) => {
                    self.apply_created(e);
                    Some(())
                }
                (Some(_), Fold::Fuzzy) => Some(()),
                (Some(_), Fold::Exact) => None,
            },
            Event::AccountChanged(e) => {
                let ordinal = self.ordinal(e.id)?;
                if self.follows(ordinal, e.account_seq, fold)? {
                    self.apply_changed(ordinal, e);
                }
                Some(())
            }
            Event::BookChanged(e) => {
                self.apply_change(e);
                Some(())
            }
            Event::RequestDenied(_)
            | Event::TenantCreated(_)
            | Event::AssetCreated(_)
            | Event::BookCreated(_)
            | Event::NoteErased(_) => Some(()),
        }
    }

    /// Whether the leg with sequence `seq` is to be applied; `None` if it does not follow.
    fn follows(&self, ordinal: u32, seq: u64, fold: Fold) -> Option<bool> {
        let has = self.accounts[ordinal as usize].seq;
        match fold {
            _ if seq == has + 1 => Some(true),
            Fold::Fuzzy if seq <= has => Some(false),
            _ => None,
        }
    }

    fn fold_transfer(&mut self, t: &TransferPosted, fold: Fold) -> Option<()> {
        let (debit, credit) = (self.ordinal(t.debit)?, self.ordinal(t.credit)?);
        let debit_follows = self.follows(debit, t.debit_seq, fold)?;
        let credit_follows = self.follows(credit, t.credit_seq, fold)?;
        let (posted, held) = moved(t);
        if debit_follows {
            let sums = &self.accounts[debit as usize].balances;
            fits(sums.debits_posted, posted, 0)?;
            fits(sums.debits_pending, held, t.released)?;
            self.apply_debit(t, debit);
        }
        if credit_follows {
            let sums = &self.accounts[credit as usize].balances;
            fits(sums.credits_posted, posted, 0)?;
            fits(sums.credits_pending, held, t.released)?;
            self.apply_credit(t, credit);
        }
        if self.hold_follows(t, fold) {
            self.apply_hold(t);
        }
        Some(())
    }

    /// Whether the hold that `t` makes or acts upon has not seen it yet.
    fn hold_follows(&self, t: &TransferPosted, fold: Fold) -> bool {
        if fold == Fold::Exact {
            return true;
        }
        let makes = t.flags.has(crate::transfer::TransferFlags::HOLD);
        let id = if makes { t.id } else { t.target };
        match self.holds.get(id) {
            Some(hold) => hold.last_seq < t.seq,
            None => makes,
        }
    }

    fn fold_expiry(&mut self, e: &HoldExpired, fold: Fold) -> Option<()> {
        let (debit, credit) = (self.ordinal(e.debit)?, self.ordinal(e.credit)?);
        if self.follows(debit, e.debit_seq, fold)? {
            fits(
                self.accounts[debit as usize].balances.debits_pending,
                0,
                e.released,
            )?;
            self.apply_expiry(e, debit, true);
        }
        if self.follows(credit, e.credit_seq, fold)? {
            fits(
                self.accounts[credit as usize].balances.credits_pending,
                0,
                e.released,
            )?;
            self.apply_expiry(e, credit, false);
        }
        self.holds.remove(e.hold);
        Some(())
    }
}

/// Whether a sum stays in its range when it grows and then falls so. Deciding makes sure of it;
/// bytes that claim to have been decided may say anything.
fn fits(sum: u128, grows: u128, falls: u128) -> Option<()> {
    let grown = sum.checked_add(grows).filter(|sum| *sum <= AMOUNT_MAX)?;
    grown.checked_sub(falls).map(|_| ())
}

fn remember(ids: &mut RecentIds, book: BookId, event: &Event) {
    match event {
        Event::Transfer(t) => each_key(t, |kind, id| ids.insert(book, kind, id, t.seq)),
        Event::HoldExpired(e) => ids.insert(book, KeyKind::HoldEnd, e.hold.0, e.seq),
        _ => {}
    }
}
