//! What a policy in Rust is made with: implement [`Policy`], name it in [`export!`], and build for
//! `wasm32-unknown-unknown`.

pub mod bindings;
mod denials;
mod export;
mod policy;
mod request;
mod rule;

pub use bindings::exports::ledgerd::policy::policy::{
    Accounts, Context, Description, Guest, MemberDenial, Needs, PolicyError, Reason, Resource,
    RuleInfo, Transfers, Verdict,
};
pub use denials::Denials;
pub use export::Slot;
pub use policy::Policy;
pub use request::Request;
pub use rule::Rule;
