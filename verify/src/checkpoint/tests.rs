use ledger::BookId;

use super::*;
use crate::consistency::tests::world::{self, OF_TEXT, TestKey, World, mutations};

fn verdict(note: &[u8], keyring: &Keyring) -> Result<Checkpoint, CheckpointError> {
    let note = std::str::from_utf8(note).map_err(|_| CheckpointError::Text)?;
    Checkpoint::verify(note, keyring)
}

#[test]
fn a_checkpoint_is_three_lines_and_a_signature() {
    let mut world = World::new(20);
    let note = world.note(17);
    let found = Checkpoint::verify(&note, &world.keyring).unwrap();
    assert_eq!((found.size, found.root), (17, world.root(17)));
    assert_eq!(
        found.origin.to_string(),
        "ledger.example.com/production/1/7"
    );
    assert_eq!(Checkpoint::claimed(&note), Ok(found.clone()));
    let root = base64::encode(&found.root.0);
    let start = format!("{}\n17\n{root}\n\n\u{2014} {0} ", found.origin);
    assert!(note.starts_with(&start), "{note}");
    assert!(note.len() < 260, "{} bytes", note.len());
    for altered in mutations(note.as_bytes(), OF_TEXT) {
        assert!(verdict(&altered, &world.keyring).is_err());
    }
}

/// The vector of the specification, which is of another log.
#[test]
fn numbers_of_keys_are_those_of_the_specification() {
    let vkey = base64::decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
    let key = PublicKey::from_ed25519(vkey[1..].try_into().unwrap()).unwrap();
    assert_eq!(
        note_key_id("example.com/foo", &key),
        [0x53, 0x0d, 0x90, 0x3a]
    );
}

#[test]
fn signatures_of_others_are_passed_over() {
    let mut world = World::new(20);
    let note = world.note(17);
    let checkpoint = Checkpoint::claimed(&note).unwrap();
    let name = checkpoint.origin.to_string();
    let witness = TestKey::new("witness");
    let line = |name: &str, key: &PublicKey, signature: Vec<u8>| {
        let mut line = String::new();
        NoteSignature {
            name,
            id: note_key_id(name, key),
            signature,
        }
        .write(&mut line);
        line
    };
    let good = world.checkpoint.sign(checkpoint.text().as_bytes());
    let of_witness = line("witness.example", &witness.public, vec![1; 2_420]);
    let known = &world.checkpoint.public;
    let cases = [
        (of_witness.clone(), true),
        (line(&name, &witness.public, vec![1; 64]), true),
        (line("another.name", known, good.as_bytes().to_vec()), true),
        (line(&name, known, good.as_bytes().to_vec()), true),
        (line(&name, known, vec![1; 64]), false),
        (line(&name, known, vec![1; 2_420]), false),
        (of_witness.repeat(15), true),
        (of_witness.repeat(16), false),
        (of_witness.replace("witness.example", "a+b"), false),
        (of_witness.replace('\u{2014}', "-"), false),
        (of_witness.replace('\n', "\t\n"), false),
        ("\n".to_owned(), false),
    ];
    for (more, holds) in cases {
        let note = format!("{note}{more}");
        let verdict = Checkpoint::verify(&note, &world.keyring);
        assert_eq!(verdict.is_ok(), holds, "{more}");
    }
    let only_others = format!("{}\n{of_witness}", checkpoint.text());
    let verdict = Checkpoint::verify(&only_others, &world.keyring);
    assert_eq!(verdict, Err(CheckpointError::NoKnownKey));
}

#[test]
fn only_keys_for_checkpoints_count_and_none_that_are_revoked() {
    let mut world = World::new(20);
    let note = world.note(17);
    let kid = world.checkpoint.kid.clone();
    let holds = |keyring: &Keyring| Checkpoint::verify(&note, keyring).is_ok();
    let keyring = &world.keyring;
    let retiring = keyring.with_retiring(&kid).unwrap();
    let retired = retiring.with_retired(&kid, 9).unwrap();
    assert!(holds(&retiring) && holds(&retired));
    let trusted = world.sealed(19).row.head();
    let revoked = world.keyring.with_revoked(&kid, trusted).unwrap();
    assert!(!holds(&revoked));
    for usage in [Usage::Seal, Usage::Bundle] {
        assert!(!holds(&world::keyring(&[(&world.checkpoint, usage)])));
    }
    let strangers = World::new(0);
    assert!(!holds(&strangers.keyring));
}

#[test]
fn text_other_than_origin_size_and_root_is_refused() {
    let mut world = World::new(20);
    let good = Checkpoint::claimed(&world.note(17)).unwrap();
    let text = good.text();
    let cases = [
        text.clone(),
        text.replace("17\n", "017\n"),
        text.replace("17\n", "+17\n"),
        text.replace("17\n", "\n"),
        text.replace("/7\n", "/07\n"),
        text.replace("/7\n", "/4294967296\n"),
        text.replace("/7\n", "/7/8\n"),
        text.replace("production", "Production"),
        text.replace("production", "staging"),
        text.replace("=\n", "\n"),
        format!("{text}extension\n"),
        text.replacen('\n', "\n\n", 1),
    ];
    for (at, text) in cases.into_iter().enumerate() {
        let name = text.split('\n').next().unwrap();
        let mut note = format!("{text}\n");
        NoteSignature {
            name,
            id: note_key_id(name, &world.checkpoint.public),
            signature: world.checkpoint.sign(text.as_bytes()).as_bytes().to_vec(),
        }
        .write(&mut note);
        let verdict = Checkpoint::verify(&note, &world.keyring);
        assert_eq!(verdict.is_ok(), at == 0, "{text}");
    }
}

#[test]
fn origins_have_one_spelling() {
    for name in ["a/b/1/2", "ledger.example.com/production/0/4294967295"] {
        let origin = LogOrigin::parse(name).unwrap();
        assert_eq!(origin.to_string(), name);
    }
    let origin = LogOrigin::parse("a/b/3/4").unwrap();
    assert_eq!((origin.origin.epoch, origin.book), (3, BookId(4)));
    for name in [
        "",
        "a/b/1",
        "a/b/1/2/",
        "/b/1/2",
        "a b/b/1/2",
        "a+/b/1/2",
        "a/b/-1/2",
    ] {
        assert_eq!(LogOrigin::parse(name), None, "{name}");
    }
}
