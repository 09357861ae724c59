//! `ledgerctl`, the command-line client of ledgerd.

mod amount;
mod args;
mod exit;
mod import;
mod instant;
mod key;
mod span;

fn main() {}
