use ledger::Digest;

use super::*;
use crate::approval::{ApprovalFault, Content as Wanted};
use crate::approver::ApproverError;
use crate::fixture::{
    Chain, NOON, TestKey, approvers, keyring, kid, micros, mutations, name, revocation, seal,
    signed,
};
use crate::key::tests::openssl::RsaKey;
use crate::payload::Content;
use crate::{Algorithm, Approver, AuditRow, ChainHead, Signature, SignedKeyring, jcs};

/// Every state and every change of it.
#[test]
fn transitions() {
    let mut table = String::new();
    for state in State::ALL {
        for change in Change::ALL {
            let after = state.after(*change).map_or("-", State::text);
            table += &format!("{state:10} {change:9} {after}\n");
        }
    }
    let expected = "\
candidate  promote   active
candidate  retiring  -
candidate  retire    -
candidate  revoke    revoked
active     promote   -
active     retiring  retiring
active     retire    -
active     revoke    revoked
retiring   promote   active
retiring   retiring  -
retiring   retire    retired
retiring   revoke    revoked
retired    promote   -
retired    retiring  -
retired    retire    -
retired    revoke    revoked
revoked    promote   -
revoked    retiring  -
revoked    retire    -
revoked    revoke    -
";
    assert_eq!(table, expected);
    let signs = State::ALL.iter().filter(|state| state.signs());
    assert_eq!(
        signs.collect::<Vec<_>>(),
        [&State::Active, &State::Retiring]
    );
}

#[test]
fn a_key_lives_through_its_states() {
    let id = kid("seal-3");
    let mut keyring = keyring();
    let serial = keyring.serial();
    assert_eq!(keyring.active(Usage::Seal).count(), 2);
    keyring = keyring.with_promoted(&id, 9).unwrap();
    assert_eq!(keyring.active(Usage::Seal).count(), 3);
    keyring = keyring.with_retiring(&id).unwrap();
    keyring = keyring.with_promoted(&id, 20).unwrap();
    keyring = keyring.with_retiring(&id).unwrap();
    assert_eq!(keyring.with_retired(&id, 8), Err(KeyringError::Seq(8)));
    keyring = keyring.with_retired(&id, 30).unwrap();
    let key = keyring.key(&id).unwrap();
    assert_eq!((key.valid_from_seq, key.valid_to_seq), (9, Some(30)));
    assert_eq!(keyring.serial(), serial + 5);
    let trusted = ChainHead {
        seq: 12,
        digest: Digest::of(b"head"),
    };
    keyring = keyring.with_revoked(&id, trusted).unwrap();
    assert_eq!(keyring.key(&id).unwrap().revoked, Some(trusted));
    assert_eq!(Keyring::decode(&keyring.encode()).as_ref(), Ok(&keyring));
    let again = keyring.with_revoked(&id, trusted);
    let error = KeyringError::Change {
        kid: id,
        state: State::Revoked,
        change: Change::Revoke,
    };
    assert_eq!(again, Err(error));
    let unknown = kid("nobody");
    let error = KeyringError::UnknownKey(unknown.clone());
    assert_eq!(keyring.with_retiring(&unknown), Err(error));
    assert!(keyring.with_promoted(&kid("seal-1"), 0).is_err());
}

#[test]
fn a_key_has_one_id_and_one_usage() {
    let new = |id: &str, key: &str, usage| NewKey {
        kid: kid(id),
        public_key: TestKey::new(key).public_key(),
        usage,
        deployed_at: micros(NOON),
    };
    for (added, error) in [
        (
            new("seal-1", "fresh", Usage::Seal),
            KeyringError::Twice(kid("seal-1")),
        ),
        (
            new("seal-9", "seal-1", Usage::Bundle),
            KeyringError::Twice(kid("seal-9")),
        ),
        (
            new("approver-ann", "fresh", Usage::Seal),
            KeyringError::Twice(kid("approver-ann")),
        ),
        (
            new("seal-9", "approver-ann", Usage::Seal),
            KeyringError::Twice(kid("seal-9")),
        ),
        (
            new("fresh", "fresh", Usage::Approval),
            KeyringError::Usage(kid("fresh")),
        ),
    ] {
        assert_eq!(keyring().with_key(added), Err(error));
    }
    let ann = Approver {
        kid: kid("ann-2"),
        name: name("ann"),
        public_key: TestKey::new("seal-1").public_key(),
    };
    let set = ApproverSet::new(vec![ann], 1).unwrap();
    assert!(matches!(
        keyring().with_approvers(set),
        Err(KeyringError::Twice(_))
    ));
}

