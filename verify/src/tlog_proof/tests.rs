use super::*;
use crate::consistency::tests::world::{OF_TEXT, World, mutations};

fn proof_of(world: &mut World, index: u64, size: u64) -> TlogProof {
    let note = world.note(size);
    TlogProof::build(&mut world.tree, index, size, note).unwrap()
}

#[test]
fn every_event_of_a_log_is_proven() {
    let mut world = World::new(21);
    for size in [1, 2, 16, 21] {
        for index in 0..size {
            let proof = proof_of(&mut world, index, size);
            let text = proof.encode();
            assert_eq!(TlogProof::decode(&text).as_ref(), Ok(&proof));
            let record = &world.records[index as usize];
            let (event, checkpoint) = proof.verify(record, &world.keyring).unwrap();
            assert_eq!((event.seq().0, checkpoint.size), (index, size));
            let other = &world.records[(index as usize + 1) % 21];
            assert!(proof.verify(other, &world.keyring).is_err());
        }
    }
    let note = world.note(21);
    let outside = TlogProof::build(&mut world.tree, 21, 21, note);
    assert_eq!(outside, Err(ProofError::OutOfTree));
}

#[test]
fn every_altered_byte_is_refused() {
    let mut world = World::new(21);
    let text = proof_of(&mut world, 12, 21).encode();
    let record = world.records[12].clone();
    for altered in mutations(text.as_bytes(), OF_TEXT) {
        let verdict = String::from_utf8(altered)
            .map_err(|_| TlogProofError::Text)
            .and_then(|text| TlogProof::decode(&text))
            .and_then(|proof| proof.verify(&record, &world.keyring));
        assert!(verdict.is_err());
    }
    let proof = TlogProof::decode(&text).unwrap();
    for altered in mutations(&record, &[1, 0x80]) {
        assert!(proof.verify(&altered, &world.keyring).is_err());
    }
}

#[test]
fn text_has_one_form() {
    let mut world = World::new(21);
    let text = proof_of(&mut world, 12, 21).encode();
    let cases = [
        text.replace("@v1\n", "@v1\nextra AA==\n"),
        text.replace("index 12", "index 012"),
        text.replace("index 12", "index  12"),
        text.replace('\n', "\r\n"),
        text.replacen("\n\n", "\n", 1),
        text.replacen("\n\n", "\n\n\n", 1),
        format!(" {text}"),
    ];
    for text in cases {
        let verdict = TlogProof::decode(&text)
            .and_then(|proof| proof.verify(&world.records[12], &world.keyring));
        assert!(verdict.is_err(), "{text}");
    }
}

/// About 1.1 kB for a log of a million.
#[test]
fn a_proof_is_small() {
    let mut world = World::new(1);
    let proof = TlogProof {
        index: 999_999,
        path: vec![Digest::ZERO; 20],
        checkpoint: world.note(1),
    };
    assert!(proof.encode().len() < 1_250, "{}", proof.encode().len());
}
