//! `ledgerctl`, the command-line client of ledgerd.

mod amount;
mod instant;
mod key;

fn main() {}
