//! Signing keys: what verifiers trust, and how operators change it.

use ledger::{Code, Digest};

use crate::field::{Blob, LongBlob, Text};
use crate::limits::{
    APPROVAL_BYTES_MAX, KEY_TEXT_BYTES_MAX, KEYRING_BYTES_MAX, PUBLIC_KEY_BYTES_MAX,
};
use crate::message::Kid;
use crate::message::macros::message;

/// A public key in PEM.
pub type PublicKeyPem = Blob<PUBLIC_KEY_BYTES_MAX>;
/// A keyring as a file.
pub type KeyringFile = LongBlob<KEYRING_BYTES_MAX>;
/// What an operator says about a change.
pub type KeyText = Text<KEY_TEXT_BYTES_MAX>;
/// A request for approval, a signature or a collected approval, as JSON.
pub type ApprovalJson = Blob<APPROVAL_BYTES_MAX>;

/// Declares choices with a number on the wire and a name for people.
macro_rules! numbered {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident, $what:literal {
            $($(#[doc = $meaning:literal])+ $variant:ident = $number:literal, $text:literal;)*
        }
    )*) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum $name {
            $($(#[doc = $meaning])+ $variant = $number,)*
        }

        impl $name {
            /// Every one, in order of number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The one with this number.
            pub fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Name for people, scripts and documents that are signed.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The one with this name.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == text)
            }
        }

        crate::field::choice! {
            $name(u8), $what, |v| v as u8, |n| Self::from_number(n);
        }

        #[cfg(test)]
        impl crate::arb::Arb for $name {
            fn arb(g: &mut crate::arb::Gen) -> Self {
                Self::ALL[g.below(Self::ALL.len())]
            }
        }
    )*};
}
pub(super) use numbered;

numbered! {
    /// What happens to a key. Numbers are frozen.
    SignerAction, "1 add, 2 promote, 3 retire, 4 reactivate, 5 revoke, 6 emergency" {
        /// It becomes a candidate.
        Add = 1, "add";
        /// A candidate becomes active.
        Promote = 2, "promote";
        /// An active key gives way, and one that gives way signs no more; what it signed stays
        /// good.
        Retire = 3, "retire";
        /// A key that gives way becomes active again.
        Reactivate = 4, "reactivate";
        /// It is no longer trusted past a row of the audit chain.
        Revoke = 5, "revoke";
        /// It takes the place of a signer that is gone, for a time.
        Emergency = 6, "emergency";
    }

    /// What a key may sign. Numbers are frozen.
    KeyUsage, "1 seal, 2 checkpoint, 3 bundle, 4 policy, 5 approval" {
        /// Rows of the audit chain.
        Seal = 1, "seal";
        /// Signed notes.
        Checkpoint = 2, "checkpoint";
        /// Exported bundles.
        Bundle = 3, "bundle";
        /// Policies.
        Policy = 4, "policy";
        /// Approvals.
        Approval = 5, "approval";
    }

    /// How a key signs. Numbers are frozen.
    KeyAlgorithm, "1 ed25519, 2 rsa-sha256, 3 hmac-sha256" {
        /// Ed25519.
        Ed25519 = 1, "ed25519";
        /// RSA, PKCS#1 v1.5 with SHA-256.
        RsaSha256 = 2, "rsa-sha256";
        /// HMAC with SHA-256, which proves nothing to others: never in production.
        HmacSha256 = 3, "hmac-sha256";
    }
}

message! {
    /// Asks for the keys that verifiers need.
    #[derive(Copy, Default)]
    pub struct KeyringRequest {
    }

    /// The keys that verifiers need.
    pub struct KeyringFound {
        /// The signed keyring that approvers approved last, and what was revoked since.
        pub keyring: KeyringFile,
        /// The keyring that holds now, which approvers may not have approved yet: what the next
        /// request for approval builds on.
        pub current: KeyringFile,
        /// The public keys alone, as `signers.json`.
        pub signers: KeyringFile,
        /// The last published row of the audit chain; 0 before the first.
        pub head_seq: u64,
        /// Digest of that row; all zero before the first.
        pub head_digest: Digest,
    }

    /// Changes the state of a signing key.
    pub struct ChangeSigners {
        /// What happens to it.
        pub action: SignerAction,
        /// The key.
        pub kid: Kid,
        /// What it may sign; present only in `add` and `emergency`.
        pub usage: Option<KeyUsage>,
        /// How it signs; present only in `add` and `emergency`.
        pub algorithm: Option<KeyAlgorithm>,
        /// The public key; empty but in `add` and `emergency`.
        pub public_key: PublicKeyPem,
        /// What the key is, for people; empty but in `add` and `emergency`.
        pub description: KeyText,
        /// Why it is changed.
        pub reason: KeyText,
        /// The ticket that says so.
        pub ticket: KeyText,
        /// The collected approval; empty where the action needs none.
        pub approval: ApprovalJson,
        /// First row of the audit chain that the key may sign; 0 unless `promote` or `reactivate`.
        pub from_seq: u64,
        /// Last row of the audit chain that the key is trusted for; 0 unless `revoke`.
        pub trusted_seq: u64,
        /// Digest of that row; all zero unless `revoke`.
        pub trusted_digest: Digest,
    }

    /// How a change of a key was decided.
    #[derive(Copy)]
    pub struct SignersChanged {
        /// How.
        pub code: Code,
        /// Row of the audit chain that says so; 0 unless it was created.
        pub row: u64,
    }
}
