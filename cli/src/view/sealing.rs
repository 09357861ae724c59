//! How far seals have come.

use std::fmt;

use serde::Serialize;
use wire::message::SealStatus;

use crate::instant;

/// How far published seals cover a book, and how the signer is.
#[derive(Debug, Serialize)]
pub(crate) struct SealingView {
    /// The key that seals now; none if nothing does.
    signer: Option<String>,
    /// Row of the audit chain that is the newest seal.
    seal: u64,
    sealed_at: String,
    /// Events of the book that it covers.
    sealed: u64,
    /// Durable events of the book.
    committed: u64,
    /// Milliseconds for which an event may have waited for its seal.
    lag_ms: u64,
    /// Whether postings wait for the signer.
    window_full: bool,
}

impl From<&SealStatus> for SealingView {
    fn from(status: &SealStatus) -> Self {
        Self {
            signer: (!status.signer.is_empty()).then(|| status.signer.to_string()),
            seal: status.sealed.seal_seq,
            sealed_at: instant::show(status.sealed.at),
            sealed: status.sealed.size,
            committed: status.committed,
            lag_ms: status.lag_ms,
            window_full: status.window_full,
        }
    }
}

impl SealingView {
    /// Whether a key seals and postings need not wait for it.
    pub(crate) fn is_well(&self) -> bool {
        self.signer.is_some() && !self.window_full
    }
}

impl fmt::Display for SealingView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signer = self.signer.as_deref().unwrap_or("no key seals");
        let window = if self.window_full { "full" } else { "open" };
        writeln!(f, "signer     {signer}")?;
        writeln!(f, "sealed     {} of {} events", self.sealed, self.committed)?;
        writeln!(
            f,
            "last seal  row {}, {}",
            self.seal,
            instant::brief(&self.sealed_at)
        )?;
        writeln!(f, "lag        {} ms", self.lag_ms)?;
        write!(f, "window     {window}")
    }
}
