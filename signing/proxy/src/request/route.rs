//! Paths, their methods, and whom each is for.

use hyper::Method;

use crate::config::Role;
use crate::refusal::Refusal;

/// What a request is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Route {
    /// Whether the proxy is well: for everybody.
    Health,
    /// Public keys: for everybody.
    Keys,
    /// The last head that was signed of a chain.
    Anchor,
    /// Whether a signature is one of a key here.
    Verify,
    /// A row of a chain is to be signed.
    Seal,
    /// A checkpoint is to be signed.
    Note,
    /// Canonical JSON is to be signed.
    Canonical,
    /// A digest is to be signed of which nothing is known.
    Hash,
    /// What goes wrong on purpose is to change.
    #[cfg(any(feature = "faults", debug_assertions))]
    Faults,
}

impl Route {
    /// Finds it.
    pub(super) fn find(method: &Method, path: &str) -> Result<Self, Refusal> {
        let (route, takes) = match path {
            "/health" => (Self::Health, Method::GET),
            "/keys" => (Self::Keys, Method::GET),
            "/anchor" => (Self::Anchor, Method::GET),
            "/verify" => (Self::Verify, Method::POST),
            "/sign/seal" => (Self::Seal, Method::POST),
            "/sign/note" => (Self::Note, Method::POST),
            "/sign/canonical" => (Self::Canonical, Method::POST),
            "/sign/hash" => (Self::Hash, Method::POST),
            #[cfg(any(feature = "faults", debug_assertions))]
            "/faults" => (Self::Faults, Method::POST),
            _ => return Err(Refusal::NoSuchPath),
        };
        if *method == takes {
            Ok(route)
        } else if takes == Method::GET {
            Err(Refusal::Method("GET"))
        } else {
            Err(Refusal::Method("POST"))
        }
    }

    /// The role that it takes; none where anybody may ask.
    pub(super) fn needs(self) -> Option<Role> {
        match self {
            Self::Health | Self::Keys => None,
            Self::Anchor | Self::Verify => Some(Role::Reader),
            Self::Seal | Self::Note | Self::Canonical | Self::Hash => Some(Role::Signer),
            #[cfg(any(feature = "faults", debug_assertions))]
            Self::Faults => Some(Role::Signer),
        }
    }
}
