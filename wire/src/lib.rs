//! The protocol of ledgerd: frames, messages, identities, and QUIC endpoints for both ends behind
//! the feature `endpoint`. `docs/protocol.md` describes every byte of it.
//!
//! This crate is not: a ledger (see `ledger`), a place where anything is permitted
//! (`plugins/host`), or a client with retries (`client`).

#[cfg(test)]
mod arb;
#[cfg(feature = "endpoint")]
pub mod endpoint;
pub mod field;
pub mod frame;
pub mod identity;
pub mod layout;
pub mod limits;
pub mod message;
pub mod policy;

pub use field::{Blob, Field, LongBlob, MessageError, Text};
pub use frame::{FrameError, Header, Kind};
pub use message::{Answer, Failure, Request};
