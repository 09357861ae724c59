//! Views: what people and scripts see of an answer. The names of fields are stable.

pub(crate) mod account;
pub(crate) mod approval;
pub(crate) mod decided;
pub(crate) mod event;
pub(crate) mod hello;
pub(crate) mod policy;
pub(crate) mod proof;
pub(crate) mod registry;
pub(crate) mod rollout;
pub(crate) mod sealing;
pub(crate) mod signers;
pub(crate) mod statement;
#[cfg(test)]
mod tests;
pub(crate) mod totals;
pub(crate) mod transfer;
pub(crate) mod verdict;
