use std::sync::Arc;

use ledger::Digest;

use super::*;
use crate::approval::{Approval, ApprovalFault, Content as Wanted, Expected};
use crate::fixture::{NOON, TestKey, approves, keyring, kid, micros, mutations, name, request};
use crate::key::{Algorithm, Signature, Usage};
use crate::keyring::{Keyring, NewKey};
use crate::limits::{MANIFEST_BYTES_MAX, POLICIES_PER_SCOPE_MAX, POLICY_HISTORY_MAX};
use crate::{ChainHead, jcs};

/// The keyring of tests with policy keys: `policy-1` is active, `policy-2` a candidate.
fn with_policy_keys() -> Keyring {
    let mut keyring = keyring();
    for id in ["policy-1", "policy-2"] {
        let new = NewKey {
            kid: kid(id),
            public_key: TestKey::new(id).public_key(),
            usage: Usage::Policy,
            deployed_at: micros(NOON),
        };
        keyring = keyring.with_key(new).unwrap();
    }
    keyring.with_promoted(&kid("policy-1"), 3).unwrap()
}

pub(crate) fn manifest(policy: &str, tenant: Option<&str>) -> Manifest {
    Manifest {
        cases: "[]".to_owned(),
        component: Digest::of(policy.as_bytes()),
        config: r#"{"most":"100.00"}"#.to_owned(),
        config_version: 1,
        deployment: name("bank"),
        environment: name("test"),
        limits: PolicyLimits::default(),
        name: name(policy),
        tenant: tenant.map(name),
    }
}

pub(crate) fn sign(manifest: Manifest, key: &str) -> SignedManifest {
    SignedManifest {
        alg: Algorithm::Ed25519,
        kid: kid(key),
        signature: TestKey::new(key).sign(&manifest.digest().0),
        manifest,
    }
}

#[test]
fn a_manifest_has_these_bytes() {
    let bytes = manifest("limits", Some("acme")).encode();
    let expected = format!(
        r#"{{"cases":"[]","component":"{}","config":"{{\"most\":\"100.00\"}}","config_version":1,"#,
        Digest::of(b"limits"),
    ) + r#""contract":"0.1.0","deployment":"bank","environment":"test","kind":"policy_manifest","#
        + r#""limits":{"base_micros":5000,"memory_bytes":16777216,"per_transfer_nanos":1000},"#
        + r#""name":"limits","tenant":"acme","v":1}"#;
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}

#[test]
fn manifests_are_read_back_and_are_strict_json() {
    for tenant in [None, Some("acme")] {
        let signed = sign(manifest("limits", tenant), "policy-1");
        let bytes = signed.encode().unwrap();
        jcs::parse_canonical(&bytes).unwrap();
        assert_eq!(SignedManifest::decode(&bytes).as_ref(), Ok(&signed));
        assert_eq!(signed.digest(), Digest::of(&bytes));
        let manifest = signed.manifest.encode();
        assert_eq!(Manifest::decode(&manifest).as_ref(), Ok(&signed.manifest));
    }
}

/// No byte can be changed so that the file still counts.
#[test]
fn no_other_bytes_count() {
    let keyring = with_policy_keys();
    let signed = sign(manifest("limits", Some("acme")), "policy-1");
    signed.verify(&keyring).unwrap();
    for (at, changed) in mutations(&signed.encode().unwrap()) {
        if let Ok(other) = SignedManifest::decode(&changed) {
            assert!(other.verify(&keyring).is_err(), "byte {at}");
        }
    }
}

