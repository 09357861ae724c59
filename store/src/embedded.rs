//! The embedded journal: cycles in preallocated segment files of one directory.
//!
//! `docs/formats/journal.md` has every byte; `docs/adr/0003-torn-writes.md` says how a torn write
//! is told from damage.

pub mod frame;
pub mod notes;
pub(crate) mod window;
