//! `ledgerctl`, the command-line client of ledgerd.

mod amount;
mod import;
mod instant;
mod key;

fn main() {}
