//! What an auditor embeds: public keys, signatures, receipts, proofs and the audit chain, checked
//! offline and trusting public keys only.
//!
//! No I/O, no clock, no network: bytes and the time are arguments, and it builds for `wasm32`.
//!
//! This crate is not: the rules of a ledger (see `ledger`), nor a holder of private keys
//! (`signing`).

pub mod approval;
pub mod approver;
pub mod base64;
pub mod chain;
pub mod chain_head;
pub mod checkpoint;
pub mod consistency;
#[cfg(test)]
pub(crate) mod fixture;
pub mod head;
pub mod heads;
pub mod hex;
pub mod jcs;
pub mod key;
pub mod keyring;
pub mod ledger_proof;
pub mod limits;
pub mod name;
pub mod payload;
pub mod policy;
pub mod range;
pub mod receipt;
pub mod row;
pub mod sealed_head;
mod serde_hex;
pub mod statement;
mod text_enum;
mod text_id;
pub mod time;
pub mod tlog_proof;

pub use approval::Approval;
pub use approver::{Approver, ApproverSet};
pub use chain::ChainVerifier;
pub use chain_head::ChainHead;
pub use head::HeadLeaf;
pub use heads::HeadsTree;
pub use key::{Algorithm, Kid, PublicKey, Signature, Usage};
pub use keyring::{Keyring, SignedKeyring};
pub use name::Name;
pub use payload::Payload;
pub use receipt::Receipt;
pub use row::AuditRow;
pub use sealed_head::SealedHead;
pub use time::Micros;
