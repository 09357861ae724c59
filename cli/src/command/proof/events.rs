//! Events of a book, copied into a file beside the proof of them.

use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;

use ledger::{BookId, Seq};

use crate::fault::Fault;
use crate::files;
use crate::session::Session;

/// Writes the records of the events of `range`, one after the other.
pub(super) async fn records(
    session: &Session,
    book: BookId,
    range: Range<u64>,
    file: &Path,
) -> Result<(), Fault> {
    copy(session, book, range, file, |record, out| {
        out.write_all(record)
    })
    .await
}

/// Writes the events of `range` as `write` shows each.
pub(super) async fn copy(
    session: &Session,
    book: BookId,
    range: Range<u64>,
    file: &Path,
    write: impl Fn(&[u8], &mut dyn Write) -> io::Result<()>,
) -> Result<(), Fault> {
    let unwritable = |error| Fault::Unwritable(file.to_owned(), error);
    let mut out = BufWriter::new(files::create(file)?);
    let mut next = range.start;
    if next < range.end {
        let mut subscription = session.client.subscribe(book, Seq(next)).await?;
        while next < range.end {
            let batch = tokio::time::timeout(session.timeout, subscription.next()).await;
            let batch = batch.map_err(|_| client::ClientError::DeadlinePassed)??;
            let Some(batch) = batch else {
                return Err(client::ClientError::Unexpected("the end of events").into());
            };
            for record in batch.records.iter() {
                if next == range.end {
                    break;
                }
                write(record, &mut out).map_err(unwritable)?;
                next += 1;
            }
        }
    }
    out.flush().map_err(unwritable)
}
