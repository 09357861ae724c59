//! The binary, as people run it.
#![cfg(test)]

mod audit;
mod daemon;
mod dev;
mod documents;
mod endpoints;
mod equivocation;
#[cfg(debug_assertions)]
mod faults;
mod guards;
mod harness;
mod hostile;
mod pki;
mod production;
mod rates;
mod turns;
