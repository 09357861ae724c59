//! History: what closed blocks and their index answer, off the shard, from a point on that the
//! shard gave.

use std::fmt;
use std::sync::Arc;

use ledger::event::TransferPosted;
use ledger::{BookId, Code, Event, Seq};
use store::index::{Index, IndexError};
use store::{ReadError, Reader};
use wire::message::{NoteText, TransferRow};
use wire::{Failure, Request};

use crate::index_slot::IndexSlot;
use crate::progress::{Ended, Progress};
use crate::query;
use crate::submit::{Point, Reply};

/// Closed blocks and what can be asked about them. Cheap to clone.
#[derive(Clone)]
pub struct History {
    reader: Reader,
    index: IndexSlot,
    indexed: Progress,
    query_events_max: u64,
}

/// Why a question about the past has no answer.
#[derive(Debug)]
pub enum HistoryError {
    /// A block cannot be read.
    Read(ReadError),
    /// The index cannot be read.
    Index(IndexError),
    /// The block with this event is missing, or the event is not what the index says.
    Missing(BookId, Seq),
    /// The request itself is at fault.
    Refused(Code, &'static str),
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "journal: {error}"),
            Self::Index(error) => write!(f, "index: {error}"),
            Self::Missing(book, seq) => write!(f, "event `{seq}` of book `{book}` is missing"),
            Self::Refused(code, message) => write!(f, "{code}: {message}"),
        }
    }
}

impl std::error::Error for HistoryError {}

impl From<ReadError> for HistoryError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

impl From<IndexError> for HistoryError {
    fn from(error: IndexError) -> Self {
        Self::Index(error)
    }
}

impl History {
    pub(crate) fn new(
        reader: Reader,
        index: IndexSlot,
        indexed: Progress,
        query_events_max: u64,
    ) -> Self {
        Self {
            reader,
            index,
            indexed,
            query_events_max,
        }
    }

    /// Closed blocks.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Durable events of a book.
    ///
    /// # Errors
    /// The book has none.
    pub(crate) fn committed(&self, book: BookId) -> Result<u64, HistoryError> {
        let message = "the book has no event, or there is no such book";
        let end = self.reader.book(book);
        let end = end.ok_or(HistoryError::Refused(Code::BookNotFound, message))?;
        Ok(end.next_seq.0)
    }

    /// Events that one page of a query may look at.
    pub(crate) fn query_events_max(&self) -> u64 {
        self.query_events_max
    }

    pub(crate) fn index(&self) -> Arc<Index> {
        self.index.load()
    }

    /// Waits until the index has everything up to `point`.
    ///
    /// # Errors
    /// The daemon stops before.
    pub async fn reached(&self, point: &Point) -> Result<(), Ended> {
        self.indexed.reached(point.cycle).await.map(|_| ())
    }

    /// Answers what the shard handed on; `point` must have been reached. Blocks on the disk.
    pub fn answer(&self, point: &Point) -> Reply {
        let answer = match &point.request {
            Request::LookupTransfers(_) => query::lookup::answer(self, point),
            Request::QueryTransfers(request) => query::filter::answer(self, point, request),
            Request::BalancesAsOf(request) => query::balances::answer(self, point, request),
            Request::Statement(request) => query::statement::answer(self, point, request),
            _ => Err(HistoryError::Refused(
                Code::Unsupported,
                "not a question about the past",
            )),
        };
        match answer {
            Ok(answer) => Reply::Answer(answer),
            Err(HistoryError::Refused(code, message)) => {
                Reply::Failure(Failure::new(code, message))
            }
            Err(error) => {
                tracing::error!(%error, book = %point.book, "a question about the past failed");
                let message = "closed blocks could not be read; see the daemon's log, then retry";
                Reply::Failure(Failure::new(Code::Busy, message))
            }
        }
    }

    /// The transfer with this sequence, `None` if that event is none.
    pub(crate) fn transfer(
        &self,
        book: BookId,
        seq: Seq,
    ) -> Result<Option<TransferPosted>, HistoryError> {
        let record = self.reader.record(book, seq)?;
        match record.as_deref().map(Event::decode) {
            Some(Ok(Event::Transfer(transfer))) => Ok(Some(transfer)),
            Some(Ok(_)) => Ok(None),
            Some(Err(_)) | None => Err(HistoryError::Missing(book, seq)),
        }
    }

    /// A transfer with its note, if it has one that was not erased.
    pub(crate) fn row(
        &self,
        book: BookId,
        record: TransferPosted,
    ) -> Result<TransferRow, HistoryError> {
        let note = match record.commitments {
            Some(_) => self.reader.note(book, record.seq)?,
            None => None,
        };
        let text = |note: ledger::note::Note| {
            let reference = wire::Blob::new(note.reference)?;
            let metadata = wire::Blob::new(note.metadata)?;
            Some(NoteText {
                reference,
                metadata,
            })
        };
        Ok(TransferRow {
            record,
            note: note.and_then(text),
        })
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("indexed", &self.indexed.get())
            .finish_non_exhaustive()
    }
}
