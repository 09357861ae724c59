//! Rows of a delimited file.

mod line_ends;

use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder, Terminator};

use super::mapping::Dialect;
use super::plan::{RowFault, RowProblem};
use super::raw::RawEncoding;
use line_ends::{Gauge, LineEnds};

/// Longest row that is read, in bytes. A quote that stays open would make one of the whole file.
pub(crate) const ROW_BYTES_MAX: u64 = 1024 * 1024;

/// A row of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    /// Line that it starts on, from 1.
    pub(crate) line: u64,
    /// Its values.
    pub(crate) values: Vec<String>,
}

/// The rows of a delimited file, one by one.
pub(crate) struct Rows<R> {
    reader: Reader<LineEnds<R>>,
    gauge: Rc<Gauge>,
    dialect: Dialect,
    columns: Vec<String>,
    record: ByteRecord,
    is_at_end: bool,
}

/// Why the rows of a file cannot be read on.
#[derive(Debug)]
pub(crate) enum RowsError {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// A row is longer than [`ROW_BYTES_MAX`]; the line after the row before it.
    TooLong(u64),
    /// The file has no line of names.
    NoHeader,
    /// The names of the columns are not written in the file's encoding.
    Encoding,
}

impl<R: Read> Rows<R> {
    /// Opens a file and reads the names of its columns.
    pub(crate) fn open(file: R, dialect: &Dialect) -> Result<Self, RowsError> {
        let gauge = Rc::new(Gauge::default());
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .delimiter(dialect.delimiter)
            .quoting(dialect.quote.is_some())
            .quote(dialect.quote.unwrap_or(b'"'))
            .from_reader(LineEnds::new(file, Rc::clone(&gauge)));
        let mut rows = Self {
            reader,
            gauge,
            dialect: dialect.clone(),
            columns: Vec::new(),
            record: ByteRecord::new(),
            is_at_end: false,
        };
        rows.columns = match &dialect.columns {
            Some(columns) => columns.clone(),
            None => rows.header()?,
        };
        Ok(rows)
    }

    /// Names of the columns.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Bytes of the file read so far, a little ahead of the last row.
    pub(crate) fn bytes(&self) -> u64 {
        self.gauge.read.get()
    }

    /// The next row: good, bad, or none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Result<Row, RowProblem>>, RowsError> {
        if self.is_at_end || !self.read()? {
            self.is_at_end = true;
            return Ok(None);
        }
        let line = self.line();
        let expected = self.columns.len();
        if self.record.len() != expected {
            let found = self.record.len();
            return Ok(Some(Err(RowProblem {
                line,
                column: None,
                value: None,
                fault: RowFault::Width { expected, found },
            })));
        }
        let values = self
            .record
            .iter()
            .zip(&self.columns)
            .map(|(bytes, column)| {
                self.decode(bytes).ok_or_else(|| RowProblem {
                    line,
                    column: Some(column.clone()),
                    value: Some(String::from_utf8_lossy(bytes).into_owned()),
                    fault: RowFault::Encoding,
                })
            });
        let values = values.collect::<Result<_, _>>();
        Ok(Some(values.map(|values| Row { line, values })))
    }

    fn header(&mut self) -> Result<Vec<String>, RowsError> {
        if !self.read()? {
            return Err(RowsError::NoHeader);
        }
        let names = self.record.iter().enumerate().map(|(at, bytes)| {
            let bytes = match at {
                0 => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
                _ => bytes,
            };
            self.decode(bytes).ok_or(RowsError::Encoding)
        });
        names.collect()
    }

    fn read(&mut self) -> Result<bool, RowsError> {
        self.gauge.room.set(ROW_BYTES_MAX);
        let before = self.reader.position().line();
        let read = self.reader.read_byte_record(&mut self.record);
        read.map_err(|error| match error.into_kind() {
            ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                RowsError::TooLong(before)
            }
            ErrorKind::Io(error) => RowsError::Unreadable(error),
            // Bytes are not looked at here and any number of values will do, so this is none of
            // the others that the reader knows.
            _ => RowsError::Unreadable(io::ErrorKind::InvalidData.into()),
        })
    }

    /// Where the last row began. The reader is behind its line end, and knows where it was before
    /// the blank lines that it skipped.
    fn line(&self) -> u64 {
        let breaks = self.record.as_slice().iter().filter(|byte| **byte == b'\n');
        (self.reader.position().line() - 1).saturating_sub(breaks.count() as u64)
    }

    fn decode(&self, bytes: &[u8]) -> Option<String> {
        let text = match self.dialect.encoding {
            RawEncoding::Utf8 => std::str::from_utf8(bytes).ok()?.to_owned(),
            // Every byte is the character of that number.
            RawEncoding::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        };
        Some(if self.dialect.trim {
            text.trim().to_owned()
        } else {
            text
        })
    }
}

impl std::fmt::Display for RowsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::TooLong(line) => write!(
                f,
                "the row on line {line} is longer than {ROW_BYTES_MAX} bytes; look for a quote \
                 that stays open, or set `file.quote = \"\"` in the mapping"
            ),
            Self::NoHeader => f.write_str(
                "is empty; its first line names the columns, unless `file.columns` in the mapping \
                 does",
            ),
            Self::Encoding => f.write_str(
                "its first line is not UTF-8; set `file.encoding = \"iso-8859-1\"` in the mapping",
            ),
        }
    }
}

impl std::error::Error for RowsError {}

#[cfg(test)]
mod tests;