#[test]
fn what_is_no_manifest_says_why() {
    let text = String::from_utf8(manifest("limits", None).encode()).unwrap();
    let limit = |limit, value, min, max| ManifestError::Limit {
        limit,
        value,
        min,
        max,
    };
    for (from, to, error) in [
        ("\"v\":1", "\"v\":2", ManifestError::Version(2)),
        ("policy_manifest", "policy", ManifestError::Version(1)),
        ("0.1.0", "0.2.0", ManifestError::Contract("0.2.0".into())),
        ("\"cases\":", " \"cases\":", ManifestError::NotCanonical),
        ("\"cases\":", "\"case\":", ManifestError::NotAManifest),
        ("\"[]\"", "\"{}\"", ManifestError::Cases),
        (r#"100.00\"}"#, r#"100.00\""#, ManifestError::Config),
        (
            "\"base_micros\":5000",
            "\"base_micros\":0",
            limit("base_micros", 0, 1, 100_000),
        ),
        (
            "16777216",
            "1024",
            limit("memory_bytes", 1_024, 1 << 20, 128 << 20),
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        assert_eq!(
            Manifest::decode(changed.as_bytes()),
            Err(error),
            "{from} to {to}"
        );
    }
    let long = " ".repeat(MANIFEST_BYTES_MAX + 1);
    assert_eq!(
        Manifest::decode(long.as_bytes()),
        Err(ManifestError::TooLong(long.len()))
    );
}

#[test]
fn a_manifest_is_checked_before_it_is_signed() {
    let many = format!("[{}]", ["{}"; 257].join(","));
    let long = format!("\"{}\"", "x".repeat(64 << 10));
    let bad = [
        Manifest {
            cases: many,
            ..manifest("limits", None)
        },
        Manifest {
            config: long.clone(),
            ..manifest("limits", None)
        },
    ];
    let errors = bad.map(|manifest| manifest.check().unwrap_err());
    assert_eq!(
        errors,
        [
            ManifestError::CasesTooMany(257),
            ManifestError::ConfigTooLong(long.len()),
        ]
    );
}

/// Each reason has its own error.
#[test]
fn only_policy_keys_that_sign_count() {
    let keyring = with_policy_keys();
    let good = sign(manifest("limits", Some("acme")), "policy-1");
    assert_eq!(good.verify(&keyring), Ok(()));
    let by = |key: &str| sign(manifest("limits", Some("acme")), key).verify(&keyring);
    assert_eq!(by("mallory"), Err(ManifestFault::Unknown(kid("mallory"))));
    assert_eq!(
        by("policy-2"),
        Err(ManifestFault::Candidate(kid("policy-2")))
    );
    for (key, is) in [
        ("seal-1", Usage::Seal),
        ("checkpoint-1", Usage::Checkpoint),
        ("approver-ann", Usage::Approval),
    ] {
        let kid = kid(key);
        assert_eq!(by(key), Err(ManifestFault::Usage { kid, is }), "{key}");
    }
    let elsewhere = |change: fn(&mut Manifest)| {
        let mut manifest = manifest("limits", Some("acme"));
        change(&mut manifest);
        sign(manifest, "policy-1").verify(&keyring)
    };
    assert_eq!(
        elsewhere(|m| m.environment = name("production")),
        Err(ManifestFault::Environment(name("production")))
    );
    assert_eq!(
        elsewhere(|m| m.deployment = name("shop")),
        Err(ManifestFault::Deployment(name("shop")))
    );
    let claimed = Algorithm::RsaSha256;
    let other = SignedManifest {
        alg: claimed,
        ..good.clone()
    };
    let kid = kid("policy-1");
    assert_eq!(
        other.verify(&keyring),
        Err(ManifestFault::Algorithm {
            kid: kid.clone(),
            claimed
        })
    );
    let forged = SignedManifest {
        signature: Signature::new(vec![7; 64]).unwrap(),
        ..good
    };
    assert_eq!(forged.verify(&keyring), Err(ManifestFault::Signature(kid)));
}

#[test]
fn what_was_put_in_force_outlasts_its_key() {
    let key = kid("policy-1");
    let keyring = with_policy_keys();
    let signed = sign(manifest("limits", None), "policy-1");
    let retiring = keyring.with_retiring(&key).unwrap();
    assert_eq!(signed.verify(&retiring), Ok(()));
    let retired = retiring.with_retired(&key, 9).unwrap();
    assert_eq!(
        signed.verify(&retired),
        Err(ManifestFault::Retired(key.clone()))
    );
    assert!(signed.verify_recorded(&retired).is_ok());
    let revoked = keyring.with_revoked(&key, ChainHead::NONE).unwrap();
    assert_eq!(signed.verify(&revoked), Err(ManifestFault::Revoked(key)));
    assert!(signed.verify_recorded(&revoked).is_ok());
}

pub(crate) fn record(signed: &Arc<SignedManifest>, action: PolicyAction) -> PolicyRecord {
    PolicyRecord {
        action,
        actor: "spiffe://bank/role/operator".to_owned(),
        after: Digest::of(b"after"),
        approval: Digest::of(b"request"),
        before: Digest::of(b"before"),
        digest: signed.digest(),
        manifest: (action == PolicyAction::Activate).then(|| Arc::clone(signed)),
        name: signed.manifest.name.clone(),
        tenant: signed.manifest.tenant.clone(),
    }
}

fn version(policy: &str, version: u32) -> Arc<SignedManifest> {
    let manifest = Manifest {
        config_version: version,
        ..manifest(policy, Some("acme"))
    };
    Arc::new(sign(manifest, "policy-1"))
}

#[test]
fn records_are_read_back_and_agree_with_themselves() {
    let signed = version("limits", 1);
    for action in PolicyAction::ALL {
        let record = record(&signed, *action);
        let bytes = record.encode().unwrap();
        jcs::parse_canonical(&bytes).unwrap();
        assert_eq!(PolicyRecord::decode(&bytes).as_ref(), Ok(&record));
    }
    let mut other = record(&signed, PolicyAction::Activate);
    other.digest = Digest::of(b"other");
    let bytes = other.encode().unwrap();
    assert_eq!(
        PolicyRecord::decode(&bytes),
        Err(RecordError::AnotherManifest)
    );
    let breaker = BreakerRecord {
        changes: 3,
        component: Digest::of(b"limits"),
        name: name("limits"),
        state: BreakerState::Opened,
        tenant: None,
    };
    let bytes = breaker.encode();
    jcs::parse_canonical(&bytes).unwrap();
    assert_eq!(BreakerRecord::decode(&bytes), Ok(breaker));
}

#[test]
fn rollbacks_lead_back_step_by_step() {
    let scope = Some(name("acme"));
    let limits = name("limits");
    let mut book = PolicyBook::new();
    let versions = [1, 2, 3].map(|at| version("limits", at));
    let mut states = vec![book.state(&scope)];
    let mut row = 4;
    for signed in &versions {
        row += 1;
        book.apply(row, &record(signed, PolicyAction::Activate))
            .unwrap();
        states.push(book.state(&scope));
    }
    let again = book.apply(9, &record(&versions[2], PolicyAction::Activate));
    assert_eq!(again, Err(PolicyConflict::InForce(versions[2].digest())));
    for back in [2, 1, 0] {
        let current = book.current(&scope, &limits).unwrap();
        assert_eq!(current.digest, versions[back].digest());
        let previous = book.previous(&scope, &limits).map(|p| p.digest);
        assert_eq!(previous, (back > 0).then(|| versions[back - 1].digest()));
        let wrong = record(&version("limits", 9), PolicyAction::Rollback);
        assert!(book.apply(row, &wrong).is_err());
        row += 1;
        book.apply(row, &record(&versions[back], PolicyAction::Rollback))
            .unwrap();
        states.push(book.state(&scope));
    }
    assert_eq!(book.current(&scope, &limits), None);
    assert_eq!(book.in_force(&scope).count(), 0);
    // No state comes again, so that no approval counts for a later one.
    let number = states.len();
    states.sort();
    states.dedup();
    assert_eq!(states.len(), number);
}

#[test]
fn scopes_are_apart_and_bounded() {
    let scope = Some(name("acme"));
    let mut book = PolicyBook::new();
    let platform = book.state(&None);
    assert_ne!(platform, book.state(&scope));
    for at in 0..POLICIES_PER_SCOPE_MAX {
        let signed = version(&format!("rule-{at}"), 1);
        book.apply(at as u64 + 1, &record(&signed, PolicyAction::Activate))
            .unwrap();
    }
    assert_eq!(book.state(&None), platform);
    let one_more = record(&version("one-more", 1), PolicyAction::Activate);
    assert_eq!(book.apply(99, &one_more), Err(PolicyConflict::TooMany));
    let newer = record(&version("rule-0", 2), PolicyAction::Activate);
    book.apply(99, &newer).unwrap();
    assert_eq!(book.scopes().collect::<Vec<_>>(), [&scope]);
}

#[test]
fn what_is_forgotten_is_not_taken_for_nothing() {
    let mut book = PolicyBook::new();
    let last = POLICY_HISTORY_MAX as u32 + 1;
    for at in 1..=last {
        let signed = version("limits", at);
        book.apply(u64::from(at), &record(&signed, PolicyAction::Activate))
            .unwrap();
    }
    assert_eq!(book.all().count(), POLICY_HISTORY_MAX);
    for at in (3..=last).rev() {
        let signed = version("limits", at);
        book.apply(100, &record(&signed, PolicyAction::Rollback))
            .unwrap();
    }
    let oldest = record(&version("limits", 2), PolicyAction::Rollback);
    assert_eq!(
        book.apply(100, &oldest),
        Err(PolicyConflict::Forgotten(name("limits")))
    );
}

/// An approval of a change counts for that change, here and now.
#[test]
fn approvals_of_policies_cannot_be_carried_over() {
    let keyring = with_policy_keys();
    let book = PolicyBook::new();
    let content = |action, tenant: Option<&str>| Wanted::Policy {
        action,
        manifest: version("limits", 1).digest(),
        replaces: book.state(&tenant.map(name)),
        tenant: tenant.map(name),
    };
    let asked = request(&keyring, content(PolicyAction::Activate, Some("acme")));
    let bytes = asked.encode();
    jcs::parse_canonical(&bytes).unwrap();
    assert_eq!(crate::approval::Request::decode(&bytes), Ok(asked.clone()));
    let expected = Expected::of(&keyring, micros(NOON + 1));
    let mut approval = Approval::new(asked.clone(), 3);
    approval.add(approves("ann", &asked), &expected).unwrap();
    // One key counts once, however often it signs.
    let twice = approval.add(approves("ann", &asked), &expected);
    assert_eq!(twice, Err(ApprovalFault::Twice(kid("approver-ann"))));
    let few = approval.check(&expected);
    assert_eq!(few, Err(ApprovalFault::TooFew { have: 1, need: 3 }));
    for who in ["bob", "cid"] {
        approval.add(approves(who, &asked), &expected).unwrap();
    }
    assert_eq!(approval.check(&expected), Ok(()));
    // Signatures over one request are none over another: for the platform, or for a rollback.
    for other in [
        content(PolicyAction::Activate, None),
        content(PolicyAction::Rollback, Some("acme")),
    ] {
        let other = Approval::new(request(&keyring, other), 3);
        let mut forged = other.clone();
        let fault = forged.add(approves("ann", &asked), &expected).unwrap_err();
        assert_eq!(fault, ApprovalFault::Signature(kid("approver-ann")));
    }
    let (deployment, environment) = (name("bank"), name("production"));
    let elsewhere = Expected {
        deployment: &deployment,
        environment: &environment,
        ..expected
    };
    assert_eq!(
        approval.check(&elsewhere),
        Err(ApprovalFault::Environment(name("test")))
    );
}
