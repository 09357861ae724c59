//! Pages: how many rows an answer takes, and the cursors that the next one starts from.

use ledger::fields::Reader;
use ledger::limits::QUERY_ROWS_MAX;
use ledger::{Code, Seq};
use wire::Blob;
use wire::limits::FRAME_BODY_MAX;
use wire::message::{Cursor, TransferRow, row_bytes};

use crate::history::HistoryError;

/// Rows of a page if the client does not say.
const ROWS_DEFAULT: usize = 1_000;
/// Bytes kept for everything beside the rows.
const FRAME_REST: usize = 1_024;
/// Bytes of a row beside its transfer.
const ROW_REST: usize = 64;

/// Room for rows in one answer.
pub(super) struct Page {
    rows: usize,
    bytes: usize,
}

impl Page {
    /// A page of at most `limit` rows; 0 leaves it to the server.
    pub(super) fn new(limit: u32) -> Self {
        let rows = match limit as usize {
            0 => ROWS_DEFAULT,
            limit => limit.min(QUERY_ROWS_MAX),
        };
        Self {
            rows,
            bytes: FRAME_BODY_MAX - FRAME_REST,
        }
    }

    /// Takes room for `row`; false if the page is full.
    pub(super) fn take(&mut self, row: &TransferRow) -> bool {
        let bytes = row_bytes(row) + ROW_REST;
        if self.rows == 0 || self.bytes < bytes {
            return false;
        }
        self.rows -= 1;
        self.bytes -= bytes;
        true
    }

    /// Rows that may still be taken.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }
}

/// A place in the order of events: business date (0 where it does not matter), then sequence.
pub(super) type Place = (u64, Seq);

/// The cursor of a page that starts at `place`.
pub(super) fn cursor(place: Place) -> Result<Cursor, HistoryError> {
    let mut bytes = place.0.to_le_bytes().to_vec();
    bytes.extend_from_slice(&place.1.0.to_le_bytes());
    Blob::new(bytes).ok_or(REFUSED)
}

/// The place that `cursor` stands for; `None` for an empty one.
pub(super) fn place(cursor: &Cursor) -> Result<Option<Place>, HistoryError> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let mut r = Reader::new(cursor);
    let read = (|| {
        let place = (r.u64()?, Seq(r.u64()?));
        r.end()?;
        Ok::<_, ledger::fields::DecodeError>(place)
    })();
    read.map(Some).map_err(|_| REFUSED)
}

const REFUSED: HistoryError = HistoryError::Refused(
    Code::CursorInvalid,
    "the cursor is not one that this server gave; start without one",
);
