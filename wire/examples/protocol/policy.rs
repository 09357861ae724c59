//! Samples of what is said about policies.

use ledger::registry::Name;
use ledger::{Code, Digest, Operation};
use wire::message::*;
use wire::{LongBlob, Text};

pub(crate) fn request(operation: Operation) -> Request {
    use Operation as O;
    let tenant = Name::parse("acme");
    let manifest = Digest::of(b"manifest");
    match operation {
        O::PushPolicy => Request::PushPolicy(PushPolicy {
            tenant,
            file: PolicyFile::Component,
            digest: Digest::of(b"component"),
            total: 32_768,
            offset: 0,
            bytes: LongBlob::new(b"\0asm\x0d\0\x01\0".to_vec()).unwrap(),
        }),
        O::ListPolicies => Request::ListPolicies(ListPolicies {
            tenant,
            manifest: Digest::ZERO,
        }),
        O::ShadowPolicy => Request::ShadowPolicy(ShadowPolicy {
            tenant,
            action: ShadowAction::Start,
            manifest,
            per_million: 10_000,
        }),
        O::ActivatePolicy => Request::ActivatePolicy(ActivatePolicy {
            tenant,
            action: PolicyChange::Activate,
            manifest,
        }),
        other => panic!("`{}` has no sample", other.name()),
    }
}

pub(crate) fn answer(operation: Operation) -> Answer {
    use Operation as O;
    match operation {
        O::PushPolicy => Answer::PushPolicy(PolicyPushed {
            code: Code::NotFound,
            held: 8,
        }),
        O::ListPolicies => Answer::ListPolicies(PolicyList {
            policy_set: Digest::of(b"policies"),
            state: Digest::of(b"state"),
            rows: vec![row()],
            manifest: LongBlob::default(),
        }),
        O::ShadowPolicy => Answer::ShadowPolicy(PolicyShadowed {
            code: Code::Created,
        }),
        O::ActivatePolicy => Answer::ActivatePolicy(PolicyActivated {
            code: Code::Created,
            row: 9,
            policy_set: Digest::of(b"policies"),
        }),
        other => panic!("`{}` has no sample", other.name()),
    }
}

fn row() -> PolicyRow {
    PolicyRow {
        name: Text::cut("limits"),
        standing: PolicyStanding::Candidate,
        manifest: Digest::of(b"manifest"),
        component: Digest::of(b"component"),
        signer_kid: Text::cut("policy-1"),
        row: 0,
        held: 32_768,
        whole: true,
        breaker: BreakerStanding::Closed,
        problem: Text::default(),
        shadow: Some(ShadowReport {
            per_million: 10_000,
            asked: 5_000,
            skipped: 0,
            failed: 0,
            would_deny: 3,
            would_allow: 0,
            rules: vec![ShadowRule {
                rule: 2,
                name: Text::cut("amount"),
                would_deny: 3,
                would_allow: 0,
            }],
        }),
    }
}
