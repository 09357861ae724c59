//! What daemon and host tell each other.

use ledger::Digest;
use ledger::fields::Reader;

use super::{
    CASES_BYTES_MAX, CHUNK_BYTES_MAX, CONFIG_BYTES_MAX, DOC_BYTES_MAX, NAME_BYTES_MAX,
    REASON_BYTES_MAX,
};
use crate::field::{Field, LongBlob, MessageError, Text};
use crate::message::macros::message;

message! {
    /// A policy that the host is to hold ready.
    pub struct Load {
        /// Digest of the manifest that a key of the deployment signed; zeros where there is none.
        pub manifest: Digest,
        /// SHA-256 of the component.
        pub component: Digest,
        /// Bytes of the component.
        pub component_bytes: u32,
        /// What it is called in messages.
        pub name: Text<NAME_BYTES_MAX>,
        /// Its configuration, JSON.
        pub config: LongBlob<CONFIG_BYTES_MAX>,
        /// Version of the configuration, if it must be a certain one.
        pub config_version: Option<u32>,
        /// Cases that it must decide as they say, JSON, if there are any.
        pub cases: Option<LongBlob<CASES_BYTES_MAX>>,
        /// Most bytes of memory.
        pub memory_bytes: u64,
        /// Microseconds of a call before its rows are counted.
        pub base_micros: u32,
        /// Nanoseconds for each row.
        pub per_transfer_nanos: u32,
    }

    /// The host has no such component: it is to be sent from here on.
    pub struct Want {
        /// SHA-256 of the component.
        pub component: Digest,
        /// First byte that is missing.
        pub at: u32,
    }

    /// Part of a component.
    pub struct Chunk {
        /// SHA-256 of the component.
        pub component: Digest,
        /// Where the part begins.
        pub at: u32,
        /// The part.
        pub bytes: LongBlob<CHUNK_BYTES_MAX>,
    }

    /// The policy is ready.
    pub struct Loaded {
        /// Digest of the policy.
        pub policy: Digest,
        /// What it is passed: bit 1 time, 2 request id, 4 accounts, 8 transfers, 16 ids of
        /// transfers, 32 details of transfers.
        pub needs: u8,
        /// Its rules.
        pub rules: Vec<Rule>,
    }

    /// One rule of a policy.
    pub struct Rule {
        /// Its number.
        pub rule: u16,
        /// Its name.
        pub name: Text<NAME_BYTES_MAX>,
        /// What it is for.
        pub doc: Text<DOC_BYTES_MAX>,
    }

    /// The policy is not held ready.
    pub struct Refused {
        /// Digest of the policy.
        pub policy: Digest,
        /// Whether the same may be tried again: it was the host's state and not the policy.
        pub is_retryable: bool,
        /// Why.
        pub reason: Text<REASON_BYTES_MAX>,
    }

    /// The breaker of a policy opened or closed.
    pub struct Turned {
        /// Digest of the policy.
        pub policy: Digest,
        /// Whether it is open now, so that the policy is not asked.
        pub is_open: bool,
    }

    /// What an answer must repeat, or it is worth nothing.
    #[derive(Copy)]
    pub struct Echo {
        /// Digest of the policy.
        pub policy: Digest,
        /// Digest of the request that is decided.
        pub request: Digest,
    }
}

impl Load {
    /// Digest of the policy: SHA-256 of this message. Both ends compute it for themselves.
    pub fn policy(&self) -> Digest {
        let mut bytes = Vec::with_capacity(Self::MIN_BYTES + self.config.len());
        self.put(&mut bytes);
        Digest::of(&bytes)
    }
}

impl Echo {
    /// Reads what stands first in a body, and what follows.
    ///
    /// # Errors
    /// The body is too short.
    pub fn split(body: &[u8]) -> Result<(Self, &[u8]), MessageError> {
        let mut r = Reader::new(body);
        let echo = Self::get(&mut r)?;
        Ok((echo, r.rest()))
    }
}
