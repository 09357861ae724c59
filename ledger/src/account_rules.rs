//! Creating and changing accounts: how each is decided.

use crate::account::{Account, AccountChange, AccountFlags, AccountSettings, NewAccount};
use crate::book::Book;
use crate::code::Code;
use crate::event::{AccountChanged, AccountCreated, Event};
use crate::id::Nanos;
use crate::posting::{check_ceiling, check_floor};
use crate::registry::Registry;

impl Book {
    /// Decides one new account and adds it if it is created.
    pub(crate) fn create_account(
        &mut self,
        registry: &Registry,
        now: Nanos,
        new: &NewAccount,
    ) -> Code {
        if let Err(code) = check_new(new) {
            return code;
        }
        if let Some(account) = self.account(new.id) {
            return self.compare_account(account, new);
        }
        if self.state.halted {
            return Code::BookHalted;
        }
        if !registry.assets.contains_key(&new.asset) {
            return Code::AssetNotFound;
        }
        // A bound that the empty balance breaks cannot be set.
        if new.settings.floor.is_some_and(|floor| floor > 0)
            || new.settings.ceiling.is_some_and(|ceiling| ceiling < 0)
        {
            return Code::BoundBroken;
        }
        if self.accounts.len() >= self.caps.accounts {
            return Code::TooManyAccounts;
        }
        let event = AccountCreated {
            seq: self.next_seq(),
            posted_at: self.next_posted_at(now),
            id: new.id,
            asset: new.asset,
            code: new.code,
            user_data: new.user_data,
            settings: new.settings,
        };
        self.append(&Event::AccountCreated(event));
        self.apply_created(&event);
        Code::Created
    }

    fn compare_account(&self, account: &Account, new: &NewAccount) -> Code {
        // Once changed, what it was created with is no longer here to compare.
        let settings_differ =
            !account.flags.any(AccountFlags::CHANGED) && self.settings(account) != new.settings;
        let fields = [
            (account.asset != new.asset, Code::ExistsWithDifferentAsset),
            (account.code != new.code, Code::ExistsWithDifferentCode),
            (
                account.user_data != new.user_data,
                Code::ExistsWithDifferentUserData,
            ),
            (settings_differ, Code::ExistsWithDifferentSettings),
        ];
        fields
            .iter()
            .find(|(differs, _)| *differs)
            .map_or(Code::Exists, |(_, code)| *code)
    }

    /// Decides one change of settings and makes it if it is created.
    pub(crate) fn change_account(&mut self, now: Nanos, change: &AccountChange) -> Code {
        if let Err(code) = check_settings(&change.settings) {
            return code;
        }
        let known = self.ordinal(change.id);
        let account = known.map(|ordinal| &self.accounts[ordinal as usize]);
        if account.is_some_and(|account| self.settings(account) == change.settings) {
            return Code::Exists;
        }
        if self.state.halted {
            return Code::BookHalted;
        }
        let (Some(ordinal), Some(account)) = (known, account) else {
            return Code::AccountNotFound;
        };
        if let Err(code) = check_change(account, &change.settings) {
            return code;
        }
        let event = AccountChanged {
            seq: self.next_seq(),
            posted_at: self.next_posted_at(now),
            id: change.id,
            account_seq: account.seq + 1,
            settings: change.settings,
        };
        self.append(&Event::AccountChanged(event));
        self.apply_changed(ordinal, &event);
        Code::Created
    }
}

fn check_new(new: &NewAccount) -> Result<(), Code> {
    let faults = [
        (
            new.settings.flags.any(!AccountFlags::SETTABLE),
            Code::ReservedNotZero,
        ),
        (new.id.0 == 0, Code::IdIsZero),
        (new.id.0 == u128::MAX, Code::IdIsMax),
        (
            new.settings.flags.any(AccountFlags::CLOSED),
            Code::FlagsConflict,
        ),
        (new.code == 0, Code::CodeIsZero),
        (new.asset.0 == 0, Code::AssetIsZero),
    ];
    match faults.iter().find(|(is_fault, _)| *is_fault) {
        Some((_, code)) => Err(*code),
        None => check_settings(&new.settings),
    }
}

fn check_settings(settings: &AccountSettings) -> Result<(), Code> {
    if settings.flags.any(!AccountFlags::SETTABLE) {
        return Err(Code::ReservedNotZero);
    }
    if let (Some(floor), Some(ceiling)) = (settings.floor, settings.ceiling)
        && floor > ceiling
    {
        return Err(Code::BoundsCross);
    }
    for limit in &settings.limits {
        if limit.is_set() == (limit.count == 0 && limit.amount == 0) {
            return Err(Code::WindowInvalid);
        }
    }
    Ok(())
}

fn check_change(account: &Account, settings: &AccountSettings) -> Result<(), Code> {
    if account.flags.any(AccountFlags::CLOSED) {
        return Err(Code::AccountClosed);
    }
    if settings.flags.any(AccountFlags::CLOSED) {
        if account.balances.posted() != 0 {
            return Err(Code::CloseNeedsZeroBalance);
        }
        if account.open_holds != 0 {
            return Err(Code::CloseNeedsNoHolds);
        }
    }
    let bounded = Account {
        floor: settings.floor.unwrap_or(i128::MIN),
        ceiling: settings.ceiling.unwrap_or(i128::MAX),
        flags: AccountFlags(settings.flag_bits()),
        ..*account
    };
    if check_floor(&bounded, 0, 0).is_err() || check_ceiling(&bounded, 0, 0).is_err() {
        return Err(Code::BoundBroken);
    }
    Ok(())
}
