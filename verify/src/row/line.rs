use serde::Deserialize;
use serde_json::value::RawValue;

use super::{AuditRow, RowError};
use crate::key::Signature;
use crate::limits::ROW_LINE_BYTES_MAX;
use crate::{base64, hex};

/// The columns of a row. What follows from the payload is compared with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns<'a> {
    created_at: String,
    event_type: String,
    hash: String,
    id: String,
    #[serde(borrow)]
    payload: &'a RawValue,
    prev_hash: Option<String>,
    seq: u64,
    signature: String,
    signer_kid: String,
}

impl AuditRow {
    /// Appends the row as a line of JSON with its line feed.
    pub fn encode_line(&self, out: &mut Vec<u8>) {
        let start = format!(
            r#"{{"created_at":"{}","event_type":"{}","hash":"{}","id":"{}","payload":"#,
            self.created_at(),
            self.event_type(),
            self.digest,
            self.id(),
        );
        let prev = match &self.payload.prev {
            Some(prev) => format!("\"{prev}\""),
            None => "null".to_owned(),
        };
        let end = format!(
            r#","prev_hash":{prev},"seq":{},"signature":"{}","signer_kid":"{}"}}"#,
            self.seq(),
            base64::encode(self.signature.as_bytes()),
            self.signer_kid(),
        );
        out.extend_from_slice(start.as_bytes());
        out.extend_from_slice(&self.canonical);
        out.extend_from_slice(end.as_bytes());
        out.push(b'\n');
    }

    /// Reads one line, with its line feed.
    ///
    /// # Errors
    /// It is not a row in its one spelling.
    pub fn decode_line(line: &[u8]) -> Result<Self, RowError> {
        if line.len() > ROW_LINE_BYTES_MAX {
            return Err(RowError::TooLong(line.len()));
        }
        let text = line.strip_suffix(b"\n").ok_or(RowError::CutShort)?;
        let columns: Columns<'_> = serde_json::from_slice(text).map_err(|_| RowError::NotARow)?;
        let signature =
            Signature::from_base64(&columns.signature).ok_or(RowError::Column("signature"))?;
        let row = Self::new(columns.payload.get().as_bytes().to_vec(), signature)?;
        row.agrees_with(&columns)?;
        let mut again = Vec::with_capacity(line.len());
        row.encode_line(&mut again);
        if again == line {
            Ok(row)
        } else {
            Err(RowError::NotCanonical)
        }
    }

    fn agrees_with(&self, columns: &Columns<'_>) -> Result<(), RowError> {
        let prev = columns.prev_hash.as_deref();
        let compared = [
            (
                "created_at",
                columns.created_at == self.created_at().to_string(),
            ),
            ("event_type", columns.event_type == self.event_type()),
            ("hash", columns.hash == hex::encode(&self.digest.0)),
            ("id", columns.id == self.id().to_string()),
            (
                "prev_hash",
                prev == self.prev().map(|prev| prev.to_string()).as_deref(),
            ),
            ("seq", columns.seq == self.seq()),
            (
                "signer_kid",
                columns.signer_kid == self.signer_kid().as_str(),
            ),
        ];
        match compared.into_iter().find(|(_, agrees)| !agrees) {
            Some((column, _)) => Err(RowError::Column(column)),
            None => Ok(()),
        }
    }
}

/// The rows of a file of lines, without a copy of the file.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a>(pub &'a [u8]);

impl Iterator for Lines<'_> {
    type Item = Result<AuditRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.iter().position(|byte| *byte == b'\n');
        let (line, rest) = match end {
            Some(end) => self.0.split_at(end + 1),
            None => (self.0, &[][..]),
        };
        self.0 = rest;
        Some(AuditRow::decode_line(line))
    }
}
