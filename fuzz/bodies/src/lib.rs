//! What must hold for any bytes that a decoder is given: that it ends, takes no more memory than
//! bytes arrived, does not panic, and that what it accepts has this one encoding.
//!
//! Each body takes bytes and asserts. `fuzz/` feeds them from a fuzzer; the tests of this crate
//! feed them the seeds in `fuzz/seeds/` and mutations of those, so that they cannot rot.

pub mod audit;
pub mod event;
pub mod frame;
pub mod identity;
pub mod index;
pub mod journal;
pub mod message;
pub mod notes;
pub mod policy;
pub mod proof;
pub mod replay;
pub mod segment;
pub mod snapshot;
pub mod superblock;
pub mod world;

/// How a decoder took its input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It accepted all of it.
    Accepted,
    /// It refused some of it.
    Refused,
}

/// A body and the name of its fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name of the target, and of its folder of seeds.
    pub name: &'static str,
    /// What is run on every input.
    pub body: fn(&[u8]) -> Verdict,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    target("frame", frame::body),
    target("message", message::body),
    target("identity", identity::body),
    target("segment", segment::body),
    target("journal", journal::body),
    target("notes", notes::body),
    target("superblock", superblock::body),
    target("snapshot", snapshot::body),
    target("index", index::body),
    target("event", event::body),
    target("replay", replay::body),
    target("proof", proof::body),
    target("audit", audit::body),
    target("policy", policy::body),
];

const fn target(name: &'static str, body: fn(&[u8]) -> Verdict) -> Target {
    Target { name, body }
}

impl Verdict {
    /// Accepted if `is_accepted`.
    pub(crate) fn of(is_accepted: bool) -> Self {
        if is_accepted {
            Self::Accepted
        } else {
            Self::Refused
        }
    }

    /// Both were accepted.
    pub(crate) fn and(self, other: Self) -> Self {
        Self::of(self == Self::Accepted && other == Self::Accepted)
    }
}
