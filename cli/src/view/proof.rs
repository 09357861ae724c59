//! Proofs that were fetched.

use std::fmt;
use std::path::Path;

use ledger::Code;
use serde::Serialize;
use wire::message::SealedPoint;

use crate::instant;

/// A proof that was fetched into a file, or why it was not.
#[derive(Debug, Serialize)]
pub(crate) struct FetchedView {
    what: String,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    bytes: usize,
    /// Row of the audit chain that is the seal.
    #[serde(skip_serializing_if = "Option::is_none")]
    seal: Option<u64>,
    /// Events of the book that the seal covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed_at: Option<String>,
    #[serde(skip)]
    doc: &'static str,
}

impl FetchedView {
    /// A proof of so many bytes in a file.
    pub(crate) fn new(what: &str, file: &Path, bytes: usize) -> Self {
        Self {
            what: what.to_owned(),
            code: Code::Created.name(),
            file: Some(file.display().to_string()),
            bytes,
            seal: None,
            size: None,
            sealed_at: None,
            doc: "",
        }
    }

    /// No proof, and why.
    pub(crate) fn none(what: &str, code: Code) -> Self {
        Self {
            code: code.name(),
            file: None,
            doc: code.doc(),
            ..Self::new(what, Path::new(""), 0)
        }
    }

    /// The same with the seal that it leads to.
    pub(crate) fn with_seal(self, sealed: &SealedPoint) -> Self {
        Self {
            seal: Some(sealed.seal_seq),
            size: Some(sealed.size),
            sealed_at: Some(instant::show(sealed.at)),
            ..self
        }
    }
}

impl fmt::Display for FetchedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(file) = &self.file else {
            return write!(f, "{}: {}: {}", self.what, self.code, self.doc);
        };
        write!(f, "{}: {} bytes in {file}", self.what, self.bytes)?;
        if let Some(seal) = self.seal {
            write!(f, ", sealed by row {seal}")?;
        }
        if let Some(at) = self.sealed_at.as_ref().filter(|at| !at.is_empty()) {
            write!(f, " of {}", instant::brief(at))?;
        }
        Ok(())
    }
}
