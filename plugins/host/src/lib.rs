//! The only maker of [`Permitted`]: every request passes [`Authority::permit`] or goes no further.
//!
//! The rules are native and small, and deny by default; see [`rule`]. They know tenants and roles.
//! This crate does not know how a peer proved who it is (`wire`, `daemon`), nor what a request
//! then does (`ledger`).

pub mod authority;
pub mod denied;
pub mod permitted;
pub mod principal;
pub mod resource;
pub mod rule;

pub use authority::{Authority, Request};
pub use denied::{Denied, Reason};
pub use permitted::Permitted;
pub use principal::{Principal, Role, RoleElsewhere, Scope, ScopeElsewhere};
pub use resource::Resource;
