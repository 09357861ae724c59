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
pub mod chain_head;
pub mod hex;
pub mod jcs;
pub mod key;
pub mod keyring;
pub mod limits;
pub mod name;
pub mod payload;
pub mod row;
mod serde_hex;
mod text_enum;
mod text_id;
pub mod time;

pub use approval::Approval;
pub use approver::{Approver, ApproverSet};
pub use chain_head::ChainHead;
pub use key::{Algorithm, Kid, PublicKey, Signature, Usage};
pub use keyring::{Keyring, SignedKeyring};
pub use name::Name;
pub use payload::Payload;
pub use row::AuditRow;
pub use time::Micros;
