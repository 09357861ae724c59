//! Tiles: the trees of all books, 256 hashes wide, as C2SP tlog-tiles cuts them. Level 0 holds the
//! hashes of leaves, each level above the roots of the tiles below it. A tile that is full never
//! changes.
//!
//! They are derived from closed cycles and nothing else, so that they can be deleted and built
//! again ([`rebuild`]). A [`TileBuilder`], owned by one thread, takes cycles in and writes full
//! tiles; [`Tiles`] gives the nodes that proofs are made of, at any size that was taken in. What a
//! level has beyond its last full tile stays in memory, and is read from the blocks again when it
//! is not there.
//!
//! `docs/formats/audit.md` gives every byte of the files.
//!
//! This is not: proofs (see `ledger::proof`), nor a store of records (the journal's).

mod book;
mod builder;
mod cache;
mod error;
mod files;
mod frame;
mod hashes;
mod limits;
mod reader;
mod restore;
mod shared;
mod view;

pub use builder::{TileBuilder, rebuild};
pub use error::{Damage, TileError};
pub use limits::TileLimits;
pub use reader::Tiles;
pub use view::TilesView;

/// Hashes of a full tile.
pub const WIDTH: u64 = 256;
