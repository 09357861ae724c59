//! Receipts: waited for until a seal covers the events, as long as the time allows.

use std::path::{Path, PathBuf};
use std::time::Duration;

use client::ClientError;
use ledger::{BookId, Code, Seq, TransferId};
use tokio::time::Instant;
use wire::limits::RECEIPTS_MAX;
use wire::message::{ReceiptFound, Receipts, SealedPoint};

use crate::args::ReceiptArgs;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::files;
use crate::key;
use crate::session::Session;
use crate::view::proof::FetchedView;

/// How long to wait before asking again for what is not sealed yet.
const PAUSE: Duration = Duration::from_millis(50);

/// An event whose receipt is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Event {
    Seq(Seq),
    Transfer(TransferId),
}

pub(super) async fn run(session: &Session, args: &ReceiptArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let seqs = args.seq.iter().map(|seq| Event::Seq(Seq(*seq)));
    let transfers = args.transfers.iter().map(|key| Event::Transfer(key.id));
    let events: Vec<Event> = seqs.chain(transfers).collect();
    let is_one = events.len() == 1;
    if !is_one {
        files::create_folder(&args.out)?;
    }
    let until = Instant::now() + session.timeout;
    let mut exit = Exit::Success;
    for chunk in events.chunks(RECEIPTS_MAX) {
        let (sealed, rows) = fetch(session, book, chunk, until).await?;
        for (event, row) in chunk.iter().zip(rows) {
            let out = if is_one {
                args.out.clone()
            } else {
                args.out.join(event.file())
            };
            exit = exit.max(keep(session, *event, &row, &out, &sealed)?);
        }
    }
    Ok(exit)
}

/// Writes a receipt into its file, or says why there is none.
fn keep(
    session: &Session,
    event: Event,
    row: &ReceiptFound,
    out: &Path,
    sealed: &SealedPoint,
) -> Result<Exit, Fault> {
    let what = format!("receipt of {}", event.name());
    if row.code != Code::Created {
        session.output.line(&FetchedView::none(&what, row.code))?;
        return Ok(if row.code.is_retryable() {
            Exit::Later
        } else {
            Exit::Refused
        });
    }
    files::write(out, &row.receipt)?;
    let view = FetchedView::new(&what, out, row.receipt.len()).with_seal(sealed);
    session.output.line(&view)?;
    Ok(Exit::Success)
}

/// The receipts of `events`, asked for again until all are sealed or the time is over.
async fn fetch(
    session: &Session,
    book: BookId,
    events: &[Event],
    until: Instant,
) -> Result<(SealedPoint, Vec<ReceiptFound>), Fault> {
    let request = Receipts {
        seqs: events.iter().filter_map(|event| event.seq()).collect(),
        ids: events.iter().filter_map(|event| event.transfer()).collect(),
    };
    loop {
        let found = session.client.receipts(book, request.clone()).await?;
        if found.rows.len() != events.len() {
            return Err(ClientError::Unexpected("receipts of other events").into());
        }
        let is_sealed = found.rows.iter().all(|row| row.code != Code::NotSealed);
        if is_sealed || Instant::now() + PAUSE >= until {
            return Ok((found.sealed, found.rows));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Event {
    fn seq(self) -> Option<Seq> {
        match self {
            Self::Seq(seq) => Some(seq),
            Self::Transfer(_) => None,
        }
    }

    fn transfer(self) -> Option<TransferId> {
        match self {
            Self::Seq(_) => None,
            Self::Transfer(id) => Some(id),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Seq(seq) => format!("event {seq}"),
            Self::Transfer(id) => format!("transfer {}", key::show(id.0)),
        }
    }

    /// Name of its file in a folder of receipts.
    fn file(self) -> PathBuf {
        match self {
            Self::Seq(seq) => format!("event-{seq}.receipt"),
            Self::Transfer(id) => format!("transfer-{}.receipt", key::show(id.0)),
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_events_do_not_meet() {
        let files = [Event::Seq(Seq(7)), Event::Transfer(TransferId(7))].map(Event::file);
        assert_eq!(
            files,
            ["event-7.receipt", "transfer-7.receipt"].map(PathBuf::from)
        );
    }
}
