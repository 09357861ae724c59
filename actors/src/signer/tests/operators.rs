//! Keys come and go while seals go on.

use ledger::Code;
use verify::approval::Content;
use verify::keyring::State;
use verify::{ChainHead, Keyring};
use wire::message as m;
use wire::{Answer, Failure, Request};

use super::world::{World, kid, micros, name, public, request, sign_request, signer};
use crate::signer::chain::Chain;
use crate::signer::emergency::Emergency;
use crate::signer::operator::Order;

pub(super) fn change(action: m::SignerAction, key: &str) -> m::ChangeSigners {
    m::ChangeSigners {
        action,
        kid: wire::Text::new(key.to_owned()).unwrap(),
        usage: None,
        algorithm: None,
        public_key: wire::Blob::default(),
        description: wire::Text::default(),
        reason: wire::Text::new("rotation".to_owned()).unwrap(),
        ticket: wire::Text::new("OPS-7".to_owned()).unwrap(),
        approval: wire::Blob::default(),
        from_seq: 0,
        trusted_seq: 0,
        trusted_digest: ledger::Digest::ZERO,
    }
}

pub(super) fn order(chain: &mut Chain, world: &World, request: Request) -> Result<Answer, Failure> {
    let order = Order {
        actor: "spiffe://t/operator".to_owned(),
        request_id: 1,
        request,
        salt: [5; 16],
    };
    chain.operate(order, world.now)
}

pub(super) fn do_change(
    chain: &mut Chain,
    world: &World,
    change: m::ChangeSigners,
) -> Result<u64, Code> {
    match order(chain, world, Request::ChangeSigners(change)) {
        Ok(Answer::ChangeSigners(changed)) => Ok(changed.row),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure.code),
    }
}

pub(super) fn add_second(chain: &mut Chain, world: &World) -> u64 {
    let add = m::ChangeSigners {
        usage: Some(m::KeyUsage::Seal),
        algorithm: Some(m::KeyAlgorithm::Ed25519),
        public_key: wire::Blob::new(public(2).to_spki_pem().into_bytes()).unwrap(),
        ..change(m::SignerAction::Add, "seal-2")
    };
    do_change(chain, world, add).unwrap()
}

/// The keyring in which `seal-2` signs from the next row on, with that row.
fn promoted(chain: &Chain) -> (Keyring, u64) {
    let from = chain.last.seq + 1;
    let keyring = chain.keys.registry.keyring();
    (keyring.with_promoted(&kid("seal-2"), from).unwrap(), from)
}

/// One that no request before the next row has.
pub(super) fn nonce(chain: &Chain) -> u8 {
    chain.last.seq as u8
}

pub(super) fn ask_and_approve(chain: &mut Chain, world: &World, content: Content) {
    let keyring = chain.keys.registry.keyring().clone();
    let request = request(content, &keyring, micros(world.now), nonce(chain));
    let asked = m::RequestApproval {
        request: wire::Blob::new(request.encode()).unwrap(),
    };
    order(chain, world, Request::RequestApproval(asked)).unwrap();
    let signature = sign_request(&request);
    let approve = m::Approve {
        request: request.digest(),
        signature: wire::Blob::new(signature.encode().unwrap()).unwrap(),
    };
    let approve_again = approve.clone();
    let answer = order(chain, world, Request::Approve(approve)).unwrap();
    let Answer::Approve(approved) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!((approved.ok_count, approved.threshold), (1, 1));
    // The same key does not count twice, whether or not the request is still open.
    order(chain, world, Request::Approve(approve_again)).unwrap_err();
}

pub(super) fn rotate(chain: &mut Chain, world: &mut World) {
    add_second(chain, world);
    let (after, from) = promoted(chain);
    let promote = m::ChangeSigners {
        from_seq: from,
        ..change(m::SignerAction::Promote, "seal-2")
    };
    let refused = do_change(chain, world, promote.clone());
    assert_eq!(refused, Err(Code::ApprovalInsufficient));
    let content = Content::Promote {
        keyring: after.digest(),
        kid: kid("seal-2"),
        serial: after.serial(),
    };
    ask_and_approve(chain, world, content);
    do_change(chain, world, promote.clone()).unwrap();
    assert_eq!(chain.approvals.signed.keyring, after);
    // An approval is used up by what it allowed.
    let again = do_change(chain, world, promote);
    assert_eq!(again, Err(Code::KeyStateConflict));
}