#[test]
fn documents_are_read_back() {
    let keyring = keyring();
    let bytes = keyring.encode();
    assert!(jcs::parse_canonical(&bytes).is_ok());
    assert_eq!(Keyring::decode(&bytes), Ok(keyring));
}

#[test]
fn other_documents_are_refused() {
    let text = String::from_utf8(keyring().encode()).unwrap();
    let first = kid("checkpoint-1");
    let contradiction = KeyringError::Contradiction;
    let json = KeyringError::Json(jcs::JcsError::NotCanonical);
    let threshold = ApproverError::Threshold {
        threshold: 6,
        approvers: 5,
    };
    for (member, from, to, error) in [
        ("v", "1", "2", KeyringError::Version(2)),
        ("kind", "\"keyring\"", "\"key\"", KeyringError::Version(1)),
        ("threshold", "3", "6", threshold.into()),
        (
            "state",
            "\"candidate\"",
            "\"active\"",
            contradiction(kid("seal-3")),
        ),
        (
            "state",
            "\"active\"",
            "\"candidate\"",
            contradiction(first.clone()),
        ),
        (
            "state",
            "\"active\"",
            "\"retired\"",
            contradiction(first.clone()),
        ),
        ("state", "\"active\"", "\"revoked\"", contradiction(first)),
        (
            "usage",
            "\"seal\"",
            "\"approval\"",
            KeyringError::Usage(kid("seal-1")),
        ),
        ("serial", "8", "8 ", json),
        (
            "kid",
            "\"seal-1\"",
            "\"seal-8\"",
            KeyringError::NotCanonical,
        ),
    ] {
        let (from, to) = (format!("\"{member}\":{from}"), format!("\"{member}\":{to}"));
        assert!(text.contains(&from), "{from}");
        let decoded = Keyring::decode(text.replacen(&from, &to, 1).as_bytes());
        assert_eq!(decoded, Err(error), "{from} to {to}");
    }
    let without = text.replacen("\"revoked\":null,", "", 1);
    assert_eq!(
        Keyring::decode(without.as_bytes()),
        Err(KeyringError::NotCanonical)
    );
}

/// No public key has the algorithm of a shared secret, or another than its own.
#[test]
fn keys_are_of_the_algorithm_that_is_said() {
    let text = String::from_utf8(keyring().encode()).unwrap();
    for algorithm in ["rsa-sha256", "hmac-sha256"] {
        let said = format!("\"algorithm\":\"{algorithm}\",\"deployed_at\"");
        let changed = text.replacen("\"algorithm\":\"ed25519\",\"deployed_at\"", &said, 1);
        let error = KeyringError::Algorithm(kid("checkpoint-1"));
        assert_eq!(Keyring::decode(changed.as_bytes()), Err(error));
    }
}

#[test]
fn rsa_and_ed25519_rows_verify() {
    let rsa = RsaKey::generate(2_048);
    let new = NewKey {
        kid: kid("rsa-1"),
        public_key: rsa.public_key(),
        usage: Usage::Seal,
        deployed_at: micros(NOON),
    };
    let keyring = keyring().with_key(new).unwrap();
    let keyring = keyring.with_promoted(&kid("rsa-1"), 1).unwrap();
    let mut payload = Chain::of_seals(1).payload(&kid("rsa-1"), seal(1, Digest::ZERO));
    payload.alg = Algorithm::RsaSha256;
    let canonical = payload.canonical().unwrap();
    let digest = crate::payload::digest(&canonical, payload.prev.as_ref());
    let row = AuditRow::new(canonical.clone(), rsa.sign_digest(&digest)).unwrap();
    assert_eq!(keyring.verify_row(&row), Ok(None));
    let row = AuditRow::new(canonical, Signature::new(vec![1; 256]).unwrap()).unwrap();
    assert_eq!(
        keyring.verify_row(&row),
        Err(RowFault::Signature(kid("rsa-1")))
    );
}

