//! The operations that the shipped policies know: what is not here is denied.

mod operation;

pub use operation::{Access, Capability, Kind, OPERATIONS, Operation};