#[test]
fn a_rotation_under_load_drops_nothing_and_verifies_by_the_keyring_that_approvers_signed() {
    let mut world = World::new(5);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    for round in 0..20 {
        world.post(&[7, 5], &chain);
        match round {
            5 => rotate(&mut chain, &mut world),
            10 => {
                do_change(
                    &mut chain,
                    &world,
                    change(m::SignerAction::Retire, "seal-1"),
                )
                .unwrap();
            }
            15 => {
                do_change(
                    &mut chain,
                    &world,
                    change(m::SignerAction::Retire, "seal-1"),
                )
                .unwrap();
            }
            _ => {}
        }
        world.pass(150);
        chain.sealed.want();
        for ask in chain.step(world.now).unwrap().asks {
            let answer = world.sign(ask);
            chain.answered(answer, world.now).unwrap();
        }
    }
    world.settle(&mut chain);
    assert_eq!(chain.window.events(), 0);
    let signed = chain.approvals.signed.clone();
    let trusted = signed.verify(signed.keyring.approvers()).unwrap();
    let rows = world.verify(&chain, &trusted);
    let kids: Vec<_> = rows.iter().map(|row| row.signer_kid().as_str()).collect();
    let turn = kids.iter().position(|kid| *kid == "seal-2").unwrap();
    assert!(kids[..turn].iter().all(|kid| *kid == "seal-1"));
    assert!(kids[turn..].iter().all(|kid| *kid == "seal-2"));
    // A new process folds the same registry, and what verifiers are to trust.
    let registry = chain.keys.registry.clone();
    drop(chain);
    let chain = world.start().unwrap();
    assert_eq!(chain.keys.registry, registry);
    assert_eq!(chain.approvals.signed, signed);
    let state = |key| registry.keyring().key(&kid(key)).unwrap().state;
    assert_eq!(
        (state("seal-1"), state("seal-2")),
        (State::Retired, State::Active)
    );
}

#[test]
fn the_last_key_neither_retires_nor_is_revoked() {
    let mut world = World::new(6);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    for action in [m::SignerAction::Retire, m::SignerAction::Revoke] {
        let refused = do_change(&mut chain, &world, change(action, "seal-1"));
        assert_eq!(refused, Err(Code::KeyStateConflict));
    }
}

#[test]
fn what_is_in_flight_under_a_revoked_key_is_given_up_and_sealed_again() {
    let mut world = World::new(7);
    let mut chain = world.start().unwrap();
    world.post(&[7], &chain);
    world.settle(&mut chain);
    rotate(&mut chain, &mut world);
    world.settle(&mut chain);
    // Two seals by the new key are on their way when it is revoked.
    let mut asks = Vec::new();
    for _ in 0..2 {
        world.post(&[7, 3], &chain);
        world.pass(150);
        chain.sealed.want();
        asks.extend(chain.step(world.now).unwrap().asks);
    }
    assert_eq!(asks.len(), 2);
    let trusted = chain.published;
    let wrong = m::ChangeSigners {
        trusted_seq: trusted.seq - 1,
        trusted_digest: trusted.digest,
        ..change(m::SignerAction::Revoke, "seal-2")
    };
    let refused = do_change(&mut chain, &world, wrong);
    assert_eq!(refused, Err(Code::KeyStateConflict));
    let row = do_change(
        &mut chain,
        &world,
        change(m::SignerAction::Revoke, "seal-2"),
    )
    .unwrap();
    assert_eq!(row, trusted.seq + 1);
    // The late answers of the revoked key count for nothing.
    for ask in asks {
        let answer = world.sign(ask);
        chain.answered(answer, world.now).unwrap();
    }
    assert_eq!(chain.published, trusted);
    world.settle(&mut chain);
    assert_eq!(chain.window.events(), 0);
    let signed = chain.approvals.signed.clone();
    assert_eq!(signed.revocations.len(), 1);
    let keyring = signed.verify(signed.keyring.approvers()).unwrap();
    let rows = world.verify(&chain, &keyring);
    let after = &rows[trusted.seq as usize..];
    assert!(
        after
            .iter()
            .all(|row| row.signer_kid().as_str() == "seal-1")
    );
    let head = chain.sealed.proven_head(ledger::BookId(7)).unwrap();
    head.verify(&keyring).unwrap();
    assert_eq!(head.head.size, 3);
    drop(chain);
    let chain = world.start().unwrap();
    assert_eq!(chain.approvals.signed, signed);
    assert_ne!(chain.published, ChainHead::NONE);
}

#[test]
fn approvals_that_do_not_count_are_refused_by_name() {
    let mut world = World::new(8);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    add_second(&mut chain, &world);
    let (after, _) = promoted(&chain);
    let content = Content::Promote {
        keyring: after.digest(),
        kid: kid("seal-2"),
        serial: after.serial(),
    };
    let keyring = chain.keys.registry.keyring().clone();
    let good = request(content, &keyring, micros(world.now), 1);
    let table = [
        ("another environment", {
            let mut r = good.clone();
            r.environment = name("production");
            r
        }),
        ("another deployment", {
            let mut r = good.clone();
            r.origin = name("other");
            r
        }),
        ("an old state", {
            let mut r = good.clone();
            r.state = world.keyring.keyring.digest();
            r
        }),
        ("expired", {
            let mut r = good;
            r.requested_at = micros(ledger::Nanos(world.now.0 - 2_000_000));
            r.expires_at = micros(ledger::Nanos(world.now.0 - 1_000_000));
            r
        }),
    ];
    for (what, request) in table {
        let asked = m::RequestApproval {
            request: wire::Blob::new(request.encode()).unwrap(),
        };
        let failure = order(&mut chain, &world, Request::RequestApproval(asked)).unwrap_err();
        assert_eq!(failure.code, Code::ApprovalInsufficient, "{what}");
    }
}

