//! Proofs: opaque here, made beside the shard and verified by whoever holds the public keys.

use ledger::{AccountId, Nanos, Seq};

use crate::field::LongBlob;
use crate::limits::PROOF_BYTES_MAX;
use crate::message::SealedPoint;
use crate::message::macros::message;

/// An encoded proof.
pub type Proof = LongBlob<PROOF_BYTES_MAX>;

message! {
    /// Asks for the proof that the book's log of a size is the beginning of what is sealed.
    #[derive(Copy)]
    pub struct ProveConsistency {
        /// The earlier size, not 0.
        pub from_size: u64,
        /// What must be sealed at least; 0 leaves it to the server. The proof leads to the newest
        /// seal.
        pub to_size: u64,
    }

    /// Asks for the proof that events of the book are all there is in a range, in order.
    #[derive(Copy)]
    pub struct ProveRange {
        /// At or after.
        pub from: Seq,
        /// Before; 0 means the end of what is sealed.
        pub to: Seq,
    }

    /// Asks for the proof of an account's postings, by the sequences that they have in the account.
    #[derive(Copy)]
    pub struct ProveStatement {
        /// The account.
        pub account: AccountId,
        /// At or after: the sequence in the account, whose creation has 0.
        pub from_seq: u64,
        /// Before; 0 means the end of what is sealed.
        pub to_seq: u64,
    }

    /// Asks for the proof of what the book posted between two times.
    #[derive(Copy)]
    pub struct ProveLedger {
        /// At or after.
        pub from_posted_at: Nanos,
        /// Before.
        pub to_posted_at: Nanos,
    }

    /// Asks for a signed note of the book's root.
    #[derive(Copy)]
    pub struct CheckpointRequest {
        /// A size that a seal covered exactly; 0 means the newest.
        pub size: u64,
    }

    /// Asks for the proof that an event stands in the log of a signed note.
    #[derive(Copy)]
    pub struct TlogProofRequest {
        /// The event.
        pub seq: Seq,
    }

    /// A proof.
    pub struct ProofFound {
        /// The seal that it leads to.
        pub sealed: SealedPoint,
        /// The proof: bytes or text, as its kind has it.
        pub proof: Proof,
    }

    /// A proof of a part of what was asked for.
    pub struct ProofPage {
        /// The seal that it leads to.
        pub sealed: SealedPoint,
        /// The proof.
        pub proof: Proof,
        /// `from_seq` of the next page; 0 at the end.
        pub next: u64,
    }
}
