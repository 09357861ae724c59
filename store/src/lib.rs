//! What is durable: journals of closed cycles, their snapshots, and the indexes derived from them.
//!
//! A [`Journal`] takes one [`Cycle`] after the other and says when it is durable; its [`Reader`]
//! gives cycles, blocks and notes back. [`embedded::Embedded`] keeps them in files of a
//! [`disk::Disk`], [`memory::Memory`] keeps them in memory; both pass one contract suite.
//!
//! This crate is not: the rules of a ledger (see `ledger`), nor the actor that decides when a cycle
//! closes.

pub mod anchor;
pub mod audit;
pub mod disk;
pub mod embedded;
pub mod file_name;
pub mod index;
pub mod journal;
pub mod memory;
pub mod reader;
pub mod room;
pub mod snapshot;
pub mod tiles;

pub use file_name::{FileName, Place};
pub use journal::{AppendError, Cycle, Journal};
pub use reader::{Cycles, ReadError, Reader};
pub use room::{Need, Room};
