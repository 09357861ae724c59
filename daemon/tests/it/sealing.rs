//! A daemon of production and the keys that seal for it, each a process of its own: KMS, a signing
//! proxy over mutual TLS, a PKCS#11 token.

mod bank;
mod counterparts;
mod load;
mod operator;
#[cfg(debug_assertions)]
mod outage;
#[cfg(debug_assertions)]
mod proxy;
mod restored;
#[cfg(debug_assertions)]
mod revocation;
mod rotation;
mod services;
#[cfg(debug_assertions)]
mod two;
