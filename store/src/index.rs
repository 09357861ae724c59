//! The index: what closed cycles say about ids and accounts, in immutable sorted runs.
//!
//! It is derived from closed cycles and nothing else, so that it can be deleted and built again.
//! An [`IndexBuilder`], owned by one thread, takes cycles in; [`Index`] answers meanwhile:
//!
//! - which event an id points to, for every id that the memory of recent ids has let go, at the
//!   cost of a few nanoseconds for each run that does not have it;
//! - which legs an account has, and what it had posted as of any sequence and business date.
//!
//! `docs/formats/index.md` gives every byte of the files.
//!
//! This is not: the memory of recent ids (the ledger's), nor a store of records (the journal's).

mod builder;
mod error;
mod filter;
mod filter_room;
mod flush;
mod hash;
mod history;
mod id_job;
mod id_page;
mod id_run;
mod id_table;
mod id_writer;
mod input;
mod leg_arena;
mod leg_chunk;
mod leg_code;
mod leg_format;
mod leg_job;
mod leg_run;
mod leg_table;
mod leg_writer;
mod limits;
mod manifest;
mod merge;
mod merging;
mod names;
mod num;
mod output;
mod progress;
mod reader;
mod record;
mod runs;
mod snapshot;

pub use builder::{IndexBuilder, rebuild};
pub use error::{Damage, IndexError};
pub use hash::Seed;
pub use leg_chunk::Posted;
pub use leg_code::HistoryLeg;
pub use limits::IndexLimits;
pub use reader::Index;

/// Bytes of memory in use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Memory {
    /// For ids: tables, fences, filters, buffers.
    pub ids: usize,
    /// For legs: tables, fences, buffers.
    pub legs: usize,
}

/// Bytes written to files since the index was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// Runs of ids.
    pub ids: u64,
    /// Runs of legs.
    pub legs: u64,
    /// Manifests.
    pub manifests: u64,
}

#[cfg(test)]
mod tests;
