use super::*;
use crate::ChainHead;
use crate::fixture::{NOON, TestKey, approves, keyring, kid, micros, name, request};
use crate::jcs;
use crate::policy::PolicyAction;

fn contents() -> [Content; 5] {
    [
        Content::Keyring {
            keyring: Digest::of(b"next"),
            serial: 8,
        },
        Content::Promote {
            keyring: Digest::of(b"next"),
            kid: kid("seal-3"),
            serial: 8,
        },
        Content::Emergency {
            expires_at: micros(NOON),
            kid: kid("emergency"),
            public_key: Digest::of(b"key"),
        },
        Content::Recovery {
            anchor: ChainHead {
                seq: 9,
                digest: Digest::of(b"anchor"),
            },
            epoch: 2,
        },
        Content::Policy {
            action: PolicyAction::Activate,
            manifest: Digest::of(b"manifest"),
            replaces: Digest::of(b"scope"),
            tenant: Some(name("acme")),
        },
    ]
}

fn recovery() -> Request {
    request(&keyring(), contents()[3].clone())
}

fn collected(who: &[&str]) -> Approval {
    let keyring = keyring();
    let mut approval = Approval::new(recovery(), 3);
    for who in who {
        let signature = approves(who, approval.request());
        let expected = Expected::of(&keyring, micros(NOON + 1));
        approval.add(signature, &expected).unwrap();
    }
    approval
}

#[test]
fn requests_of_every_action_are_read_back() {
    for content in contents() {
        let request = request(&keyring(), content);
        let bytes = request.encode();
        assert!(jcs::parse_canonical(&bytes).is_ok());
        assert_eq!(Request::decode(&bytes).as_ref(), Ok(&request));
        assert_eq!(request.digest(), Digest::of(&bytes));
    }
}

#[test]
fn a_recovery_is_asked_for_in_these_bytes() {
    let text = String::from_utf8(recovery().encode()).unwrap();
    let expected = format!(
        "{{\"action\":\"recovery\",\"content\":{{\"anchor_digest\":\"{}\",\"anchor_seq\":9,\
         \"epoch\":2}},\"environment\":\"test\",\"expires_at\":\"2025-11-24T13:00:00.000000Z\",\
         \"kind\":\"approval_request\",\"nonce\":\"{}\",\"origin\":\"bank\",\
         \"requested_at\":\"2025-11-24T12:00:00.000000Z\",\"requested_by\":\"zoe\",\
         \"state\":\"{}\",\"v\":1}}",
        Digest::of(b"anchor"),
        "09".repeat(16),
        keyring().digest(),
    );
    assert_eq!(text, expected);
}

#[test]
fn other_requests_are_refused() {
    let text = String::from_utf8(recovery().encode()).unwrap();
    for (from, to, error) in [
        ("\"v\":1", "\"v\":2", ApprovalError::Version(2)),
        ("approval_request", "approval", ApprovalError::Version(1)),
        (
            "\"recovery\"",
            "\"recover\"",
            ApprovalError::Action("recover".into()),
        ),
        (
            "\"recovery\"",
            "\"keyring\"",
            ApprovalError::Content("keyring"),
        ),
        (
            "\"epoch\":2",
            "\"epoch\":2,\"serial\":2",
            ApprovalError::NotCanonical,
        ),
        (
            "\"epoch\":2",
            "\"epoch\":2,\"text\":\"\"",
            ApprovalError::NotARequest,
        ),
        ("T13:00", "T12:00", ApprovalError::Times),
        ("\"action\"", " \"action\"", ApprovalError::NotARequest),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        assert_eq!(
            Request::decode(changed.as_bytes()),
            Err(error),
            "{from} to {to}"
        );
    }
}

#[test]
fn three_of_five_approve() {
    let keyring = keyring();
    let expected = Expected::of(&keyring, micros(NOON + 1));
    let approval = collected(&["bob", "eve"]);
    assert!(!approval.is_complete());
    let fault = ApprovalFault::TooFew { have: 2, need: 3 };
    assert_eq!(approval.check(&expected), Err(fault));
    for who in [
        &["bob", "eve", "ann"][..],
        &["bob", "eve", "ann", "cid", "dan"],
    ] {
        let approval = collected(who);
        assert!(approval.is_complete());
        assert_eq!(approval.check(&expected), Ok(()));
        assert_eq!(Approval::decode(&approval.encode().unwrap()), Ok(approval));
    }
}

type Change = fn(&mut ApprovalSignature);

