//! What the configurations of our servers share: how a setting that cannot be used is told, how the
//! files are read that it names, and what certificates and keys among them must be.
//!
//! This crate is not: a configuration. Which settings there are, and what they mean together, each
//! server says itself.

pub mod certificate;
pub mod files;
pub mod hex;
pub mod mark;
pub mod problem;
pub mod provenance;
pub mod server_identity;
