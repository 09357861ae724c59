//! The pure core of ledgerd: what a ledger is, what it refuses, and which bytes say so.
//!
//! No I/O, no clock, no randomness, no async and no panic on input: time and salts are arguments,
//! and the same commands give the same bytes everywhere. State is the fold of events and nothing
//! else; see [`Ledger`] for the one place where commands become events.
//!
//! This crate is not: a store (see `store`), a protocol (`wire`), a policy (`plugins/host`).

pub mod account;
mod account_rules;
pub mod asset;
pub mod batch;
pub mod block;
pub mod book;
pub mod code;
pub mod digest;
mod entry_set;
pub mod event;
pub mod fields;
mod held;
pub mod hold;
pub mod id;
pub mod ids;
pub mod key_table;
mod known;
pub mod ledger;
pub mod leg;
pub mod limits;
pub mod merkle;
pub mod note;
pub mod operation;
pub mod past;
pub mod posting;
pub mod proof;
pub mod registry;
mod registry_rules;
pub mod replay;
pub mod snapshot;
mod target;
pub mod totals;
pub mod transfer;
mod undo;
pub mod window;

pub use account::{Account, AccountChange, AccountFlags, Balances, NewAccount};
pub use batch::{BatchEntry, Origin};
pub use block::{BlockHeader, OpenBlock};
pub use book::{Book, BookState, Caps};
pub use code::Code;
pub use digest::Digest;
pub use event::Event;
pub use id::{AccountId, AssetId, BookId, Height, Nanos, Seq, TenantId, TransferId};
pub use ledger::Ledger;
pub use operation::Operation;
pub use past::Past;
pub use transfer::{Transfer, TransferFlags};
