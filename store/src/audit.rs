//! The audit log: the one chain of rows, with what has to be durable before a signer is asked.
//!
//! A row comes about in two steps. Its [`Intent`] is persisted first, by compare-and-swap: it must
//! continue the last one, and the log's lease must still be the newest. From then on its sequence
//! has this digest and no other. When the signature is there, the row is published: it must be that
//! of the oldest intent. Between the two a crash loses nothing, and [`AuditLog::open`] gives the
//! intents back that were not published.
//!
//! Records stand in segments that are reserved ahead of need, so that rows of operators find room
//! on a full disk. `docs/formats/audit.md` has every byte.
//!
//! This is not: the decision what to seal and when (see `signing`), nor the verification of a chain
//! (`verify`). Rows are taken with whatever signature they have.

mod error;
mod index;
mod intent;
mod limits;
mod log;
mod reader;
mod record;
mod reel;
mod scan;

pub use error::{AuditError, AuditFault};
pub use intent::{Body, Intent};
pub use limits::AuditOptions;
pub use log::{AuditLog, AuditState};
pub use reader::{AuditReader, Entries, Entry};
