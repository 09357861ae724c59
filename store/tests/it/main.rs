//! Tests of the store from outside: one contract for every journal, a disk that loses power, files
//! that were damaged.
#![cfg(test)]

mod audit;
mod books;
mod contract;
mod crash;
mod damage;
mod room;
mod snapshots;
mod tiles;
