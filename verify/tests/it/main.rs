//! What the public interface holds to, and what other implementations say about it.
#![cfg(test)]

mod interop;
