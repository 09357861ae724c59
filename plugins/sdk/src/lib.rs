//! What a policy in Rust is made with.
//!
//! Implement [`Policy`], name it in [`export!`], and build the crate as a component that imports
//! nothing. The manifest:
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib", "lib"]
//!
//! [dependencies]
//! plugins_sdk = { package = "ledgerd-plugins-sdk", path = "sdk" }
//!
//! [profile.release]
//! lto = true
//! codegen-units = 1
//! panic = "abort"
//! strip = true
//! ```
//!
//! The build, once `rustup target add wasm32-unknown-unknown` has been run:
//!
//! ```sh
//! RUSTFLAGS=-Clinker=wasm-component-ld cargo build --release --target wasm32-unknown-unknown
//! ```
//!
//! The policy:
//!
//! ```
//! use plugins_sdk::{Amount, Config, Needs, Policy, PolicyError, Request, Rule, Verdict};
//!
//! const TOO_LARGE: Rule = Rule::new(1, "too-large", "No transfer is larger than `max`.");
//!
//! struct Ceiling(u128);
//!
//! impl Policy for Ceiling {
//!     const NAME: &'static str = "ceiling";
//!     const RULES: &'static [Rule] = &[TOO_LARGE];
//!
//!     fn init(config: &str) -> Result<Self, PolicyError> {
//!         let mut config = Config::parse(config)?;
//!         let Amount(max) = config.take("max")?;
//!         config.finish()?;
//!         Ok(Self(max))
//!     }
//!
//!     fn needs(&self) -> Needs {
//!         Needs::TRANSFERS
//!     }
//!
//!     fn evaluate(&self, request: &Request) -> Verdict {
//!         let mut denials = request.denials();
//!         for transfer in request.transfers().filter(|transfer| transfer.amount > self.0) {
//!             let why = format_args!("{} is more than {}", transfer.amount, self.0);
//!             denials.deny(transfer.index, &TOO_LARGE, why);
//!         }
//!         denials.verdict()
//!     }
//! }
//!
//! plugins_sdk::export!(Ceiling);
//!
//! // Natively it is tested like any other code.
//! use plugins_sdk::{MemberDenial, Sample, Transfer};
//!
//! let policy = Ceiling::init(r#"{"max": "1000"}"#).unwrap();
//! let amounts = [999, 1_000, 1_001].map(|amount| Transfer { amount, ..Transfer::default() });
//! let sample = Sample::new("post").transfers(amounts);
//! let denied = MemberDenial { index: 2, rule: 1 };
//! assert_eq!(sample.ask(&policy), Verdict::AllowExcept(vec![denied]));
//! assert_eq!(sample.explain(&policy)[0].text, "1001 is more than 1000");
//! ```
//!
//! A panic stops the instance, which denies the request with a code of its own and harms no other.
//! There is no clock, no randomness, no file and no network: what a policy decides follows from its
//! configuration and from what it is passed.

pub mod bindings;
mod config;
mod denials;
mod export;
mod json;
mod policy;
mod request;
mod rows;
mod rule;
mod sample;

pub use bindings::exports::ledgerd::policy::policy::{
    Accounts, Context, Description, Guest, MemberDenial, Needs, PolicyError, Reason, Resource,
    RuleInfo, Transfers, Verdict,
};
pub use config::{Amount, Config, FromJson};
pub use denials::Denials;
pub use export::Slot;
pub use json::{Json, JsonError};
pub use policy::Policy;
pub use request::Request;
pub use rows::{Account, Details, Transfer};
pub use rule::Rule;
pub use sample::Sample;
