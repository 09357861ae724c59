//! Tests of the core from outside: a naive model that decides everything a second time, random
//! commands that compare both, and tables that say what each feature answers.
#![cfg(test)]

mod caps;
mod complaints;
mod harness;
mod ids;
mod model;
mod past;
mod random;
mod rng;
mod tables;
mod wide;