#[test]
fn approvers_make_a_keyring_trusted() {
    let before = Keyring::new(name("bank"), name("test"), approvers());
    let signed = signed(&before, keyring(), &["ann", "cid", "eve"]);
    assert_eq!(signed.verify(&approvers()), Ok(keyring()));
    assert_eq!(signed.verify_after(&before), Ok(keyring()));
    let bytes = signed.encode().unwrap();
    assert_eq!(SignedKeyring::decode(&bytes).as_ref(), Ok(&signed));
    // It follows from that keyring only.
    let fault = SignedKeyringError::Fault(ApprovalFault::State(before.digest()));
    assert_eq!(signed.verify_after(&keyring()), Err(fault));
    // Other people, or another threshold.
    let two = approvers().iter().take(2).cloned().collect();
    let fault = SignedKeyringError::Fault(ApprovalFault::Threshold(3));
    assert_eq!(
        signed.verify(&ApproverSet::new(two, 2).unwrap()),
        Err(fault)
    );
    let three = approvers().iter().take(3).cloned().collect();
    let fault = SignedKeyringError::Fault(ApprovalFault::Unknown(kid("approver-eve")));
    assert_eq!(
        signed.verify(&ApproverSet::new(three, 3).unwrap()),
        Err(fault)
    );
    // Another keyring under the approval.
    let mut other = signed;
    other.keyring = keyring().with_retiring(&kid("seal-1")).unwrap();
    assert_eq!(
        other.verify(&approvers()),
        Err(SignedKeyringError::AnotherKeyring)
    );
}

#[test]
fn other_approvers_need_the_approval_of_those_before() {
    let before = keyring();
    let mallory = Approver {
        kid: kid("approver-mallory"),
        name: name("mallory"),
        public_key: TestKey::new("approver-mallory").public_key(),
    };
    let set = ApproverSet::new(vec![mallory], 1).unwrap();
    let next = before.with_approvers(set).unwrap();
    let good = signed(&before, next.clone(), &["ann", "bob", "cid"]);
    assert_eq!(good.verify_after(&before), Ok(next.clone()));
    // The new ones cannot approve themselves.
    let own = signed(&next, next.clone(), &["mallory"]);
    assert!(own.verify(next.approvers()).is_ok());
    assert!(own.verify_after(&before).is_err());
    let old = signed(&before, before.clone(), &["ann", "bob", "cid"]);
    let fault = SignedKeyringError::Serial(before.serial());
    assert_eq!(old.verify_after(&before), Err(fault));
}

/// Rows beside the keyring take trust away before the approvers meet again.
#[test]
fn revocations_beside_a_keyring_count() {
    let before = Keyring::new(name("bank"), name("test"), approvers());
    let mut chain = Chain::of_seals(5);
    let trusted = chain.head();
    let row = chain
        .push(&TestKey::new("seal-2"), revocation("seal-1", trusted))
        .clone();
    let mut signed = signed(&before, keyring(), &["ann", "cid", "eve"]);
    signed.revocations.push(row.clone());
    let bytes = signed.encode().unwrap();
    assert_eq!(SignedKeyring::decode(&bytes).as_ref(), Ok(&signed));
    let trusted_ring = signed.verify(&approvers()).unwrap();
    let key = trusted_ring.key(&kid("seal-1")).unwrap();
    assert_eq!((key.state, key.revoked), (State::Revoked, Some(trusted)));
    assert_eq!(trusted_ring.serial(), keyring().serial());

    let verify = |rows: &[&AuditRow]| {
        let mut signed = signed.clone();
        signed.revocations = rows.iter().copied().cloned().collect();
        signed.verify(&approvers()).unwrap_err()
    };
    assert_eq!(verify(&[&row, &row]), SignedKeyringError::Revocation(6));
    assert_eq!(verify(&[&chain.rows[4]]), SignedKeyringError::Revocation(5));
    // The revoked key cannot revoke the one that revoked it.
    let mut later = Chain::of_seals(5);
    later.push(&TestKey::new("seal-2"), revocation("seal-1", trusted));
    let head = later.head();
    let revenge = later
        .push(&TestKey::new("seal-1"), revocation("seal-2", head))
        .clone();
    let fault = KeyFault::Revoked {
        kid: kid("seal-1"),
        seq: 7,
        trusted,
    };
    let fault = SignedKeyringError::RowFault(fault.into());
    assert_eq!(verify(&[&row, &revenge]), fault);
    // A key for other things cannot revoke.
    let mut chain = Chain::of_seals(5);
    let row = chain
        .push(&TestKey::new("checkpoint-1"), revocation("seal-1", trusted))
        .clone();
    assert!(matches!(
        verify(&[&row]),
        SignedKeyringError::RowFault(RowFault::Key(_))
    ));
}

