//! How writes were decided.

use ledger::{Code, Height, Nanos, Seq};
use serde::Serialize;
use wire::message::Decided;

use crate::instant;

/// How one item was decided.
#[derive(Debug, Serialize)]
pub(crate) struct DecidedView {
    /// The item's id, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Line of the file, where it comes from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    code: &'static str,
    number: u16,
    posted: bool,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posted_at: Option<String>,
    height: u64,
    /// It was decided and forgotten.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
    #[serde(skip)]
    doc: &'static str,
}

impl DecidedView {
    /// The one item of a request.
    pub(crate) fn of(decided: &Decided) -> Self {
        let seq = decided.code.is_posted().then_some(decided.seq);
        Self {
            posted_at: time(decided.posted_at),
            ..Self::item(decided.code, seq, decided.height)
        }
    }

    /// An item of a batch.
    pub(crate) fn item(code: Code, seq: Option<Seq>, height: Height) -> Self {
        Self {
            id: None,
            line: None,
            code: code.name(),
            number: code.number(),
            posted: code.is_posted(),
            retryable: code.is_retryable(),
            seq: seq.map(|seq| seq.0),
            posted_at: None,
            height: height.0,
            dry_run: false,
            doc: code.doc(),
        }
    }

    /// The same with the item's id.
    pub(crate) fn with_id(self, id: String) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// The same with the item's line.
    pub(crate) fn with_line(self, line: u64) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }

    /// The same, decided and forgotten: the sequence is nobody's.
    pub(crate) fn of_dry_run(self) -> Self {
        Self {
            dry_run: true,
            seq: None,
            ..self
        }
    }

    /// The same with the time it was posted.
    pub(crate) fn with_time(self, posted_at: Nanos) -> Self {
        Self {
            posted_at: time(posted_at),
            ..self
        }
    }
}

fn time(time: Nanos) -> Option<String> {
    Some(instant::show(time)).filter(|text| !text.is_empty())
}

/// What became of the item, in a line.
impl std::fmt::Display for DecidedView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(id) = &self.id {
            write!(f, "{id}: ")?;
        }
        f.write_str(self.code)?;
        match self.seq {
            Some(seq) => write!(f, " at sequence {seq}")?,
            None if self.dry_run && self.posted => {
                f.write_str(" as a dry run; nothing is posted")?;
            }
            None => write!(f, ": {}", self.doc)?,
        }
        if self.retryable {
            f.write_str("; it may be decided otherwise later")?;
        }
        Ok(())
    }
}
