//! The protocol as others see it: `docs/protocol.md` and the vectors in `wire/vectors`, held
//! against the code both ways.
//!
//! After a change of the protocol, `cargo run -p ledgerd-wire --example protocol` writes both anew.

#![cfg(test)]

#[path = "../../examples/protocol/document.rs"]
mod document;
mod frames;
mod page;
#[path = "../../examples/protocol/policy.rs"]
mod policy;
#[path = "../../examples/protocol/samples.rs"]
mod samples;
#[path = "../../examples/protocol/sealing.rs"]
mod sealing;
#[path = "../../examples/protocol/vectors.rs"]
mod vectors;
