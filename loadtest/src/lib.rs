//! What the load tester and the crash tester of ledgerd share: workloads, the daemon as a child
//! process, what is expected and what was measured.

pub mod binary;
pub mod daemon;
pub mod expect;
pub mod folder;
pub mod outcome;
pub mod process;
pub mod profile;
pub mod workload;