/// No byte of a signed keyring can be another one.
#[test]
fn every_changed_byte_of_a_signed_keyring_is_refused() {
    let before = Keyring::new(name("bank"), name("test"), approvers());
    let mut signed = signed(&before, keyring(), &["ann", "cid", "eve"]);
    let mut chain = Chain::of_seals(5);
    let revocation: Content = revocation("seal-1", chain.head());
    let row = chain.push(&TestKey::new("seal-2"), revocation).clone();
    signed.revocations.push(row);
    let bytes = signed.encode().unwrap();
    let verify = |bytes: &[u8]| {
        let signed = SignedKeyring::decode(bytes)?;
        signed.verify(&approvers())
    };
    assert!(verify(&bytes).is_ok());
    for (at, changed) in mutations(&bytes) {
        assert!(verify(&changed).is_err(), "byte {at} of {}", bytes.len());
    }
    for length in 0..bytes.len() {
        assert!(verify(&bytes[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn an_approval_of_something_else_makes_no_keyring_trusted() {
    let before = keyring();
    let mut signed = signed(&before, before.clone(), &["ann", "bob", "cid"]);
    let wanted = Wanted::Recovery {
        anchor: ChainHead::NONE,
        epoch: 2,
    };
    let request = crate::fixture::request(&before, wanted);
    let mut approval = crate::Approval::new(request.clone(), 3);
    for who in ["ann", "bob", "cid"] {
        let expected = crate::approval::Expected::of(&before, micros(NOON + 1));
        approval
            .add(crate::fixture::approves(who, &request), &expected)
            .unwrap();
    }
    signed.approval = approval;
    assert_eq!(
        signed.verify(&approvers()),
        Err(SignedKeyringError::AnotherKeyring)
    );
}

#[test]
fn signers_are_exported_in_the_shape_that_is_read_elsewhere() {
    let keyring = keyring().with_retiring(&kid("seal-1")).unwrap();
    let keyring = keyring.with_retired(&kid("seal-1"), 7).unwrap();
    let export = SignersJson::export(&keyring);
    let bytes = export.encode().unwrap();
    assert_eq!(SignersJson::decode(&bytes).as_ref(), Ok(&export));
    let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let signers = value["signers"].as_array().unwrap();
    let kids: Vec<_> = signers.iter().map(|signer| &signer["signer_kid"]).collect();
    assert_eq!(kids, ["seal-1", "seal-2"]);
    assert_eq!(signers[0]["algorithm"], "ed25519");
    assert_eq!(signers[0]["deployedAt"], "2025-11-24T12:00:00.000000Z");
    assert_eq!(signers[0]["description"], "seal, retired, to row 7");
    let pem = signers[0]["public_key_pem"].as_str().unwrap();
    assert_eq!(pem, TestKey::new("seal-1").public_key().to_spki_pem());
    assert_eq!(signers[0].as_object().unwrap().len(), 5);
}

#[test]
fn a_list_of_signers_is_checked_for_a_key() {
    let key = TestKey::new("seal-1").public_key();
    let file = SignersJson::export(&keyring());
    assert_eq!(file.check(&kid("seal-1"), &key), Ok(()));
    let another = SignersError::AnotherKey(kid("seal-2"));
    assert_eq!(file.check(&kid("seal-2"), &key), Err(another));
    let missing = SignersError::Missing(kid("seal-3"));
    assert_eq!(file.check(&kid("seal-3"), &key), Err(missing));
    let text = String::from_utf8(file.encode().unwrap()).unwrap();
    let more = text.replacen("\"description\"", "\"team\":\"core\",\"description\"", 1);
    assert!(SignersJson::decode(more.as_bytes()).is_ok());
    let twice = text.replace("seal-2", "seal-1");
    let error = SignersError::Twice(kid("seal-1"));
    assert_eq!(SignersJson::decode(twice.as_bytes()), Err(error));
    let map = br#"{"seal-1":"-----BEGIN PUBLIC KEY-----"}"#;
    assert_eq!(SignersJson::decode(map), Err(SignersError::NotSigners));
}
