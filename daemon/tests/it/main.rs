//! The binary, as people run it.
#![cfg(test)]

mod daemon;
mod denial;
mod dev;
mod documents;
mod everything;
mod guards;
mod harness;
mod hostile;
mod pki;
