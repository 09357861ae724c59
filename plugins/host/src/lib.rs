//! The only maker of [`Permitted`]: every request passes [`Authority::permit`] or goes no further.
//!
//! The rules are native and small, and deny by default; see [`rule`]. They know tenants and roles.
//! This crate does not know how a peer proved who it is (`wire`, `daemon`), nor what a request
//! then does (`ledger`).

pub mod authority;
mod breaker;
pub mod cases;
pub mod compile;
pub mod contract;
pub mod denied;
mod describe;
mod engine;
pub mod fault;
mod instance;
pub mod limits;
pub mod load;
mod passed;
pub mod outline;
pub mod permitted;
pub mod policy;
mod pool;
pub mod principal;
mod program;
pub mod resource;
pub mod rule;
pub mod runtime;
mod shape;
mod ticker;
mod usage;
pub mod verdict;

pub use authority::{Authority, Request};
pub use breaker::Turn;
pub use compile::Compiler;
pub use contract::{AccountColumns, Context, Needs, TransferColumns};
pub use denied::{Denied, Reason};
pub use fault::{BadOutput, Fault};
pub use limits::Limits;
pub use load::{LoadError, LoadOptions};
pub use permitted::Permitted;
pub use policy::Policy;
pub use principal::{Principal, Role, RoleElsewhere, Scope, ScopeElsewhere};
pub use resource::Resource;
pub use runtime::{BreakerChange, Runtime, RuntimeError, RuntimeOptions};
pub use verdict::{MemberDenial, Verdict};
