//! What others say about what this crate makes and accepts: `openssl`, verifiers from npm and PyPI,
//! and scripts that were written from the format pages and share no code with it.

mod canonical;
mod key;
mod ledger;
mod log;
mod notes;
mod rows;
mod scratch;
mod seals;
mod tool;
