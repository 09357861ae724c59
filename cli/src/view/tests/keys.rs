//! Keys, approvals and proofs as they are shown.

use std::path::Path;

use ledger::{Code, Digest, Height, Nanos};
use serde_json::json;
use signing::LocalDev;
use verify::approval::{Approval, Content, Nonce, Request};
use verify::keyring::NewKey;
use verify::{Approver, ApproverSet, ChainHead, Keyring, Kid, Micros, Name, PublicKey, Usage};
use wire::message::{Approved, SealedPoint, SignerAction, SignersChanged};

use super::value;
use crate::keys::Keys;
use crate::meaning::Meaning;
use crate::view::approval::{ApprovalView, ApprovedView};
use crate::view::proof::FetchedView;
use crate::view::signers::{ChangedView, KeyringView, RequestedView};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn kid(text: &str) -> Kid {
    Kid::new(text).unwrap()
}

fn key(seed: u8) -> PublicKey {
    PublicKey::from_ed25519(&LocalDev::from_seed([seed; 32]).public_bytes()).unwrap()
}

fn at(second: u64) -> Micros {
    Micros::new(1_763_985_600_000_000 + second * 1_000_000).unwrap()
}

/// A retiring, an active and a revoked key, and a candidate.
fn keyring() -> Keyring {
    let approver = Approver {
        kid: kid("approver-ann"),
        name: name("ann"),
        public_key: key(9),
    };
    let approvers = ApproverSet::new(vec![approver], 1).unwrap();
    let mut keyring = Keyring::new(name("bank"), name("test"), approvers);
    for (seed, id) in [(1, "seal-1"), (2, "seal-2"), (3, "seal-3"), (4, "seal-4")] {
        let new = NewKey {
            kid: kid(id),
            public_key: key(seed),
            usage: Usage::Seal,
            deployed_at: at(0),
        };
        keyring = keyring.with_key(new).unwrap();
    }
    for (id, from) in [("seal-1", 1), ("seal-2", 5), ("seal-3", 6)] {
        keyring = keyring.with_promoted(&kid(id), from).unwrap();
    }
    let trusted = ChainHead {
        seq: 8,
        digest: Digest::of(b"row"),
    };
    let keyring = keyring.with_retiring(&kid("seal-1")).unwrap();
    keyring.with_revoked(&kid("seal-3"), trusted).unwrap()
}

fn request(content: Content) -> Request {
    Request {
        content,
        environment: name("test"),
        expires_at: at(60),
        nonce: Nonce([1; 16]),
        origin: name("bank"),
        requested_at: at(0),
        requested_by: kid("zoe"),
        state: keyring().digest(),
    }
}

#[test]
fn keys_are_shown() {
    let keyring = keyring();
    let serial = keyring.serial();
    let view = KeyringView::of(&keyring, Some(serial - 1));
    let text = format!(
        "kid     usage  algorithm  state      from row  to row\n\
         seal-1  seal   ed25519    retiring          1\n\
         seal-2  seal   ed25519    active            5\n\
         seal-3  seal   ed25519    revoked           6       8\n\
         seal-4  seal   ed25519    candidate\n\n\
         approver  kid           algorithm\n\
         ann       approver-ann  ed25519\n\n\
         keyring {serial}, 1 of 1 approvers must sign; they have signed keyring {}\n",
        serial - 1
    );
    assert_eq!(view.to_string(), text);
    let key = &value(&view)["keys"][2];
    assert_eq!((&key["from_row"], &key["to_row"]), (&json!(6), &json!(8)));
    let none = KeyringView::of(&keyring, None).to_string();
    assert!(none.ends_with("they have signed none yet\n"), "{none}");
}

#[test]
fn changes_of_keys_say_what_became_of_them() {
    let changed = |code, row| {
        ChangedView::of(
            SignerAction::Retire,
            "seal-1",
            &SignersChanged { code, row },
        )
        .to_string()
    };
    assert_eq!(
        changed(Code::Created, 9),
        "retire seal-1: created, row 9 of the audit chain"
    );
    assert_eq!(
        changed(Code::KeyStateConflict, 0),
        "retire seal-1: key_state_conflict: the key is not in the state that this change starts \
         from"
    );
}

/// A request names digests; who signs is told what they stand for.
#[test]
fn requests_are_decoded() {
    let now = keyring();
    let promoted = now.with_promoted(&kid("seal-4"), 12).unwrap();
    let keys = |head: u64| Keys {
        head: ChainHead {
            seq: head,
            digest: Digest::of(b"row"),
        },
        ..Keys::in_file(keyring())
    };
    let promote = Content::Promote {
        keyring: promoted.digest(),
        kid: kid("seal-4"),
        serial: promoted.serial(),
    };
    let trust = |keyring: &Keyring| Content::Keyring {
        keyring: keyring.digest(),
        serial: keyring.serial(),
    };
    let recovery = Content::Recovery {
        anchor: ChainHead {
            seq: 3,
            digest: Digest::of(b"anchor"),
        },
        epoch: 2,
    };
    let (serial, anchor) = (now.serial(), Digest::of(b"anchor"));
    let rows = [
        (
            promote.clone(),
            20,
            format!("seal-4 active, keyring {}, from row 12 on", serial + 1),
        ),
        (
            promote,
            5,
            "UNCLEAR, the keyring that it names is not".to_owned(),
        ),
        (trust(&now), 20, "the keyring as it is now".to_owned()),
        (
            trust(&promoted),
            20,
            "UNCLEAR, it names a keyring that nobody".to_owned(),
        ),
        (
            recovery,
            20,
            format!("give up the chain at 3:{anchor} and begin epoch 2"),
        ),
    ];
    for (content, head, words) in rows {
        let approval = Approval::new(request(content), 1);
        let meaning = Meaning::of(&approval, &keys(head));
        let view = ApprovalView::of(&approval, &meaning);
        let shown = view.to_string();
        assert!(shown.contains(&words), "{words}: {shown}");
        assert_eq!(value(&view)["clear"], json!(!words.contains("UNCLEAR")));
        assert!(ApprovalView::table(&[view]).to_string().contains("0 of 1"));
    }
    let requested = RequestedView::of(&request(trust(&now)), Code::Created).to_string();
    assert!(requested.contains("`ledgerctl approve "), "{requested}");
    let mut old = request(trust(&now));
    old.state = promoted.digest();
    let meaning = Meaning::of(&Approval::new(old, 1), &keys(20));
    assert!(matches!(meaning, Meaning::Unclear(_)));
}

#[test]
fn signatures_are_counted() {
    let approved = Approved {
        code: Code::Created,
        ok_count: 2,
        threshold: 3,
    };
    let view = ApprovedView::of(Digest::ZERO, &kid("approver-ann"), &approved);
    assert!(view.to_string().ends_with(": created, 2 of 3 have signed"));
    assert_eq!(value(&view)["kid"], "approver-ann");
}

#[test]
fn fetched_proofs_are_told() {
    let sealed = SealedPoint {
        seal_seq: 8,
        size: 42,
        height: Height(9),
        at: Nanos(1_763_985_600_000_000_000),
    };
    let view = FetchedView::new("range", Path::new("a.range"), 797).with_seal(&sealed);
    assert_eq!(
        view.to_string(),
        "range: 797 bytes in a.range, sealed by row 8 of 2025-11-24T12:00:00Z"
    );
    assert_eq!(value(&view)["size"], json!(42));
    let none = FetchedView::none("receipt of event 7", Code::NotFound);
    assert_eq!(
        none.to_string(),
        "receipt of event 7: not_found: there is nothing under that id"
    );
    assert_eq!(value(&none).get("file"), None);
}