/// Signatures that do not count, each with its own fault.
#[test]
fn signatures_that_do_not_count_are_refused() {
    let keyring = keyring();
    let cases: [(&str, Change, ApprovalFault); 8] = [
        (
            "twice",
            |s| *s = approves("bob", &recovery()),
            ApprovalFault::Twice(kid("approver-bob")),
        ),
        (
            "unknown",
            |s| s.kid = kid("mallory"),
            ApprovalFault::Unknown(kid("mallory")),
        ),
        (
            "a seal key",
            |s| s.kid = kid("seal-1"),
            ApprovalFault::Usage(kid("seal-1")),
        ),
        (
            "a checkpoint key that does sign",
            |s| {
                let key = TestKey::new("checkpoint-1");
                s.signature = key.sign(&recovery().digest().0);
                s.kid = key.kid;
            },
            ApprovalFault::Usage(kid("checkpoint-1")),
        ),
        (
            "another name",
            |s| s.signer = name("dan"),
            ApprovalFault::Signer(kid("approver-ann")),
        ),
        (
            "another algorithm",
            |s| s.alg = Algorithm::RsaSha256,
            ApprovalFault::Algorithm(kid("approver-ann")),
        ),
        (
            "hmac",
            |s| s.alg = Algorithm::HmacSha256,
            ApprovalFault::Algorithm(kid("approver-ann")),
        ),
        (
            "over another request",
            |s| s.signature = TestKey::new("approver-ann").sign(b"another"),
            ApprovalFault::Signature(kid("approver-ann")),
        ),
    ];
    for (what, change, fault) in cases {
        let mut approval = collected(&["bob", "eve"]);
        let mut signature = approves("ann", approval.request());
        change(&mut signature);
        let expected = Expected::of(&keyring, micros(NOON + 1));
        assert_eq!(approval.add(signature, &expected), Err(fault), "{what}");
        assert_eq!(approval.signatures().count(), 2);
    }
}

/// One signature that does not count spoils those that do.
#[test]
fn a_stored_signature_is_checked_again() {
    let keyring = keyring();
    let mut approval = collected(&["ann", "bob", "cid"]);
    let mut forged = approves("dan", approval.request());
    forged.signature = TestKey::new("mallory").sign(b"");
    approval.signatures.insert(forged.kid.clone(), forged);
    let expected = Expected::of(&keyring, micros(NOON + 1));
    let fault = ApprovalFault::Signature(kid("approver-dan"));
    assert_eq!(approval.check(&expected), Err(fault));
}

#[test]
fn the_requester_does_not_count() {
    let keyring = keyring();
    for requester in ["ann", "approver-ann"] {
        let mut request = recovery();
        request.requested_by = kid(requester);
        let mut approval = Approval::new(request, 3);
        let signature = approves("ann", approval.request());
        let expected = Expected::of(&keyring, micros(NOON + 1));
        let fault = ApprovalFault::Requester(kid("approver-ann"));
        assert_eq!(approval.add(signature, &expected), Err(fault));
    }
}

type Remade = fn(&mut Request);

/// Requests about something else, signed by enough people.
#[test]
fn requests_for_something_else_are_refused() {
    let keyring = keyring();
    let cases: [(&str, Remade, ApprovalFault); 4] = [
        (
            "environment",
            |r| r.environment = name("production"),
            ApprovalFault::Environment(name("production")),
        ),
        (
            "deployment",
            |r| r.origin = name("shop"),
            ApprovalFault::Origin(name("shop")),
        ),
        (
            "state",
            |r| r.state = Digest::ZERO,
            ApprovalFault::State(Digest::ZERO),
        ),
        (
            "expiry",
            |r| r.expires_at = micros(NOON + 1),
            ApprovalFault::Expired(micros(NOON + 1)),
        ),
    ];
    let expected = Expected::of(&keyring, micros(NOON + 1));
    for (what, change, fault) in cases {
        let mut request = recovery();
        change(&mut request);
        let mut approval = Approval::new(request, 3);
        for who in ["ann", "bob", "cid"] {
            let signature = approves(who, approval.request());
            assert_eq!(
                approval.add(signature.clone(), &expected),
                Err(fault.clone()),
                "{what}"
            );
            approval.signatures.insert(signature.kid.clone(), signature);
        }
        assert_eq!(approval.check(&expected), Err(fault), "{what}");
    }
    let approval = Approval::new(recovery(), 1);
    assert_eq!(approval.check(&expected), Err(ApprovalFault::Threshold(1)));
}

#[test]
fn a_nonce_is_used_once() {
    let mut nonces = Nonces::new();
    let (now, later) = (micros(NOON), micros(NOON + 10));
    let nonce = Nonce([1; 16]);
    assert_eq!(nonces.take(nonce, later, now), Ok(()));
    assert_eq!(
        nonces.take(nonce, later, now),
        Err(ApprovalFault::Nonce(nonce))
    );
    assert_eq!(nonces.take(Nonce([2; 16]), later, now), Ok(()));
    // What has expired is refused for that, so that it need not be remembered.
    assert_eq!(nonces.take(nonce, micros(NOON + 20), later), Ok(()));
}

/// A key that signs three times stands three times, which is another spelling of once.
#[test]
fn a_key_that_stands_three_times_is_refused() {
    let approval = collected(&["ann"]);
    let text = String::from_utf8(approval.encode().unwrap()).unwrap();
    let from = text.find("{\"alg\"").unwrap();
    let to = text[from..].find('}').unwrap() + from + 1;
    let once = &text[from..to];
    let thrice = text
        .replace(once, &[once; 3].join(","))
        .replace("\"okCount\":1", "\"okCount\":3");
    let decoded = Approval::decode(thrice.as_bytes());
    assert_eq!(decoded, Err(ApprovalError::NotCanonical));
    let claimed = text.replace("\"okCount\":1", "\"okCount\":3");
    let decoded = Approval::decode(claimed.as_bytes());
    assert_eq!(decoded, Err(ApprovalError::NotCanonical));
}
