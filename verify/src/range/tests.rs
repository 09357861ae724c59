use ledger::Digest;
use ledger::proof::ProofError;

use super::*;
use crate::consistency::tests::world::{EVERY_BIT, World, mutations};

fn proof_of(world: &mut World, range: Range<u64>, size: u64) -> RangeProof {
    let sealed = world.sealed(size);
    RangeProof::build(&mut world.tree, range, sealed).unwrap()
}

/// The verdict on `events`, which arrive in pieces of `piece` bytes.
fn check(proof: &RangeProof, world: &World, events: &[u8], piece: usize) -> Result<(), RangeError> {
    let mut verifier = proof.verify(&world.keyring)?.events();
    for chunk in events.chunks(piece) {
        verifier.push(chunk)?;
    }
    verifier.finish()
}

#[test]
fn ranges_hold_with_their_events_and_without() {
    let mut world = World::new(41);
    for (lo, hi, size) in [
        (0, 0, 0),
        (0, 0, 1),
        (0, 1, 1),
        (0, 41, 41),
        (5, 5, 41),
        (41, 41, 41),
        (5, 6, 41),
        (3, 40, 41),
        (8, 16, 33),
        (1, 31, 32),
    ] {
        let proof = proof_of(&mut world, lo..hi, size);
        let bytes = proof.encode();
        assert_eq!(RangeProof::decode(&bytes).as_ref(), Ok(&proof));
        let found = proof.verify(&world.keyring).unwrap();
        let (before, after) = (found.before, found.after);
        let events = world.bytes(lo as usize, hi as usize);
        for piece in [1, 7, 175, 176, 177, 10_000] {
            let verdict = check(&proof, &world, &events, piece);
            assert_eq!(verdict, Ok(()), "{lo}..{hi} of {size} by {piece}");
        }
        assert_eq!((before, after), (world.root(lo), world.root(hi)));
    }
    let sealed = world.sealed(20);
    let outside = RangeProof::build(&mut world.tree, 3..21, sealed);
    assert_eq!(outside, Err(ProofError::OutOfTree));
}

#[test]
fn every_altered_byte_is_refused() {
    let mut world = World::new(41);
    let holds = |world: &World, bytes: &[u8]| {
        RangeProof::decode(bytes).is_ok_and(|proof| proof.verify(&world.keyring).is_ok())
    };
    // The hashes of some of these fit other bounds too.
    for (range, size) in [(11..30, 37), (0..41, 41), (3..3, 8), (38..39, 40)] {
        let bytes = proof_of(&mut world, range, size).encode();
        assert!(holds(&world, &bytes));
        for altered in mutations(&bytes, EVERY_BIT) {
            assert!(!holds(&world, &altered));
        }
    }
    let proof = proof_of(&mut world, 11..30, 37);
    let events = world.bytes(11, 30);
    for altered in mutations(&events, &[1, 0x80]) {
        assert!(check(&proof, &world, &altered, 1_000).is_err());
    }
}

#[test]
fn events_out_of_place_are_found_where_they_are() {
    let mut world = World::new(41);
    let proof = proof_of(&mut world, 11..30, 37);
    let part = |lo, hi| world.bytes(lo, hi);
    let verdict = |events: &[u8]| check(&proof, &world, events, 500);
    let fewer = verdict(&part(11, 29));
    assert_eq!(fewer, Err(RangeError::Missing { from: 29, hi: 30 }));
    let none = verdict(&[]);
    assert_eq!(none, Err(RangeError::Missing { from: 11, hi: 30 }));
    let more = verdict(&part(11, 31));
    assert_eq!(more, Err(RangeError::TooMany { hi: 30 }));
    let dropped = verdict(&[part(11, 20), part(21, 30)].concat());
    let expected = RangeError::Sequence {
        expected: 20,
        found: 21,
    };
    assert_eq!(dropped, Err(expected));
    let mut altered = part(11, 30);
    let at = part(11, 20).len() + 120;
    altered[at] ^= 1;
    let expected = RangeError::Events { first: 16, end: 24 };
    assert_eq!(verdict(&altered), Err(expected));
    let cut = verdict(&part(11, 30)[..part(11, 30).len() - 1]);
    assert_eq!(cut, Err(RangeError::Missing { from: 29, hi: 30 }));
    let unknown = verdict(&[part(11, 20), vec![0]].concat());
    assert!(matches!(unknown, Err(RangeError::Record { seq: 20, .. })));
}

#[test]
fn hashes_of_another_log_are_refused() {
    let mut world = World::new(41);
    let mut proof = proof_of(&mut world, 11..30, 37);
    let mut head = world.head(37);
    head.root = Digest::ZERO;
    proof.sealed = world.sealed_head(head);
    let verdict = proof.verify(&world.keyring).map(|_| ());
    assert_eq!(verdict, Err(RangeError::Root));
}
