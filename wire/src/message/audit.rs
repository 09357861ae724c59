//! Rows of the audit chain.

use crate::field::Blob;
use crate::limits::AUDIT_ROW_BYTES_MAX;
use crate::message::macros::message;

/// A row of the audit chain: one line of JSON without its end.
pub type AuditRow = Blob<AUDIT_ROW_BYTES_MAX>;

message! {
    /// Asks for rows of the deployment's audit chain.
    #[derive(Copy, Default)]
    pub struct AuditRows {
        /// Number of the first row wanted, from 1 on.
        pub from_seq: u64,
        /// Most rows wanted; 0 leaves it to the server.
        pub limit: u32,
    }

    /// Rows of the audit chain, in order and without gap.
    pub struct AuditRowList {
        /// The rows.
        pub rows: Vec<AuditRow>,
        /// Where the next page starts; 0 at the end of what is published.
        pub next: u64,
    }
}
