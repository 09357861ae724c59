//! Sums over the accounts of a book, per asset: what must be equal on both sides, always.

use crate::id::AssetId;

/// Sums over the accounts of one asset, in minor units modulo 2^128.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AssetTotals {
    /// Accounts.
    pub accounts: u64,
    /// Σ posted debits.
    pub debits_posted: u128,
    /// Σ posted credits.
    pub credits_posted: u128,
    /// Σ held debits.
    pub debits_pending: u128,
    /// Σ held credits.
    pub credits_pending: u128,
}

impl AssetTotals {
    /// Whether debits equal credits, posted and held.
    pub fn is_balanced(&self) -> bool {
        self.debits_posted == self.credits_posted && self.debits_pending == self.credits_pending
    }
}

/// Sums per asset, in order of first account. Books have few assets, so a list is searched.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    assets: Vec<(AssetId, AssetTotals)>,
}

impl Totals {
    /// Sums per asset.
    pub fn assets(&self) -> &[(AssetId, AssetTotals)] {
        &self.assets
    }

    /// Whether every asset is balanced.
    pub fn is_balanced(&self) -> bool {
        self.assets.iter().all(|(_, totals)| totals.is_balanced())
    }

    #[inline]
    fn of(&mut self, asset: AssetId) -> &mut AssetTotals {
        let at = match self.assets.iter().position(|(id, _)| *id == asset) {
            Some(at) => at,
            None => {
                self.assets.push((asset, AssetTotals::default()));
                self.assets.len() - 1
            }
        };
        &mut self.assets[at].1
    }

    pub(crate) fn account_added(&mut self, asset: AssetId) {
        self.of(asset).accounts += 1;
    }

    #[inline]
    pub(crate) fn debit(&mut self, asset: AssetId, posted: u128, held: u128, released: u128) {
        let totals = self.of(asset);
        totals.debits_posted = totals.debits_posted.wrapping_add(posted);
        totals.debits_pending = totals
            .debits_pending
            .wrapping_add(held)
            .wrapping_sub(released);
    }

    #[inline]
    pub(crate) fn credit(&mut self, asset: AssetId, posted: u128, held: u128, released: u128) {
        let totals = self.of(asset);
        totals.credits_posted = totals.credits_posted.wrapping_add(posted);
        totals.credits_pending = totals
            .credits_pending
            .wrapping_add(held)
            .wrapping_sub(released);
    }

    /// Adds a whole account, as a snapshot gives it.
    pub(crate) fn add(&mut self, asset: AssetId, balances: &crate::account::Balances) {
        self.account_added(asset);
        self.debit(asset, balances.debits_posted, balances.debits_pending, 0);
        self.credit(asset, balances.credits_posted, balances.credits_pending, 0);
    }
}
