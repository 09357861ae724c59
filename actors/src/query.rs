//! Questions about the past, one module for each.

pub(crate) mod balances;
pub(crate) mod filter;
pub(crate) mod lookup;
mod page;
pub(crate) mod statement;
