//! The binary, as people run it.
#![cfg(test)]

mod daemon;
mod dev;
mod documents;
mod guards;
mod pki;
