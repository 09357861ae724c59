//! The crate from outside: real components, good and hostile ones.
#![cfg(test)]

mod guest;
mod hostile;
