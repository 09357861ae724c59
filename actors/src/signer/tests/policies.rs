//! Policies come into force and give way by rows of the chain.

use std::sync::Arc;

use ledger::{Code, Digest};
use verify::approval::Content;
use verify::policy::{
    BreakerRecord, BreakerState, Manifest, PolicyAction, PolicyLimits, SignedManifest,
};
use wire::message as m;
use wire::{Blob, Failure, Request};

use super::operators::{ask_and_approve, change, do_change, nonce, order, rotate};
use super::world::{World, kid, micros, name, request, sign_request, signer};
use crate::signer::chain::Chain;
use crate::signer::policy::PolicyOrder;

fn manifest(version: u32) -> Arc<SignedManifest> {
    let manifest = Manifest {
        cases: "[]".to_owned(),
        component: Digest::of(b"component"),
        config: "{}".to_owned(),
        config_version: version,
        deployment: name("ledger"),
        environment: name("test"),
        limits: PolicyLimits::default(),
        name: name("limits"),
        tenant: Some(name("acme")),
    };
    Arc::new(signed(manifest, "policy-1", 14))
}

fn signed(manifest: Manifest, key: &str, seed: u8) -> SignedManifest {
    let key = signer(key, seed);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let signature = runtime
        .unwrap()
        .block_on(key.sign_digest(manifest.digest()));
    SignedManifest {
        alg: key.algorithm(),
        kid: key.kid().clone(),
        manifest,
        signature: signature.unwrap(),
    }
}

fn policy_order(action: PolicyAction, signed: &Arc<SignedManifest>) -> PolicyOrder {
    let digest = signed.digest();
    PolicyOrder {
        action,
        actor: "spiffe://t/operator".to_owned(),
        sets: Some((Digest::of(b"before"), digest)),
        signed: Arc::clone(signed),
        salt: [6; 16],
    }
}

/// What has to be approved for the change as things stand.
fn content(chain: &Chain, action: PolicyAction, signed: &SignedManifest) -> Content {
    let tenant = signed.manifest.tenant.clone();
    Content::Policy {
        action,
        manifest: signed.digest(),
        replaces: chain.approvals.policies.state(&tenant),
        tenant,
    }
}

fn carry_out(
    chain: &mut Chain,
    world: &World,
    action: PolicyAction,
    signed: &Arc<SignedManifest>,
) -> Result<u64, Failure> {
    chain.change_policy(&policy_order(action, signed), world.now)
}

fn activate(chain: &mut Chain, world: &World, signed: &Arc<SignedManifest>) -> u64 {
    let wanted = content(chain, PolicyAction::Activate, signed);
    ask_and_approve(chain, world, wanted);
    carry_out(chain, world, PolicyAction::Activate, signed).unwrap()
}

/// The manifests in force, and the digest that seals have from now on.
fn in_force(chain: &Chain) -> (Vec<Digest>, Digest) {
    let scope = Some(name("acme"));
    let policies = chain.approvals.policies.in_force(&scope);
    let digests = policies.map(|in_force| in_force.digest).collect();
    (digests, chain.policy_set)
}

fn assert_folds_alike(chain: Chain, world: &World) -> Chain {
    let policies = chain.approvals.policies.clone();
    drop(chain);
    let chain = world.start().unwrap();
    assert_eq!(chain.approvals.policies, policies);
    chain
}

#[test]
fn a_policy_takes_an_approval_and_leaves_a_row() {
    let mut world = World::new(31);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    let [one, two] = [1, 2].map(manifest);
    let refused = carry_out(&mut chain, &world, PolicyAction::Activate, &one).unwrap_err();
    assert_eq!(refused.code, Code::ApprovalInsufficient);
    activate(&mut chain, &world, &one);
    assert_eq!(in_force(&chain), (vec![one.digest()], one.digest()));
    // An approval is used up by what it allowed.
    let again = carry_out(&mut chain, &world, PolicyAction::Activate, &one).unwrap_err();
    assert_eq!(again.code, Code::PolicyStateConflict);
    let mut chain = assert_folds_alike(chain, &world);
    let row = activate(&mut chain, &world, &two);
    world.post(&[7], &chain);
    world.settle(&mut chain);
    let rollback = content(&chain, PolicyAction::Rollback, &two);
    ask_and_approve(&mut chain, &world, rollback);
    carry_out(&mut chain, &world, PolicyAction::Rollback, &two).unwrap();
    assert_eq!(in_force(&chain).0, [one.digest()]);
    world.settle(&mut chain);
    let signed = chain.approvals.signed.clone();
    let trusted = signed.verify(signed.keyring.approvers()).unwrap();
    let rows = world.verify(&chain, &trusted);
    let kinds: Vec<_> = rows
        .iter()
        .map(|row| row.payload().content.kind())
        .collect();
    let told = |kind: &str| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!(
        (told("policy_activated"), told("policy_rolled_back")),
        (2, 1)
    );
    // Seals name what is in force when they are made.
    let seal = rows.iter().find(|r| r.seq() > row && r.seal().is_some());
    assert_eq!(seal.unwrap().seal().unwrap().policy_set, two.digest());
    assert_folds_alike(chain, &world);
}

