//! Who signs, with which key, and when: signers over KMS, a signing proxy, PKCS#11 or a development
//! key, the registry of keys, and the pure batcher of seals.
//!
//! This crate is not: verification (see `verify`), nor the actor that runs a signer (`actors`).

pub mod batch;
pub mod config;
pub mod emergency;
pub mod error;
pub mod hmac;
pub mod kms;
pub mod limits;
pub mod local;
pub mod pem;
pub mod pkcs11;
pub mod proxy;
pub mod registry;
pub mod retry;
pub mod signer;
mod text;

pub use config::{ProductionSigner, SignerConfig};
pub use emergency::{EmergencyKey, EmergencySigner};
pub use error::{Fault, SignerError};
pub use hmac::Hmac;
pub use kms::{KmsConfig, KmsCredentials};
pub use local::LocalDev;
pub use pem::PemKey;
pub use pkcs11::{KeyName, Pkcs11Config};
pub use proxy::{Anchor, Anchored, ProxyConfig, ProxyIdentity};
pub use registry::{KeyEvent, KeyRecord, Registry, RegistryError};
pub use retry::Patience;
pub use signer::{Health, Registered, SealRequest, Signer};
