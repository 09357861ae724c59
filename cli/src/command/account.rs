//! Accounts.

use ledger::account::{AccountFlags, AccountSettings};
use ledger::asset::Asset;
use ledger::{AccountChange, NewAccount};
use wire::message::Outcomes;

use super::unit;
use crate::args::{AccountChangeArgs, AccountCommand, AccountCreateArgs, Normal, Sides};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::key::AccountKey;
use crate::output::note;
use crate::session::{self, Session};
use crate::view::account::AccountView;
use crate::view::decided::DecidedView;

pub(super) async fn run(session: &Session, command: &AccountCommand) -> Result<Exit, Fault> {
    match command {
        AccountCommand::Create(args) => create(session, args).await,
        AccountCommand::List { limit } => list(session, limit.unwrap_or(u64::MAX)).await,
        AccountCommand::Show { accounts } => show(session, accounts).await,
        AccountCommand::Change(args) => change(session, args).await,
    }
}

async fn create(session: &Session, args: &AccountCreateArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let assets = session.assets().await?;
    let asset = assets.named(&args.asset)?;
    let bound = |name, text: &Option<String>| {
        let bound = text.as_ref().map(|text| unit::bound(name, text, asset));
        bound.transpose()
    };
    let settings = AccountSettings {
        flags: side(AccountFlags::default(), args.normal),
        floor: bound("--floor", &args.floor)?,
        ceiling: bound("--ceiling", &args.ceiling)?,
        limits: unit::limits(&args.limit, asset)?,
        tags: bits(&args.tag),
    };
    let new = |key: &AccountKey| NewAccount {
        id: key.id,
        asset: asset.id,
        code: args.code,
        user_data: args.user_data,
        settings,
    };
    let accounts = args.accounts.iter().map(new).collect();
    let outcomes = session.client.create_accounts(book, accounts).await?;
    outcome(session, &args.accounts, &outcomes)
}

async fn list(session: &Session, most: u64) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let assets = session.assets().await?;
    let list = async |request| {
        let page = session.client.list_accounts(book, request).await?;
        Ok((page.rows, page.next))
    };
    let rows = session::all(list, most).await?;
    let views = rows.iter().map(|row| {
        let asset = assets.get(row.account.asset)?;
        Ok(AccountView::of(row, None, asset))
    });
    let views: Vec<AccountView> = views.collect::<Result<_, Fault>>()?;
    session.output.show(&views, AccountView::table(&views))?;
    Ok(Exit::Success)
}

async fn show(session: &Session, keys: &[AccountKey]) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let assets = session.assets().await?;
    let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
    let rows = session.accounts(book, &ids).await?;
    let mut exit = Exit::Success;
    let mut views = Vec::new();
    for (key, row) in keys.iter().zip(rows) {
        match row {
            Some(row) => {
                let asset = assets.get(row.account.asset)?;
                views.push(AccountView::of(&row, Some(&key.text), asset));
            }
            None => {
                note(Fault::NoAccount(key.text.clone()));
                exit = Exit::Refused;
            }
        }
    }
    session.output.show(&views, AccountView::table(&views))?;
    Ok(exit)
}

async fn change(session: &Session, args: &AccountChangeArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let row = session.account(book, &args.account).await?;
    let assets = session.assets().await?;
    let asset = assets.get(row.account.asset)?;
    let settings = changed(row.account.settings, args, asset)?;
    let change = AccountChange {
        id: args.account.id,
        settings,
    };
    let outcomes = session.client.change_accounts(book, vec![change]).await?;
    outcome(session, std::slice::from_ref(&args.account), &outcomes)
}

fn changed(
    before: AccountSettings,
    args: &AccountChangeArgs,
    asset: &Asset,
) -> Result<AccountSettings, Fault> {
    let bound = |name, text: &Option<String>, before| match text.as_deref() {
        None => Ok(before),
        Some("none") => Ok(None),
        Some(text) => unit::bound(name, text, asset).map(Some),
    };
    let frozen = |sides: Option<Sides>| match sides {
        None => 0,
        Some(Sides::Debits) => AccountFlags::FROZEN_DEBITS,
        Some(Sides::Credits) => AccountFlags::FROZEN_CREDITS,
        Some(Sides::Both) => AccountFlags::FROZEN_DEBITS | AccountFlags::FROZEN_CREDITS,
    };
    let mut flags = before.flags.0 & AccountFlags::SETTABLE;
    flags = (flags | frozen(args.freeze)) & !frozen(args.unfreeze);
    if args.close {
        flags |= AccountFlags::CLOSED;
    }
    let flags = AccountFlags(flags);
    Ok(AccountSettings {
        flags: args.normal.map_or(flags, |normal| side(flags, normal)),
        floor: bound("--floor", &args.floor, before.floor)?,
        ceiling: bound("--ceiling", &args.ceiling, before.ceiling)?,
        limits: if args.no_limits || !args.limit.is_empty() {
            unit::limits(&args.limit, asset)?
        } else {
            before.limits
        },
        tags: (before.tags | bits(&args.tag)) & !bits(&args.untag),
    })
}

/// The tags with these numbers.
fn bits(tags: &[u8]) -> u64 {
    let bit = |tag: &u8| 1u64.checked_shl(u32::from(*tag)).unwrap_or(0);
    tags.iter().map(bit).fold(0, |all, bit| all | bit)
}

fn side(flags: AccountFlags, normal: Normal) -> AccountFlags {
    AccountFlags(match normal {
        Normal::Debit => flags.0 | AccountFlags::DEBIT_NORMAL,
        Normal::Credit => flags.0 & !AccountFlags::DEBIT_NORMAL,
    })
}

fn outcome(session: &Session, keys: &[AccountKey], outcomes: &Outcomes) -> Result<Exit, Fault> {
    let mut exit = Exit::Success;
    for (index, key) in (0..).zip(keys) {
        let code = outcomes.code(index);
        let view = DecidedView::item(code, outcomes.seq(index), outcomes.height);
        session
            .output
            .line(&view.with_id(key.id.0, Some(&key.text)))?;
        exit = exit.max(Exit::of_item(code));
    }
    Ok(exit)
}

#[cfg(test)]
mod tests;
