//! Transfers found by a filter or by id.

use ledger::leg::Side;
use ledger::limits::REFERENCE_BYTES_MAX;
use ledger::{Nanos, Seq};
use wire::message::{Cursor, QueryTransfers, Reference};

use crate::args::{LookupArgs, QueryArgs, SideArg};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::output::note;
use crate::session::Session;
use crate::view::transfer::{FoundView, TransferView};

pub(super) async fn query(session: &Session, args: &QueryArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let assets = session.assets().await?;
    let mut request = filter(args)?;
    let mut views = Vec::new();
    loop {
        let left = args.limit.saturating_sub(views.len() as u64);
        if left == 0 {
            note(format_args!(
                "the first {}; `--limit` shows more",
                args.limit
            ));
            break;
        }
        request.limit = u32::try_from(left).unwrap_or(0);
        let page = session
            .client
            .query_transfers(book, request.clone())
            .await?;
        for row in page
            .rows
            .iter()
            .take(usize::try_from(left).unwrap_or(usize::MAX))
        {
            views.push(TransferView::of(row, assets.get(row.record.asset)?));
        }
        if page.next.is_empty() {
            break;
        }
        // A page may be empty where the server looked far and found nothing.
        if page.next == request.cursor {
            return Err(Fault::EndlessList);
        }
        request.cursor = page.next;
    }
    session.output.show(&views, TransferView::table(&views))?;
    Ok(Exit::Success)
}

fn filter(args: &QueryArgs) -> Result<QueryTransfers, Fault> {
    let reference = args.reference.as_ref().map(|text| {
        let long = Fault::TooLong("--reference", text.len(), REFERENCE_BYTES_MAX);
        Reference::new(text.clone().into_bytes()).ok_or(long)
    });
    Ok(QueryTransfers {
        account: args.account.as_ref().map(|key| key.id),
        side: args.side.map(|side| match side {
            SideArg::Debit => Side::Debit,
            SideArg::Credit => Side::Credit,
        }),
        code: args.code,
        reference: reference.transpose()?,
        posted_from: args.from.unwrap_or(Nanos(0)),
        posted_to: args.to.unwrap_or(Nanos(0)),
        seq_from: Seq(args.from_seq.unwrap_or(0)),
        seq_to: Seq(args.to_seq.unwrap_or(0)),
        newest_first: args.newest,
        limit: 0,
        cursor: Cursor::default(),
    })
}

pub(super) async fn lookup(session: &Session, args: &LookupArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let assets = session.assets().await?;
    let ids: Vec<_> = args.transfers.iter().map(|key| key.id).collect();
    let found = session.client.lookup_transfers(book, &ids).await?;
    let mut exit = Exit::Success;
    let mut views = Vec::new();
    for (key, row) in args.transfers.iter().zip(&found.rows) {
        match row {
            Some(row) => views.push(FoundView::of(row, assets.get(row.row.record.asset)?)),
            None => {
                note(Fault::NoTransfer(key.text.clone()));
                exit = Exit::Refused;
            }
        }
    }
    session.output.show(&views, FoundView::table(&views))?;
    Ok(exit)
}
