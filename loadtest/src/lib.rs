//! What the load tester and the crash tester of ledgerd share: workloads, the daemon as a child
//! process, what is expected and what was measured.

pub mod binary;
pub mod crash;
pub mod daemon;
pub mod expect;
pub mod figures;
pub mod folder;
pub mod latency;
pub mod load;
pub mod mix;
pub mod outcome;
pub mod pace;
pub mod page;
pub mod process;
pub mod profile;
pub mod proving;
pub mod readback;
pub mod report;
pub mod schedule;
pub mod session;
pub mod setup;
pub mod signer;
pub mod slo;
pub mod target;
pub mod timeline;
pub mod workload;
