use ledger::Digest;
use verify::approver::{Approver, ApproverSet};
use verify::keyring::{Keyring, State};
use verify::{ChainHead, Kid, Micros, Name, PublicKey, Usage};

use super::*;
use crate::local::LocalDev;

fn kid(text: &str) -> Kid {
    Kid::new(text).unwrap()
}

fn at(seconds: u64) -> Micros {
    Micros::new(seconds * 1_000_000).unwrap()
}

fn public(seed: u8) -> PublicKey {
    LocalDev::from_seed([seed; 32]).public_key().unwrap()
}

fn registry() -> Registry {
    let approver = Approver {
        kid: kid("approver-1"),
        name: Name::new("ann").unwrap(),
        public_key: public(200),
    };
    let approvers = ApproverSet::new(vec![approver], 1).unwrap();
    let (deployment, environment) = (Name::new("here").unwrap(), Name::new("test").unwrap());
    Registry::new(Keyring::new(deployment, environment, approvers))
}

fn added(name: &str, seed: u8) -> KeyEvent {
    KeyEvent::Added {
        kid: kid(name),
        public_key: public(seed),
        usage: Usage::Seal,
        deployed_at: at(1),
    }
}

fn promoted(name: &str, from_seq: u64) -> KeyEvent {
    let kid = kid(name);
    KeyEvent::Promoted { kid, from_seq }
}

fn emergency(name: &str, seed: u8) -> KeyEvent {
    KeyEvent::Emergency {
        kid: kid(name),
        public_key: public(seed),
        usage: Usage::Seal,
        deployed_at: at(1),
        from_seq: 3,
        expires_at: at(100),
    }
}

fn names(registry: &Registry, now: Micros) -> Vec<&str> {
    let keys = registry.signers(Usage::Seal, now);
    keys.iter().map(|key| key.kid.as_str()).collect()
}

#[test]
fn a_rotation_overlaps_and_can_be_taken_back() {
    let mut registry = registry();
    let (old, new) = (kid("old"), kid("new"));
    let revoked = KeyEvent::Revoked {
        kid: new.clone(),
        trusted: ChainHead {
            seq: 6,
            digest: Digest::of(b"row 6"),
        },
    };
    let table: &[(KeyEvent, &[&str])] = &[
        (added("old", 1), &[]),
        (promoted("old", 1), &["old"]),
        (added("new", 2), &["old"]),
        (promoted("new", 5), &["new", "old"]),
        (KeyEvent::Retiring { kid: old.clone() }, &["new", "old"]),
        (promoted("old", 7), &["new", "old"]),
        (KeyEvent::Retiring { kid: new }, &["old", "new"]),
        (revoked, &["old"]),
        (KeyEvent::Retiring { kid: old.clone() }, &["old"]),
        (
            KeyEvent::Retired {
                kid: old.clone(),
                to_seq: 20,
            },
            &[],
        ),
    ];
    for (seq, (event, signers)) in (1..).zip(table) {
        registry.apply(seq, event).unwrap();
        assert_eq!(names(&registry, at(10)), *signers, "after {event:?}");
    }
    assert_eq!(registry.keyring().key(&old).unwrap().valid_from_seq, 1);
    let decoded = Keyring::decode(&registry.keyring().encode()).unwrap();
    assert_eq!(decoded, *registry.keyring());
}

#[test]
fn what_the_keys_do_not_allow_changes_nothing() {
    let mut registry = registry();
    registry.apply(1, &added("key", 1)).unwrap();
    let key = kid("key");
    let refused: &[(u64, KeyEvent)] = &[
        (1, promoted("key", 1)),
        (2, added("key", 2)),
        (2, added("other", 1)),
        (2, promoted("nobody", 1)),
        (2, promoted("key", 0)),
        (2, KeyEvent::Retiring { kid: key.clone() }),
        (
            2,
            KeyEvent::Retired {
                kid: key,
                to_seq: 9,
            },
        ),
        (2, emergency("key", 3)),
        (2, emergency("approver-1", 3)),
    ];
    for (seq, event) in refused {
        let before = registry.clone();
        assert!(registry.apply(*seq, event).is_err(), "{event:?}");
        assert_eq!(registry, before, "{event:?}");
    }
}

/// Key, what it is to sign at which row and time, and part of the message.
type Row<'a> = (&'a str, Usage, u64, u64, Result<(), &'a str>);

#[test]
fn who_may_sign_what_and_when() {
    let mut registry = registry();
    let events = [
        added("candidate", 1),
        added("active", 2),
        promoted("active", 5),
        added("retired", 4),
        promoted("retired", 1),
        KeyEvent::Retiring {
            kid: kid("retired"),
        },
        KeyEvent::Retired {
            kid: kid("retired"),
            to_seq: 4,
        },
        emergency("emergency", 3),
    ];
    for (seq, event) in (1..).zip(&events) {
        registry.apply(seq, event).unwrap();
    }
    let table: &[Row<'_>] = &[
        ("active", Usage::Seal, 5, 10, Ok(())),
        ("active", Usage::Seal, 4, 10, Err("from row 5")),
        ("active", Usage::Checkpoint, 5, 10, Err("is for seal")),
        ("candidate", Usage::Seal, 5, 10, Err("is candidate")),
        ("retired", Usage::Seal, 5, 10, Err("is retired")),
        ("nobody", Usage::Seal, 5, 10, Err("not registered")),
        ("emergency", Usage::Seal, 5, 99, Ok(())),
        ("emergency", Usage::Seal, 5, 100, Err("expired")),
    ];
    for (name, usage, seq, now, expected) in table {
        let found = registry.may_sign(&kid(name), *usage, *seq, at(*now));
        match (found, expected) {
            (Ok(key), Ok(())) => assert_eq!(key.state, State::Active),
            (Err(error), Err(part)) => {
                let text = error.to_string();
                assert!(text.contains(part), "{name}: {text}");
            }
            (found, expected) => panic!("{name} at row {seq}: {found:?}, expected {expected:?}"),
        }
    }
    assert_eq!(names(&registry, at(99)), ["active", "emergency"]);
    assert_eq!(names(&registry, at(100)), ["active"]);
}

#[test]
fn a_record_has_one_spelling() {
    let events = [
        added("key", 1),
        promoted("key", 5),
        KeyEvent::Retiring { kid: kid("key") },
        KeyEvent::Retired {
            kid: kid("key"),
            to_seq: 9,
        },
        KeyEvent::Revoked {
            kid: kid("key"),
            trusted: ChainHead::NONE,
        },
        emergency("key", 2),
    ];
    for event in events {
        let record = KeyRecord {
            event,
            actor: "spiffe://here/tenant/0/role/operator".into(),
            reason: "a \"line\"\nand umläuts".into(),
            ticket: "OPS-1".into(),
            description: String::new(),
            request: Some(Digest::of(b"a request")),
        };
        let bytes = record.encode();
        assert_eq!(KeyRecord::decode(&bytes), Ok(record));
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            let decoded = KeyRecord::decode(&other).map(|record| record.encode());
            assert_ne!(decoded.as_ref(), Ok(&bytes), "byte {at}");
        }
        assert_eq!(
            KeyRecord::decode(&[&bytes, &b" "[..]].concat()),
            Err(NotARecord)
        );
    }
}
