//! Who runs when: the shard that hosts the account actors, the threads that hash and commit its
//! cycles, and the supervised children that follow them.
//!
//! A request enters as a [`Submit`] that carries a `Permitted`; its answer leaves when the cycle it
//! was decided in is durable, and no other way. [`Engine`] puts the parts together.
//!
//! This crate is not: the rules of the ledger (`ledger`), what is durable (`store`), or the
//! gateway that speaks QUIC (`daemon`).

pub mod admission;
pub mod child;
pub mod clock;
mod committer;
mod cycle;
mod decide;
mod denials;
pub mod directory;
pub mod engine;
mod facts;
mod fatal;
pub mod fault;
mod hasher;
pub mod history;
mod index_slot;
mod indexer;
#[cfg(test)]
mod judging;
mod moved;
mod need;
mod past;
mod post;
pub mod progress;
pub mod prover;
mod query;
mod queue;
pub mod recovery;
mod refusal;
mod returns;
#[cfg(test)]
mod rules;
pub mod seal_window;
pub mod sealed;
mod self_check;
mod shard;
pub mod signer;
#[cfg(test)]
mod simulation;
mod slice;
mod snapshotter;
pub mod submit;
pub mod system;
mod tiler;

pub use admission::{Admission, AdmissionLimits, Admitted, Full};
pub use clock::Clock;
pub use directory::Directory;
pub use engine::{Engine, Options};
pub use fault::Fault;
pub use history::History;
pub use moved::BookHead;
pub use progress::Progress;
pub use prover::{NoteKeys, Prover};
pub use seal_window::{SealWindow, SealWindowLimits};
pub use sealed::Sealed;
pub use signer::anchor::Anchor;
pub use signer::emergency::Emergency;
pub use signer::operator::Order;
pub use signer::policy::{PoliciesFound, PolicyOrder};
pub use signer::start::{Known, SealStartError, Sealing};
pub use signer::{SignerReport, SignerState, Watch};
pub use submit::{Command, Judged, Point, Reply, Submit};
