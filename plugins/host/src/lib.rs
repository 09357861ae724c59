//! The only maker of [`Permitted`]: every request passes [`Authority::permit`] or goes no further.
//!
//! Every operation is decided by policies: components without any power of their own, which are
//! passed who asks for what and answer with an explicit verdict. Whatever goes wrong denies.
//! Those that this build brings ([`shipped`]) keep tenants apart and give roles their
//! capabilities; others are put in force by approval.
//!
//! One half runs policies ([`runtime`], [`policy`]); the other judges by them: [`set`] says who is
//! asked, [`authority`] asks, [`permitted`] and [`denied`] are what comes of it. This crate does
//! not know how a peer proved who it is (`wire`, `daemon`), nor what a request then does
//! (`ledger`).

mod active;
mod asking;
pub mod authority;
mod breaker;
mod case;
pub mod cases;
mod columns;
pub mod compile;
pub mod contract;
mod deadline;
pub mod denied;
mod describe;
mod engine;
pub mod facts;
pub mod fault;
pub mod floor;
mod instance;
mod judge;
pub mod lanes;
pub mod limits;
mod line;
pub mod load;
mod memo;
pub mod outline;
mod passed;

pub mod permitted;
pub mod policy;
mod pool;
pub mod principal;
mod program;
pub mod remote;
pub mod resource;
pub mod runtime;
pub mod seat;
pub mod set;
pub mod shadow;
mod shape;
pub mod shipped;
pub mod subject;
mod ticker;
mod usage;
pub mod verdict;

pub use authority::{Authority, AuthorityLimits, Request};
pub use breaker::Turn;
pub use compile::Compiler;
pub use contract::{AccountColumns, Context, Needs, TransferColumns};
pub use denied::{Cause, Denied, PolicyId, Reason, Refused};
pub use facts::{Facts, FactsUnavailable, FactsVersion, SeenFacts};
pub use fault::{BadOutput, Fault};
pub use lanes::LaneLimits;
pub use limits::Limits;
pub use line::Line;
pub use load::{LoadError, LoadOptions};
pub use permitted::{MemberDenied, Permitted};
pub use policy::Policy;
pub use principal::{Principal, Role, RoleElsewhere, Scope, ScopeElsewhere};
pub use remote::Remote;
pub use resource::{Owner, Resource};
pub use runtime::{BreakerChange, Runtime, RuntimeError, RuntimeOptions};
pub use seat::Seat;
pub use set::{PolicySet, SetError};
pub use shadow::{Candidate, RuleDifference, ShadowError, ShadowReport};
pub use shipped::Shipped;
pub use subject::Subject;
pub use verdict::{MemberDenial, Verdict};
