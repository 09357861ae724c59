//! The only maker of [`Permitted`]: every request passes [`Authority::permit`] or goes no further.
//!
//! The rules are native and small, and deny by default; see [`rule`]. They know tenants and roles.
//! This crate does not know how a peer proved who it is (`wire`, `daemon`), nor what a request
//! then does (`ledger`).

pub mod authority;
pub mod compile;
pub mod contract;
pub mod denied;
pub mod fault;
pub mod limits;
pub mod load;
pub mod permitted;
pub mod policy;
pub mod principal;
pub mod resource;
pub mod rule;
pub mod runtime;
pub mod verdict;

pub use authority::{Authority, Request};
pub use contract::{AccountColumns, Context, Needs, TransferColumns};
pub use denied::{Denied, Reason};
pub use fault::{BadOutput, Fault};
pub use limits::Limits;
pub use load::{LoadError, LoadOptions};
pub use permitted::Permitted;
pub use policy::Policy;
pub use principal::{Principal, Role, RoleElsewhere, Scope, ScopeElsewhere};
pub use resource::Resource;
pub use runtime::{Compiler, Runtime, RuntimeError, RuntimeOptions};
pub use verdict::{MemberDenial, Verdict};
