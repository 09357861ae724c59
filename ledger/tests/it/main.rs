//! Tests of the core from outside: a naive model that decides everything a second time, random
//! commands that compare both, and tables that say what each feature answers.
#![cfg(test)]

#[path = "../../examples/formats/book.rs"]
mod book;
mod caps;
mod complaints;
mod formats;
mod harness;
mod ids;
#[path = "../../examples/formats/layout.rs"]
mod layout;
mod model;
#[path = "../../examples/formats/page.rs"]
mod page;
mod past;
mod random;
mod rng;
#[path = "../../examples/formats/samples.rs"]
mod samples;
mod tables;
#[path = "../../examples/formats/vectors.rs"]
mod vectors;
mod wide;
