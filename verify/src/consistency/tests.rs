pub(crate) mod world;

use ledger::proof::ProofError;
use ledger::{BookId, Digest, Height};

use super::*;
use crate::chain_head::ChainHead;
use crate::key::Usage;
use world::{EVERY_BIT, OF_TEXT, World, mutations};

fn proof_of(world: &mut World, old: u64, new: u64) -> ConsistencyProof {
    let (old, new) = (world.sealed(old), world.sealed(new));
    ConsistencyProof::build(&mut world.tree, old, new).unwrap()
}

fn holds(bytes: &[u8], world: &World) -> bool {
    ConsistencyProof::decode(bytes).is_ok_and(|proof| proof.verify(&world.keyring).is_ok())
}

#[test]
fn a_log_begins_with_what_it_was() {
    let mut world = World::new(40);
    for new in [0, 1, 2, 7, 8, 33, 40] {
        for old in 0..=new {
            let proof = proof_of(&mut world, old, new);
            let bytes = proof.encode();
            assert_eq!(ConsistencyProof::decode(&bytes).as_ref(), Ok(&proof));
            assert_eq!(proof.verify(&world.keyring), Ok(()), "{old} to {new}");
        }
    }
    let (old, new) = (world.sealed(9), world.sealed(8));
    let shrunk = ConsistencyProof::build(&mut world.tree, old, new);
    assert_eq!(shrunk, Err(ProofError::OutOfTree));
}

#[test]
fn every_altered_byte_is_refused() {
    let mut world = World::new(40);
    let bytes = proof_of(&mut world, 21, 37).encode();
    assert!(holds(&bytes, &world));
    for altered in mutations(&bytes, EVERY_BIT) {
        assert!(!holds(&altered, &world));
    }
}

#[test]
fn a_log_that_was_rewritten_is_refused() {
    let mut world = World::new(40);
    let mut other = World::new(40);
    let honest = proof_of(&mut world, 21, 37);
    let mut head = world.head(37);
    head.root = Digest::of(b"another history");
    let rewritten = ConsistencyProof {
        new: world.sealed_head(head),
        ..honest.clone()
    };
    let verdict = rewritten.verify(&world.keyring);
    assert_eq!(verdict, Err(ConsistencyError::Path));

    let mut head = world.head(37);
    head.book = BookId(8);
    let moved = ConsistencyProof {
        new: world.sealed_head(head),
        ..honest.clone()
    };
    let verdict = moved.verify(&world.keyring);
    assert_eq!(verdict, Err(ConsistencyError::OtherLog));

    let mut head = world.head(37);
    head.height = Height(0);
    let lower = ConsistencyProof {
        new: world.sealed_head(head),
        ..honest
    };
    let verdict = lower.verify(&world.keyring);
    assert_eq!(verdict, Err(ConsistencyError::Order));

    let foreign = proof_of(&mut other, 21, 37);
    let verdict = foreign.verify(&world.keyring);
    assert!(matches!(verdict, Err(ConsistencyError::Head(_))));
}

#[test]
fn seals_of_a_revoked_key_need_the_rows_that_lead_to_the_trusted_head() {
    let mut world = World::new(40);
    let proof = proof_of(&mut world, 21, 37);
    let trusted = proof.new.row.head();
    let revoked = |head| world.keyring.with_revoked(&world.seal.kid, head).unwrap();
    // The trusted head is the later seal itself; the earlier one is not shown to lead to it.
    let verdict = proof.verify(&revoked(trusted));
    assert!(matches!(verdict, Err(ConsistencyError::Head(_))));
    let same = ConsistencyProof {
        old: proof.new.clone(),
        new: proof.new,
        path: Vec::new(),
    };
    assert_eq!(same.verify(&revoked(trusted)), Ok(()));
    let verdict = same.verify(&revoked(ChainHead::NONE));
    assert!(matches!(verdict, Err(ConsistencyError::Head(_))));
}

#[test]
fn the_text_is_what_witnesses_read() {
    let mut world = World::new(40);
    let keyring = world.keyring.clone();
    for (old, new) in [(0, 37), (21, 37), (32, 37), (37, 37)] {
        let old_root = world.root(old);
        let note = world.note(new);
        let proof = AddCheckpoint::build(&mut world.tree, old, new, note.clone()).unwrap();
        let text = proof.encode();
        assert!(text.starts_with(&format!("old {old}\n")));
        assert!(text.ends_with(&format!("\n\n{note}")) || old == 0 || old == new);
        assert_eq!(AddCheckpoint::decode(&text).as_ref(), Ok(&proof));
        let found = proof.verify((old, &old_root), &keyring).unwrap();
        assert_eq!((found.size, found.root), (new, world.root(new)));
        for altered in mutations(text.as_bytes(), OF_TEXT) {
            let verdict = String::from_utf8(altered)
                .map_err(|_| ConsistencyError::Text)
                .and_then(|text| AddCheckpoint::decode(&text))
                .and_then(|proof| proof.verify((old, &old_root), &keyring));
            assert!(verdict.is_err());
        }
    }
    let note = world.note(37);
    let proof = AddCheckpoint::build(&mut world.tree, 21, 37, note).unwrap();
    let verdict = proof.verify((20, &world.root(20)), &keyring);
    assert!(matches!(verdict, Err(ConsistencyError::OldSize { .. })));
    let verdict = proof.verify((21, &Digest::ZERO), &keyring);
    assert_eq!(verdict, Err(ConsistencyError::Path));
    let strangers = world::keyring(&[(&world.seal, Usage::Seal)]);
    let verdict = proof.verify((21, &world.root(21)), &strangers);
    assert!(matches!(verdict, Err(ConsistencyError::Checkpoint(_))));
}