/// Registry and signed keyring are what a new process folds, also from rows that nobody signed yet.
fn assert_folds_alike(chain: Chain, world: &World) -> Chain {
    let (registry, signed) = (chain.keys.registry.clone(), chain.approvals.signed.clone());
    drop(chain);
    let chain = world.start().unwrap();
    assert_eq!(chain.keys.registry, registry);
    assert_eq!(chain.approvals.signed, signed);
    chain
}

#[test]
fn changes_of_keys_that_nobody_signed_yet_hold_after_a_restart() {
    let mut world = World::new(9);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    rotate(&mut chain, &mut world);
    assert_eq!(chain.flights.len(), 3);
    let mut chain = assert_folds_alike(chain, &world);
    assert_eq!(chain.flights.len(), 3);
    world.settle(&mut chain);
    assert_folds_alike(chain, &world);
}

#[test]
fn a_keyring_that_approvers_signed_holds_after_a_restart() {
    let mut world = World::new(10);
    let mut chain = world.start().unwrap();
    add_second(&mut chain, &world);
    let keyring = chain.keys.registry.keyring().clone();
    let content = Content::Keyring {
        keyring: keyring.digest(),
        serial: keyring.serial(),
    };
    ask_and_approve(&mut chain, &world, content);
    assert_eq!(chain.approvals.signed.keyring, keyring);
    let mut chain = assert_folds_alike(chain, &world);
    assert!(chain.approvals.open.is_empty());
    world.settle(&mut chain);
    assert_folds_alike(chain, &world);
}

#[test]
fn a_change_whose_row_is_given_up_with_a_revoked_key_never_was() {
    let mut world = World::new(11);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    rotate(&mut chain, &mut world);
    world.settle(&mut chain);
    let keyring = chain.keys.registry.keyring().clone();
    // Nobody signed this row when the key that would have to is revoked.
    do_change(
        &mut chain,
        &world,
        change(m::SignerAction::Retire, "seal-1"),
    )
    .unwrap();
    let trusted = chain.published;
    let revoke = change(m::SignerAction::Revoke, "seal-2");
    do_change(&mut chain, &world, revoke).unwrap();
    let after = keyring.with_revoked(&kid("seal-2"), trusted).unwrap();
    assert_eq!(*chain.keys.registry.keyring(), after);
    world.settle(&mut chain);
    world.verify(&chain, &after);
    assert_folds_alike(chain, &world);
}

#[test]
fn a_key_whose_promotion_would_be_given_up_signs_no_revocation() {
    let mut world = World::new(12);
    let mut chain = world.start().unwrap();
    // Not even the row that the chain begins with is published.
    let revoke = change(m::SignerAction::Revoke, "seal-1");
    let refused = do_change(&mut chain, &world, revoke.clone());
    assert_eq!(refused, Err(Code::KeyStateConflict));
    world.settle(&mut chain);
    rotate(&mut chain, &mut world);
    let refused = do_change(&mut chain, &world, revoke.clone());
    assert_eq!(refused, Err(Code::KeyStateConflict));
    assert_eq!(chain.flights.len(), 3, "what is refused changes nothing");
    world.settle(&mut chain);
    do_change(&mut chain, &world, revoke).unwrap();
    world.settle(&mut chain);
    assert_folds_alike(chain, &world);
}

#[test]
fn an_approval_is_not_used_up_by_a_change_that_finds_no_place() {
    let mut world = World::new(13);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    add_second(&mut chain, &world);
    let keyring = chain.keys.registry.keyring();
    let from = chain.last.seq + 50;
    let after = keyring.with_promoted(&kid("seal-2"), from).unwrap();
    let content = Content::Promote {
        keyring: after.digest(),
        kid: kid("seal-2"),
        serial: after.serial(),
    };
    ask_and_approve(&mut chain, &world, content);
    while chain.batcher.has_place() {
        let body = store::audit::Body {
            salt: [0; 16],
            bytes: b"{}".to_vec(),
        };
        let content = verify::payload::Content::Action {
            action: verify::payload::Action::Operator,
            body: body.commitment(),
        };
        chain.record(content, body, world.now).unwrap();
    }
    let promote = m::ChangeSigners {
        from_seq: from,
        ..change(m::SignerAction::Promote, "seal-2")
    };
    let refused = do_change(&mut chain, &world, promote.clone());
    assert_eq!(refused, Err(Code::SignerUnavailable));
    world.settle(&mut chain);
    do_change(&mut chain, &world, promote).unwrap();
}

