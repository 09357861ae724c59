//! Creating and changing accounts in the model.

use ledger::account::AccountSettings;
use ledger::event::{AccountChanged, AccountCreated};
use ledger::{AccountChange, AccountFlags, Code, Event, NewAccount};

use super::{Account, Book, lowest};

/// Codes of settings that no account may have.
fn malformed(settings: &AccountSettings) -> Vec<Code> {
    let mut codes = vec![];
    if settings.flags.0 & 0b1111 != settings.flags.0 {
        codes.push(Code::ReservedNotZero);
    }
    if let (Some(floor), Some(ceiling)) = (settings.floor, settings.ceiling)
        && floor > ceiling
    {
        codes.push(Code::BoundsCross);
    }
    for limit in &settings.limits {
        let limits_nothing = limit.count == 0 && limit.amount == 0;
        if (limit.seconds == 0) != limits_nothing {
            codes.push(Code::WindowInvalid);
        }
    }
    codes
}

impl Book {
    /// Creates one account; `known` says which assets there are.
    pub(crate) fn create(&mut self, now: u64, new: &NewAccount, known: &[u32]) -> Code {
        let mut codes = malformed(&new.settings);
        match new.id.0 {
            0 => codes.push(Code::IdIsZero),
            u128::MAX => codes.push(Code::IdIsMax),
            _ => {}
        }
        if new.settings.flags.0 & AccountFlags::CLOSED != 0 {
            codes.push(Code::FlagsConflict);
        }
        if new.code == 0 {
            codes.push(Code::CodeIsZero);
        }
        if new.asset.0 == 0 {
            codes.push(Code::AssetIsZero);
        }
        if let Some(old) = self.accounts.get(&new.id.0) {
            codes.extend(differences(old, new));
        }
        if self.halted {
            codes.push(Code::BookHalted);
        }
        if !known.contains(&new.asset.0) {
            codes.push(Code::AssetNotFound);
        }
        let account = fresh(new);
        if !account.keeps_floor(&new.settings) || !account.keeps_ceiling(&new.settings) {
            codes.push(Code::BoundBroken);
        }
        if let Some(code) = lowest(&codes) {
            return code;
        }
        let (seq, posted_at) = self.stamp(now);
        self.accounts.insert(new.id.0, account);
        self.log.push(Event::AccountCreated(AccountCreated {
            seq,
            posted_at,
            id: new.id,
            asset: new.asset,
            code: new.code,
            user_data: new.user_data,
            settings: new.settings,
        }));
        Code::Created
    }

    /// Replaces the settings of one account.
    pub(crate) fn change_account(&mut self, now: u64, change: &AccountChange) -> Code {
        let mut codes = malformed(&change.settings);
        if self
            .accounts
            .get(&change.id.0)
            .is_some_and(|a| a.settings == change.settings)
        {
            codes.push(Code::Exists);
        }
        if self.halted {
            codes.push(Code::BookHalted);
        }
        match self.accounts.get(&change.id.0) {
            None => codes.push(Code::AccountNotFound),
            Some(account) => codes.extend(self.against_change(account, change)),
        }
        if let Some(code) = lowest(&codes) {
            return code;
        }
        let (seq, posted_at) = self.stamp(now);
        let account = self.accounts.get_mut(&change.id.0).unwrap();
        for which in 0..2 {
            if change.settings.limits[which].seconds != account.settings.limits[which].seconds {
                account.given[which].clear();
            }
        }
        account.settings = change.settings;
        account.changed = true;
        let account_seq = self.next_leg(change.id.0);
        self.log.push(Event::AccountChanged(AccountChanged {
            seq,
            posted_at,
            id: change.id,
            account_seq,
            settings: change.settings,
        }));
        Code::Created
    }

    fn against_change(&self, account: &Account, change: &AccountChange) -> Vec<Code> {
        let mut codes = vec![];
        if account.is_closed() {
            codes.push(Code::AccountClosed);
        }
        if change.settings.flags.0 & AccountFlags::CLOSED != 0 {
            if account.credits_posted != account.debits_posted {
                codes.push(Code::CloseNeedsZeroBalance);
            }
            if self.open_holds(change.id.0) > 0 {
                codes.push(Code::CloseNeedsNoHolds);
            }
        }
        if !account.keeps_floor(&change.settings) || !account.keeps_ceiling(&change.settings) {
            codes.push(Code::BoundBroken);
        }
        codes
    }
}

fn fresh(new: &NewAccount) -> Account {
    Account {
        asset: new.asset.0,
        code: new.code,
        user_data: new.user_data,
        settings: new.settings,
        debits_posted: 0,
        credits_posted: 0,
        debits_pending: 0,
        credits_pending: 0,
        seq: 0,
        changed: false,
        given: [vec![], vec![]],
    }
}

/// What an account that exists answers to a second creation.
fn differences(old: &Account, new: &NewAccount) -> Vec<Code> {
    let mut codes = vec![];
    if old.asset != new.asset.0 {
        codes.push(Code::ExistsWithDifferentAsset);
    }
    if old.code != new.code {
        codes.push(Code::ExistsWithDifferentCode);
    }
    if old.user_data != new.user_data {
        codes.push(Code::ExistsWithDifferentUserData);
    }
    // Once changed, what it was created with is not kept.
    if !old.changed && old.settings != new.settings {
        codes.push(Code::ExistsWithDifferentSettings);
    }
    if codes.is_empty() {
        codes.push(Code::Exists);
    }
    codes
}
