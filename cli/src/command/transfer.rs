//! Single transfers.

use ledger::limits::{METADATA_BYTES_MAX, REFERENCE_BYTES_MAX};
use ledger::{BookId, Nanos, Transfer, TransferFlags, TransferId};
use wire::message::{ItemNote, TransferFound};

use super::unit;
use crate::args::{
    Balancing, CaptureArgs, HoldArgs, ReverseArgs, TransferArgs, VoidArgs, WriteArgs,
};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::fresh_id::fresh_id;
use crate::key::{self, TransferKey};
use crate::output::note;
use crate::session::Session;
use crate::view::decided::DecidedView;

pub(super) async fn transfer(session: &Session, args: &TransferArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let transfer = plain(session, book, args).await?;
    send(session, book, transfer, &args.write).await
}

pub(super) async fn hold(session: &Session, args: &HoldArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let mut transfer = plain(session, book, &args.transfer).await?;
    transfer.flags = transfer.flags.with(TransferFlags::HOLD);
    transfer.timeout = args.expires_in.map_or(0, |span| span.0);
    send(session, book, transfer, &args.transfer.write).await
}

pub(super) async fn capture(session: &Session, args: &CaptureArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let hold = original(session, book, &args.hold).await?;
    let record = &hold.row.record;
    let amount = match &args.amount {
        Some(text) => {
            let assets = session.assets().await?;
            unit::amount("AMOUNT", text, assets.get(record.asset)?)?
        }
        // A retry of a capture that was posted must ask for what it asked for then.
        None => match earlier(session, book, &args.write).await? {
            Some(earlier) => earlier.row.record.requested,
            None if hold.remaining != 0 => hold.remaining,
            None => record.amount,
        },
    };
    let flags = if args.keep_open {
        TransferFlags::CAPTURE.with(TransferFlags::KEEP_OPEN)
    } else {
        TransferFlags::CAPTURE
    };
    let transfer = Transfer {
        flags,
        amount,
        ..of_target(&hold, args.code)
    };
    send(session, book, transfer, &args.write).await
}

pub(super) async fn void(session: &Session, args: &VoidArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let hold = original(session, book, &args.hold).await?;
    let transfer = Transfer {
        flags: TransferFlags::VOID,
        // Whatever is left; a number could be out of date, and differ in a retry.
        amount: 0,
        ..of_target(&hold, args.code)
    };
    send(session, book, transfer, &args.write).await
}

pub(super) async fn reverse(session: &Session, args: &ReverseArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let found = original(session, book, &args.transfer).await?;
    let record = &found.row.record;
    let transfer = Transfer {
        flags: TransferFlags::REVERSAL,
        debit: record.credit,
        credit: record.debit,
        ..of_target(&found, args.code)
    };
    send(session, book, transfer, &args.write).await
}

/// The transfer that the arguments say, without what `write` adds.
async fn plain(session: &Session, book: BookId, args: &TransferArgs) -> Result<Transfer, Fault> {
    let assets = session.assets().await?;
    let debit = session.account(book, &args.debit).await?;
    let asset = assets.get(debit.account.asset)?;
    let amount = unit::amount("AMOUNT", &args.amount, asset)?;
    let flags = args.balancing.iter().map(|side| match side {
        Balancing::Debit => TransferFlags::BALANCING_DEBIT,
        Balancing::Credit => TransferFlags::BALANCING_CREDIT,
    });
    let plain = Transfer::new(0, args.debit.id.0, args.credit.id.0, amount, args.code);
    Ok(Transfer {
        asset: asset.id,
        flags: flags.fold(TransferFlags::NONE, TransferFlags::with),
        ..plain
    })
}

/// A transfer of the same accounts, amount and code that names `found` as its target.
fn of_target(found: &TransferFound, code: Option<u16>) -> Transfer {
    let record = &found.row.record;
    let code = code.unwrap_or(record.code);
    let transfer = Transfer::new(0, record.debit.0, record.credit.0, record.amount, code);
    Transfer {
        target: record.id,
        asset: record.asset,
        ..transfer
    }
}

async fn original(
    session: &Session,
    book: BookId,
    key: &TransferKey,
) -> Result<TransferFound, Fault> {
    let found = find(session, book, key.id).await?;
    found.ok_or_else(|| Fault::NoTransfer(key.text.clone()))
}

/// What stands under the id that was given, if one was.
async fn earlier(
    session: &Session,
    book: BookId,
    write: &WriteArgs,
) -> Result<Option<TransferFound>, Fault> {
    match &write.id {
        Some(key) => find(session, book, key.id).await,
        None => Ok(None),
    }
}

async fn find(
    session: &Session,
    book: BookId,
    id: TransferId,
) -> Result<Option<TransferFound>, Fault> {
    let found = session.client.lookup_transfers(book, &[id]).await?;
    Ok(found.rows.into_iter().next().flatten())
}

/// Posts or tries a transfer, and shows how it was decided.
async fn send(
    session: &Session,
    book: BookId,
    transfer: Transfer,
    write: &WriteArgs,
) -> Result<Exit, Fault> {
    let notes: Vec<ItemNote> = item_note(write)?.into_iter().collect();
    let id = match &write.id {
        Some(key) => key.id,
        None => fresh_id()?,
    };
    if write.id.is_none() && !write.dry_run {
        // Said first, so that a lost answer can be asked for again.
        let shown = key::show(id.0);
        note(format_args!(
            "id {shown}; a retry is the same command with `--id {shown}`"
        ));
    }
    let transfer = Transfer {
        id,
        effective_at: write.effective.unwrap_or(Nanos(0)),
        user_data: write.user_data,
        ..transfer
    };
    let outcomes = if write.dry_run {
        session.client.dry_run(book, vec![transfer], notes).await?
    } else if write.sealed {
        let client = &session.client;
        client.post_sealed(book, &[transfer], &notes).await?
    } else {
        session.client.post(book, &[transfer], &notes).await?
    };
    let code = outcomes.code(0);
    let view = DecidedView::item(code, outcomes.seq(0), outcomes.height);
    let view = view.with_id(id.0, write.id.as_ref().map(|key| key.text.as_str()));
    session.output.line(&if write.dry_run {
        view.of_dry_run()
    } else {
        view.with_time(outcomes.posted_at)
    })?;
    Ok(Exit::of_item(code))
}

fn item_note(write: &WriteArgs) -> Result<Option<ItemNote>, Fault> {
    let bytes = |name, text: &Option<String>, most| match text {
        Some(text) if text.len() > most => Err(Fault::TooLong(name, text.len(), most)),
        text => Ok(text.clone().unwrap_or_default().into_bytes()),
    };
    let note = ItemNote {
        index: 0,
        reference: bytes("--reference", &write.reference, REFERENCE_BYTES_MAX)?,
        metadata: bytes("--metadata", &write.metadata, METADATA_BYTES_MAX)?,
    };
    Ok((!note.reference.is_empty() || !note.metadata.is_empty()).then_some(note))
}
