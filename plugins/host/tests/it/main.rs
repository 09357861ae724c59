//! The crate from outside: real components, good and hostile ones.
#![cfg(test)]

mod breaker;
mod cases;
mod compile;
mod guest;
mod hostile;
mod judging;
mod neighbours;
mod pool;
mod refused;
mod shipped;
