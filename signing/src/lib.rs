//! Who signs, with which key, and when: signers over KMS, a signing proxy, PKCS#11 or a development
//! key, the registry of keys, and the pure batcher of seals.
//!
//! This crate is not: verification (see `verify`), nor the actor that runs a signer (`actors`).

pub mod batch;
