use verify::Usage;
use verify::checkpoint::Checkpoint;
use verify::consistency::AddCheckpoint;
use verify::tlog_proof::TlogProof;

use super::key::{Key, keyring};
use super::log::Log;
use super::scratch::{Scratch, altered, altered_in};
use super::tool::{Verdict, node, npm, python};

/// What `@sigstore/verify` of npm and `sigstore` of PyPI say about a checkpoint.
fn notes(key: &Key, note: &[u8]) -> [Verdict; 2] {
    let scratch = Scratch::new();
    let (pem, note, npm) = (key.pem(), scratch.write("note", note), npm());
    let words = [("key", &pem), ("note", &note)];
    [
        node("note-verify.mjs", &[("modules", &npm), words[0], words[1]]),
        python("note-verify.py", &words),
    ]
}

/// What they, and `pymerkle`, say about the proof that a record stands in a log.
fn proofs(key: &Key, proof: &[u8], record: &[u8]) -> [Verdict; 2] {
    let scratch = Scratch::new();
    let (pem, npm) = (key.pem(), npm());
    let (proof, record) = (
        scratch.write("proof", proof),
        scratch.write("record", record),
    );
    let words = [("key", &pem), ("proof", &proof), ("record", &record)];
    let with_npm = [("modules", &npm), words[0], words[1], words[2]];
    [
        node("note-verify.mjs", &with_npm),
        python("note-verify.py", &words),
    ]
}

#[test]
fn checkpoints_are_accepted_by_others_until_a_byte_is_altered() {
    let keys = Key::one_of_each();
    let keyring = keyring(&keys, Usage::Checkpoint);
    for key in keys {
        let note = Log::new(11).checkpoint(11, &key);
        assert_eq!(Checkpoint::verify(&note, &keyring).unwrap().size, 11);
        let note = note.as_bytes();
        for verdict in notes(&key, note) {
            let said = verdict.accepted();
            assert_eq!(said, "checkpoint of example/dev/1/7 at 11 verified");
        }
        // The size, the root, the name of the key, the signature.
        let altered = [
            altered_in(note, "11\n"),
            altered(note, "example/dev/1/7\n11\n".len() + 3),
            altered_in(note, " example/dev/1/7 "),
            altered(note, note.len() - 60),
        ];
        for note in &altered {
            for verdict in notes(&key, note) {
                verdict.refused();
            }
        }
    }
    let [key, stranger] = [Key::ed25519(), Key::ed25519()];
    let note = Log::new(11).checkpoint(11, &key);
    for verdict in notes(&stranger, note.as_bytes()) {
        verdict.refused();
    }
}

#[test]
fn inclusion_is_accepted_by_others_until_a_byte_is_altered() {
    let key = Key::ed25519();
    let mut log = Log::new(300);
    for (index, size) in [(0, 1), (128, 300), (299, 300)] {
        let note = log.checkpoint(size, &key);
        let proof = TlogProof::build(&mut log.tree, index, size, note).unwrap();
        let record = &log.records[index as usize];
        let text = proof.encode();
        for verdict in proofs(&key, text.as_bytes(), record) {
            let said = verdict.accepted();
            assert!(said.starts_with(&format!("leaf {index} of")), "{said}");
        }
        for verdict in proofs(&key, text.as_bytes(), &altered(record, 5)) {
            verdict.refused();
        }
        let Some(step) = proof.path.first() else {
            continue;
        };
        let step = verify::base64::encode(&step.0);
        for verdict in proofs(&key, &altered_in(text.as_bytes(), &step), record) {
            verdict.refused();
        }
        let moved = format!("index {}\n", index ^ 1);
        let moved = text.replace(&format!("index {index}\n"), &moved);
        for verdict in proofs(&key, moved.as_bytes(), record) {
            verdict.refused();
        }
    }
}

/// The path is checked as in RFC 9162; the roots are those that `pymerkle` finds for the records.
#[test]
fn consistency_is_accepted_by_a_script_from_the_page_until_a_byte_is_altered() {
    let key = Key::ed25519();
    let mut log = Log::new(300);
    let scratch = Scratch::new();
    let (pem, npm) = (key.pem(), npm());
    for (old, new) in [(1, 2), (64, 300), (255, 256), (255, 300), (300, 300)] {
        let note = log.checkpoint(new, &key);
        let proof = AddCheckpoint::build(&mut log.tree, old, new, note).unwrap();
        let verify = |root: &str, text: &[u8]| {
            let file = scratch.write("proof", text);
            let words = [
                ("modules", npm.to_str().unwrap()),
                ("key", pem.to_str().unwrap()),
                ("root", root),
                ("proof", file.to_str().unwrap()),
            ];
            node("consistency-verify.mjs", &words)
        };
        let (root, text) = (log.root(old).to_string(), proof.encode());
        verify(&root, text.as_bytes()).accepted();
        let another = log.root(old - 1).to_string();
        verify(&another, text.as_bytes()).refused();
        if let Some(step) = proof.path.last() {
            let step = verify::base64::encode(&step.0);
            verify(&root, &altered_in(text.as_bytes(), &step)).refused();
        }
    }
}

#[test]
fn roots_are_those_that_others_find() {
    let mut log = Log::new(300);
    let scratch = Scratch::new();
    let line = |record: &Vec<u8>| format!("{}\n", verify::hex::encode(record));
    let lines: String = log.records.iter().map(line).collect();
    let records = scratch.write("records", lines);
    let sizes = [1, 2, 3, 64, 255, 256, 257, 300];
    let roots = sizes.map(|size| log.root(size).to_string());
    let sizes = sizes.map(|size| size.to_string()).join(",");
    let words = [("records", records.to_str().unwrap()), ("sizes", &sizes)];
    assert_eq!(python("tree-root.py", &words).accepted(), roots.join("\n"));
}
