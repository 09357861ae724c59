//! How writes were decided.

use ledger::{Code, Height, Nanos, Seq};
use serde::Serialize;
use wire::message::Decided;

use crate::instant;
use crate::key;

/// How one item was decided.
#[derive(Debug, Serialize)]
pub(crate) struct DecidedView {
    /// The item's id, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What it is called: the id as it was written, or what was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Line of the file, where it comes from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    code: &'static str,
    number: u16,
    /// Whether it stands in the ledger.
    posted: bool,
    retryable: bool,
    /// The event of the id, which need not be this item's.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posted_at: Option<String>,
    height: u64,
    /// It was decided and forgotten.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dry_run: bool,
    #[serde(skip)]
    decided: Code,
}

impl DecidedView {
    /// The one item of a request, and what it did.
    pub(crate) fn of(decided: &Decided, what: String) -> Self {
        let seq = decided.code.is_posted().then_some(decided.seq);
        let item = Self {
            name: Some(what),
            ..Self::item(decided.code, seq, decided.height)
        };
        item.with_time(decided.posted_at)
    }

    /// An item of a batch.
    pub(crate) fn item(code: Code, seq: Option<Seq>, height: Height) -> Self {
        Self {
            id: None,
            name: None,
            line: None,
            code: code.name(),
            number: code.number(),
            posted: code.is_posted(),
            retryable: code.is_retryable(),
            seq: seq.map(|seq| seq.0),
            posted_at: None,
            height: height.0,
            dry_run: false,
            decided: code,
        }
    }

    /// The same with the item's id, and how that was written.
    pub(crate) fn with_id(self, id: u128, text: Option<&str>) -> Self {
        let id = key::show(id);
        Self {
            name: text.map(str::to_owned).filter(|text| *text != id),
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

    /// The same with the time it was posted, if it was by this request.
    pub(crate) fn with_time(self, posted_at: Nanos) -> Self {
        let is_new = self.decided == Code::Created && posted_at.0 != 0;
        Self {
            posted_at: is_new.then(|| instant::show(posted_at)),
            ..self
        }
    }

    /// The same, decided and forgotten: it stands nowhere, and its sequence is nobody's.
    pub(crate) fn of_dry_run(self) -> Self {
        let is_known = self.decided != Code::Created;
        Self {
            dry_run: true,
            posted: self.posted && is_known,
            seq: self.seq.filter(|_| is_known),
            ..self
        }
    }
}

/// What became of the item, in a line.
impl std::fmt::Display for DecidedView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(name) = self.name.as_ref().or(self.id.as_ref()) {
            write!(f, "{name}: ")?;
        }
        f.write_str(self.code)?;
        if let Some(seq) = self.seq {
            write!(f, " at sequence {seq}")?;
        }
        if self.dry_run && self.decided == Code::Created {
            f.write_str(" as a dry run; nothing is posted")?;
        } else if !self.decided.is_posted() {
            write!(f, ": {}", self.decided.doc())?;
        }
        if self.retryable {
            f.write_str("; it may be decided otherwise later")?;
        }
        Ok(())
    }
}