#[test]
fn an_approval_that_was_not_collected_here_allows_nothing() {
    let mut world = World::new(14);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    add_second(&mut chain, &world);
    let (after, from) = promoted(&chain);
    let content = Content::Promote {
        keyring: after.digest(),
        kid: kid("seal-2"),
        serial: after.serial(),
    };
    let approval = world.approve(content, chain.keys.registry.keyring(), 7);
    let promote = m::ChangeSigners {
        from_seq: from,
        approval: wire::Blob::new(approval.encode().unwrap()).unwrap(),
        ..change(m::SignerAction::Promote, "seal-2")
    };
    let refused = do_change(&mut chain, &world, promote);
    assert_eq!(refused, Err(Code::ApprovalInsufficient));
}

#[test]
fn a_key_of_an_emergency_takes_the_place_of_one_that_has_rows_in_flight() {
    let mut world = World::new(15);
    let mut chain = world.start().unwrap();
    world.post(&[7], &chain);
    world.settle(&mut chain);
    // The regular key is out of reach, with every place taken.
    while chain.batcher.in_flight() < 16 {
        world.post(&[7], &chain);
        world.pass(1_000);
        chain.step(world.now).unwrap();
    }
    for row in 0..4 {
        let retiring = change(m::SignerAction::Add, &format!("unused-{row}"));
        let add = m::ChangeSigners {
            usage: Some(m::KeyUsage::Bundle),
            algorithm: Some(m::KeyAlgorithm::Ed25519),
            public_key: wire::Blob::new(public(20 + row).to_spki_pem().into_bytes()).unwrap(),
            ..retiring
        };
        do_change(&mut chain, &world, add).unwrap();
    }
    let keyring = chain.keys.registry.keyring().clone();
    let expires_at = verify::Micros::new(micros(world.now).get() + 3_600_000_000).unwrap();
    let content = Content::Emergency {
        expires_at,
        kid: kid("urgent-1"),
        public_key: public(4).fingerprint(),
    };
    world.emergency = Some(Emergency {
        kid: kid("urgent-1"),
        public_key: public(4),
        expires_at,
        approval: world.approve(content, &keyring, 1),
        salts: vec![[1; 16], [2; 16]],
    });
    world.signers.push(signer("urgent-1", 4));
    drop(chain);
    let mut chain = world.start().unwrap();
    let trusted = chain.published;
    let revoke = change(m::SignerAction::Revoke, "seal-1");
    let row = do_change(&mut chain, &world, revoke).unwrap();
    assert_eq!(row, trusted.seq + 1);
    let mut chain = assert_folds_alike(chain, &world);
    world.settle(&mut chain);
    assert_eq!(chain.window.events(), 0);
    let keyring = chain.keys.registry.keyring().clone();
    let rows = world.verify(&chain, &keyring);
    let after = &rows[trusted.seq as usize..];
    assert!(
        after
            .iter()
            .all(|row| row.signer_kid().as_str() == "urgent-1")
    );
    assert_folds_alike(chain, &world);
}

#[test]
fn a_key_of_notes_signs_from_its_promotion_until_it_is_revoked() {
    let mut world = World::new(16);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    let add = m::ChangeSigners {
        usage: Some(m::KeyUsage::Bundle),
        algorithm: Some(m::KeyAlgorithm::Ed25519),
        public_key: wire::Blob::new(public(5).to_spki_pem().into_bytes()).unwrap(),
        ..change(m::SignerAction::Add, "bundle-1")
    };
    do_change(&mut chain, &world, add).unwrap();
    assert_eq!(chain.report(world.now).notes, []);
    let from_seq = chain.last.seq + 1;
    let keyring = chain.keys.registry.keyring();
    let after = keyring.with_promoted(&kid("bundle-1"), from_seq).unwrap();
    let content = Content::Promote {
        keyring: after.digest(),
        kid: kid("bundle-1"),
        serial: after.serial(),
    };
    ask_and_approve(&mut chain, &world, content);
    let promote = m::ChangeSigners {
        from_seq,
        ..change(m::SignerAction::Promote, "bundle-1")
    };
    do_change(&mut chain, &world, promote).unwrap();
    assert_eq!(chain.report(world.now).notes, [kid("bundle-1")]);
    world.settle(&mut chain);
    let revoke = change(m::SignerAction::Revoke, "bundle-1");
    do_change(&mut chain, &world, revoke).unwrap();
    assert_eq!(chain.report(world.now).notes, []);
}
