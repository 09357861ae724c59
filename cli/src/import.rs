//! Importing files: a mapping says what the rows of a file mean, a plan turns rows into transfers,
//! and only what is left of that touches the network.

pub(crate) mod mapping;
pub(crate) mod plan;
mod problems;
mod progress;
pub(crate) mod raw;
pub(crate) mod resume;
pub(crate) mod rows;
pub(crate) mod run;
mod summary;
mod tally;
pub(crate) mod template;
