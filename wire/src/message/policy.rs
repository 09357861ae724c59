//! Policies: the files they are made of, what is in force, and how it changes.

use ledger::registry::Name;
use ledger::{Code, Digest};

use crate::field::{LongBlob, Text};
use crate::limits::{
    POLICY_CHUNK_BYTES_MAX, POLICY_MANIFEST_BYTES_MAX, POLICY_NAME_BYTES_MAX, POLICY_TEXT_BYTES_MAX,
};
use crate::message::Kid;
use crate::message::macros::message;
use crate::message::signers::numbered;

/// Part of a file.
pub type PolicyChunk = LongBlob<POLICY_CHUNK_BYTES_MAX>;
/// A signed manifest: canonical JSON.
pub type ManifestFile = LongBlob<POLICY_MANIFEST_BYTES_MAX>;
/// Name of a policy or of one of its rules.
pub type PolicyName = Text<POLICY_NAME_BYTES_MAX>;
/// What is said of a policy, for people.
pub type PolicyText = Text<POLICY_TEXT_BYTES_MAX>;

numbered! {
    /// A file that a policy is made of. Numbers are frozen.
    PolicyFile, "1 manifest, 2 component" {
        /// Its signed manifest.
        Manifest = 1, "manifest";
        /// The component that a manifest here names.
        Component = 2, "component";
    }

    /// Where a policy stands. Numbers are frozen.
    PolicyStanding, "1 shipped, 2 active, 3 previous, 4 candidate" {
        /// It is in force and came with the daemon.
        Shipped = 1, "shipped";
        /// It is in force by an approval.
        Active = 2, "active";
        /// It was in force before the active one of its name: a rollback leads back to it.
        Previous = 3, "previous";
        /// It was pushed.
        Candidate = 4, "candidate";
    }

    /// What happens beside the policies in force. Numbers are frozen.
    ShadowAction, "1 start, 2 stop" {
        /// The candidate is asked too, and what it says is only counted.
        Start = 1, "start";
        /// It is asked no more, and what was counted is forgotten.
        Stop = 2, "stop";
    }

    /// What happens to the policies in force. Numbers are frozen.
    PolicyChange, "1 activate, 2 rollback" {
        /// The manifest takes the place of the one of its name.
        Activate = 1, "activate";
        /// The manifest gives way to the one before it, or to none.
        Rollback = 2, "rollback";
    }

    /// How the breaker of a policy stands. Numbers are frozen.
    BreakerStanding, "1 closed, 2 open" {
        /// The policy is asked.
        Closed = 1, "closed";
        /// It failed too often: requests are denied without asking it.
        Open = 2, "open";
    }
}

message! {
    /// Sends a part of a file.
    pub struct PushPolicy {
        /// The tenant whose policy it is; none for the platform's.
        pub tenant: Option<Name>,
        /// What the file is.
        pub file: PolicyFile,
        /// SHA-256 of the whole file.
        pub digest: Digest,
        /// Bytes of the whole file.
        pub total: u64,
        /// Where in the file this part stands.
        pub offset: u64,
        /// The part; empty to ask how much is here.
        pub bytes: PolicyChunk,
    }

    /// How a part was taken.
    #[derive(Copy)]
    pub struct PolicyPushed {
        /// `created` once the file is whole and its digest is right, `exists` if it was before;
        /// until then `not_found`.
        pub code: Code,
        /// Bytes that are here: where the next part is to stand.
        pub held: u64,
    }

    /// Asks what policies there are.
    #[derive(Copy)]
    pub struct ListPolicies {
        /// The tenant whose policies are wanted; none for the platform's.
        pub tenant: Option<Name>,
        /// The signed manifest that is wanted whole; all zero for none.
        pub manifest: Digest,
    }

    /// What policies there are.
    pub struct PolicyList {
        /// Digest of all policies in force, as seals have it.
        pub policy_set: Digest,
        /// Digest of what approvals have put in force for the tenant, or for the platform: what
        /// the next request for approval builds on.
        pub state: Digest,
        /// Policies in the order in which they are asked, then candidates.
        pub rows: Vec<PolicyRow>,
        /// The signed manifest that was asked for; empty if none was, or if it is not here.
        pub manifest: ManifestFile,
    }

    /// A policy.
    pub struct PolicyRow {
        /// Its name.
        pub name: PolicyName,
        /// Where it stands.
        pub standing: PolicyStanding,
        /// The signed manifest; all zero if it is shipped.
        pub manifest: Digest,
        /// SHA-256 of its component.
        pub component: Digest,
        /// The key that signed the manifest; empty if it is shipped.
        pub signer_kid: Kid,
        /// Row of the audit chain that put it in force; 0 if none did.
        pub row: u64,
        /// Bytes of the component that are here.
        pub held: u64,
        /// Whether the component is here whole.
        pub whole: bool,
        /// How its breaker stands.
        pub breaker: BreakerStanding,
        /// Why it cannot be asked; empty if it can.
        pub problem: PolicyText,
        /// What it was found to do beside the policies in force; none if it is not asked there.
        pub shadow: Option<ShadowReport>,
    }

    /// What a candidate was found to do beside the policies in force.
    pub struct ShadowReport {
        /// Requests of a million that it is asked about.
        pub per_million: u32,
        /// Requests that it was asked about and gave a verdict on.
        pub asked: u64,
        /// Requests that it was to be asked about while too many waited for it.
        pub skipped: u64,
        /// Requests that it gave no verdict on.
        pub failed: u64,
        /// Requests that were allowed and that it would deny.
        pub would_deny: u64,
        /// Requests that were denied and that it would allow.
        pub would_allow: u64,
        /// The same by rule.
        pub rules: Vec<ShadowRule>,
    }

    /// How one rule of a candidate, or of the policy that it would replace, decides.
    pub struct ShadowRule {
        /// The rule.
        pub rule: u16,
        /// Its name.
        pub name: PolicyName,
        /// How often the candidate would deny by it what was allowed.
        pub would_deny: u64,
        /// How often it would allow what was denied by this rule.
        pub would_allow: u64,
    }

    /// Has a candidate asked beside the policies in force, or no more.
    #[derive(Copy)]
    pub struct ShadowPolicy {
        /// The tenant whose policy it is; none for the platform's.
        pub tenant: Option<Name>,
        /// What happens.
        pub action: ShadowAction,
        /// The signed manifest.
        pub manifest: Digest,
        /// Requests of a million that it is asked about; 0 when it stops.
        pub per_million: u32,
    }

    /// How that was taken.
    #[derive(Copy)]
    pub struct PolicyShadowed {
        /// How.
        pub code: Code,
    }

    /// Puts a policy in force, or lets it give way.
    #[derive(Copy)]
    pub struct ActivatePolicy {
        /// The tenant whose policy it is; none for the platform's.
        pub tenant: Option<Name>,
        /// What happens.
        pub action: PolicyChange,
        /// The signed manifest that is put in force, or that gives way.
        pub manifest: Digest,
    }

    /// How a change of policies was decided.
    #[derive(Copy)]
    pub struct PolicyActivated {
        /// How.
        pub code: Code,
        /// Row of the audit chain that says so.
        pub row: u64,
        /// Digest of all policies in force from now on.
        pub policy_set: Digest,
    }
}
