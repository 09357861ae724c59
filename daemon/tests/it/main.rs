//! The binary, as people run it.
#![cfg(test)]

mod busy;
mod complaints;
mod daemon;
mod denial;
mod dev;
mod documents;
mod everything;
#[cfg(debug_assertions)]
mod faults;
mod guards;
mod harness;
mod hostile;
mod isolation;
mod kms;
mod outcome;
mod persona;
mod pki;
mod policies;
mod policy_host;
mod proofs;
mod sealing;
mod signers;
mod standing;
