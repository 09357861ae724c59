//! What is known of the chain outside the journal.

use store::anchor::{self, AnchorError, DirAnchor};
use verify::payload::Origin;
use verify::row::AuditRow;

/// Where the last published head is kept outside the journal.
#[derive(Clone, Debug)]
pub enum Anchor {
    /// In a directory.
    Directory(DirAnchor),
    /// By the signer itself, which is a proxy.
    Signer,
}

impl Anchor {
    /// Tells it the last published row.
    pub(crate) fn advance(&self, row: &AuditRow) -> Result<(), AnchorError> {
        match self {
            Self::Directory(directory) => directory.advance(&anchor::Anchor {
                origin: name(&row.payload().origin),
                epoch: row.payload().origin.epoch,
                seq: row.seq(),
                digest: row.digest(),
                signature: row.signature().clone(),
                signer_kid: row.signer_kid().clone(),
            }),
            Self::Signer => Ok(()),
        }
    }
}

/// What anchors call a chain.
pub fn name(origin: &Origin) -> String {
    format!("{}/{}", origin.deployment, origin.environment)
}
