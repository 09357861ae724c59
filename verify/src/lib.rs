//! What an auditor embeds: public keys, signatures, receipts, proofs and the audit chain, checked
//! offline and trusting public keys only.
//!
//! No I/O, no clock, no network: bytes and the time are arguments, and it builds for `wasm32`.
//!
//! This crate is not: the rules of a ledger (see `ledger`), nor a holder of private keys
//! (`signing`).
