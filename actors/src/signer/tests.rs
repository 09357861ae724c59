//! The chain without its actor: every step is taken by the test.

mod operators;
mod outage;
mod policies;
mod simulation;
mod start;
mod world;
