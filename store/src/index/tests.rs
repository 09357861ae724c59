//! The index against a model that only remembers, on a simulated disk.

mod answers;
mod crash;
mod damage;
mod full;
mod memory;
mod world;
