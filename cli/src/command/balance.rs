//! Balances.

use ledger::Seq;
use wire::message::{AsOf, BalancesAsOf};

use crate::args::BalanceArgs;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::output::note;
use crate::session::Session;
use crate::view::account::BalanceView;

pub(super) async fn run(session: &Session, args: &BalanceArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let assets = session.assets().await?;
    let ids: Vec<_> = args.accounts.iter().map(|key| key.id).collect();
    let accounts = session.accounts(book, &ids).await?;
    let most = session.client.hello().batch_accounts_max.max(1) as usize;
    let mut balances = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(most) {
        let request = BalancesAsOf {
            as_of: as_of(args),
            ids: chunk.to_vec(),
        };
        balances.extend(session.client.balances_as_of(book, request).await?.rows);
    }
    let mut exit = Exit::Success;
    let mut views = Vec::new();
    for ((key, account), balances) in args.accounts.iter().zip(accounts).zip(balances) {
        let (Some(row), Some(balances)) = (account, balances) else {
            note(Fault::NoAccount(key.text.clone()));
            exit = Exit::Refused;
            continue;
        };
        let asset = assets.get(row.account.asset)?;
        let settings = &row.account.settings;
        views.push(BalanceView::of(
            key.id,
            Some(&key.text),
            settings,
            &balances,
            asset,
        ));
    }
    session.output.show(&views, BalanceView::table(&views))?;
    Ok(exit)
}

fn as_of(args: &BalanceArgs) -> AsOf {
    if let Some(seq) = args.at_seq {
        AsOf::Seq(Seq(seq))
    } else if let Some(time) = args.at_time {
        AsOf::PostedAt(time)
    } else if let Some(date) = args.effective {
        AsOf::Effective {
            date,
            known_at: Seq(args.known_at.unwrap_or(u64::MAX)),
        }
    } else {
        AsOf::Now
    }
}
