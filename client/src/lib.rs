//! Client library of ledgerd: one connection, many requests in flight, answers in any order.
//!
//! A write whose answer was lost is [`ClientError::OutcomeUnknown`]: send it again with the same
//! ids and the ledger answers `exists` for what it has posted already. This crate does not retry
//! and does not connect again by itself: the caller knows how long that makes sense.

mod call;
mod connection;
mod error;
mod operations;
mod pending;
mod subscription;
#[cfg(test)]
mod tests;

pub use connection::{Client, ClientConfig};
pub use error::{ClientError, Unknown};
pub use subscription::Subscription;
pub use wire;
pub use wire::endpoint::{Credentials, TransportLimits, certificates_from_pem};