#[test]
fn an_approval_counts_for_the_state_that_it_was_given_for() {
    let mut world = World::new(32);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    let [one, two] = [1, 2].map(manifest);
    let early = content(&chain, PolicyAction::Activate, &two);
    ask_and_approve(&mut chain, &world, early.clone());
    activate(&mut chain, &world, &one);
    let late = carry_out(&mut chain, &world, PolicyAction::Activate, &two).unwrap_err();
    assert_eq!(late.code, Code::ApprovalInsufficient);
    assert!(late.message.contains("request anew"), "{late}");
    // Nor can it be asked for again.
    let keyring = chain.keys.registry.keyring().clone();
    let again = request(early, &keyring, micros(world.now), 12);
    let asked = m::RequestApproval {
        request: Blob::new(again.encode()).unwrap(),
    };
    let failure = order(&mut chain, &world, Request::RequestApproval(asked)).unwrap_err();
    assert_eq!(failure.code, Code::PolicyStateConflict);
}

/// Back in the same state by what is in force, an old approval still counts for nothing, whether
/// or not the process was started again.
#[test]
fn an_approval_cannot_be_replayed() {
    let mut world = World::new(33);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    let one = manifest(1);
    let keyring = chain.keys.registry.keyring().clone();
    let wanted = content(&chain, PolicyAction::Activate, &one);
    let first = request(wanted.clone(), &keyring, micros(world.now), nonce(&chain));
    activate(&mut chain, &world, &one);
    let back = content(&chain, PolicyAction::Rollback, &one);
    ask_and_approve(&mut chain, &world, back);
    carry_out(&mut chain, &world, PolicyAction::Rollback, &one).unwrap();
    assert_eq!(in_force(&chain).0, []);
    world.settle(&mut chain);
    let mut chain = assert_folds_alike(chain, &world);
    let asked = m::RequestApproval {
        request: Blob::new(first.encode()).unwrap(),
    };
    let failure = order(&mut chain, &world, Request::RequestApproval(asked)).unwrap_err();
    assert_eq!(failure.code, Code::PolicyStateConflict);
    let approve = m::Approve {
        request: first.digest(),
        signature: Blob::new(sign_request(&first).encode().unwrap()).unwrap(),
    };
    let failure = order(&mut chain, &world, Request::Approve(approve)).unwrap_err();
    assert_eq!(failure.code, Code::NotFound);
    assert_ne!(content(&chain, PolicyAction::Activate, &one), wanted);
}

#[test]
fn a_manifest_that_does_not_count_is_refused_whatever_is_approved() {
    let mut world = World::new(34);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    let good = manifest(1);
    let elsewhere = Manifest {
        environment: name("production"),
        ..good.manifest.clone()
    };
    for (what, bad) in [
        ("unknown key", signed(good.manifest.clone(), "mallory", 8)),
        ("key of seals", signed(good.manifest.clone(), "seal-1", 1)),
        ("another environment", signed(elsewhere, "policy-1", 14)),
        (
            "another signature",
            SignedManifest {
                signature: manifest(2).signature.clone(),
                ..(*good).clone()
            },
        ),
    ] {
        let bad = Arc::new(bad);
        let wanted = content(&chain, PolicyAction::Activate, &bad);
        ask_and_approve(&mut chain, &world, wanted);
        let failure = carry_out(&mut chain, &world, PolicyAction::Activate, &bad).unwrap_err();
        assert_eq!(failure.code, Code::PolicyRefused, "{what}: {failure}");
    }
    do_change(
        &mut chain,
        &world,
        change(m::SignerAction::Revoke, "policy-1"),
    )
    .unwrap();
    let failure = carry_out(&mut chain, &world, PolicyAction::Activate, &good).unwrap_err();
    assert_eq!(failure.code, Code::PolicyRefused);
    assert!(failure.message.contains("revoked"), "{failure}");
}

/// The row that tells of a policy is not lost with the key that was to sign it.
#[test]
fn a_policy_whose_row_is_given_up_is_told_of_again() {
    let mut world = World::new(35);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    rotate(&mut chain, &mut world);
    world.settle(&mut chain);
    let one = manifest(1);
    let given_up = activate(&mut chain, &world, &one);
    let revoked = do_change(
        &mut chain,
        &world,
        change(m::SignerAction::Revoke, "seal-2"),
    )
    .unwrap();
    assert!(revoked <= given_up);
    let in_force_now = in_force(&chain).0;
    assert_eq!(in_force_now, [one.digest()]);
    world.settle(&mut chain);
    let signed = chain.approvals.signed.clone();
    let trusted = signed.verify(signed.keyring.approvers()).unwrap();
    let rows = world.verify(&chain, &trusted);
    let told = rows.iter().filter(|row| {
        row.payload().content.kind() == "policy_activated" && row.signer_kid() == &kid("seal-1")
    });
    assert_eq!(told.count(), 1);
    assert_folds_alike(chain, &world);
}

#[test]
fn breakers_are_told_of() {
    let mut world = World::new(36);
    let mut chain = world.start().unwrap();
    let record = BreakerRecord {
        changes: 3,
        component: Digest::of(b"component"),
        name: name("limits"),
        state: BreakerState::Opened,
        tenant: Some(name("acme")),
    };
    let row = chain.tell_breaker(&record, [8; 16], world.now).unwrap();
    world.settle(&mut chain);
    let chain = assert_folds_alike(chain, &world);
    let body = chain.log.reader().body(row).unwrap().unwrap();
    assert_eq!(BreakerRecord::decode(&body.bytes), Ok(record));
}
