use std::fs;

use ledger::Digest;
use verify::{Kid, Signature};

use super::{Anchor, AnchorError, DirAnchor};

fn anchor(epoch: u64, seq: u64) -> Anchor {
    Anchor {
        origin: "bank/production".to_owned(),
        epoch,
        seq,
        digest: Digest::of(&seq.to_le_bytes()),
        signature: Signature::new(vec![7; 64]).unwrap(),
        signer_kid: Kid::new("seal-1").unwrap(),
    }
}

#[test]
fn it_goes_on_and_never_back() {
    let dir = tempfile::tempdir().unwrap();
    let anchors = DirAnchor::open(dir.path().join("anchors")).unwrap();
    assert_eq!(anchors.read("bank/production").unwrap(), None);
    anchors.advance(&anchor(1, 5)).unwrap();
    anchors.advance(&anchor(1, 5)).unwrap();
    anchors.advance(&anchor(1, 9)).unwrap();
    let again = DirAnchor::open(anchors.path()).unwrap();
    assert_eq!(again.read("bank/production").unwrap(), Some(anchor(1, 9)));
    let refused = again.advance(&anchor(1, 8));
    assert!(matches!(refused, Err(AnchorError::Behind { .. })));
    let other = Anchor {
        digest: Digest::ZERO,
        ..anchor(1, 9)
    };
    let refused = again.advance(&other);
    assert!(matches!(refused, Err(AnchorError::Forked { at: (1, 9) })));
    // A recovery gives up rows, in an epoch of its own.
    again.advance(&anchor(2, 4)).unwrap();
    assert_eq!(again.read("bank/production").unwrap(), Some(anchor(2, 4)));
    assert!(again.advance(&anchor(1, 10)).is_err());
}

#[test]
fn origins_have_files_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let anchors = DirAnchor::open(dir.path()).unwrap();
    let origins = ["a/b", "a%2fb", "../a/b", "a", "A", ""];
    for (seq, origin) in (1..).zip(origins) {
        let origin = origin.to_owned();
        anchors
            .advance(&Anchor {
                origin,
                ..anchor(1, seq)
            })
            .unwrap();
    }
    for (seq, origin) in (1..).zip(origins) {
        assert_eq!(anchors.read(origin).unwrap().unwrap().seq, seq, "{origin}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), origins.len());
}

#[test]
fn damage_is_told_with_its_file() {
    let dir = tempfile::tempdir().unwrap();
    let anchors = DirAnchor::open(dir.path()).unwrap();
    anchors.advance(&anchor(1, 5)).unwrap();
    let file = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap();
    let whole = fs::read_to_string(file.path()).unwrap();
    let damaged = [
        String::new(),
        whole.replace("\"v\":1", "\"v\":2"),
        whole.replace("\"kind\":\"anchor\"", "\"kind\":\"receipt\""),
        whole.replace("bank/production", "bank/test"),
        whole.replace("\"seq\":5", "\"seq\":5,\"more\":1"),
        whole[..whole.len() / 2].to_owned(),
    ];
    for text in damaged {
        assert_ne!(text, whole);
        fs::write(file.path(), &text).unwrap();
        let error = anchors.read("bank/production").unwrap_err();
        assert!(matches!(error, AnchorError::Damaged { .. }), "{text}");
        let name = file.file_name().into_string().unwrap();
        assert!(error.to_string().contains(&name), "{error}");
        assert!(anchors.advance(&anchor(1, 6)).is_err(), "{text}");
    }
}

#[test]
fn what_a_crash_left_is_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let anchors = DirAnchor::open(dir.path()).unwrap();
    anchors.advance(&anchor(1, 5)).unwrap();
    let file = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap();
    fs::write(file.path().with_extension("next"), "{\"digest\":\"").unwrap();
    assert_eq!(anchors.read("bank/production").unwrap(), Some(anchor(1, 5)));
    anchors.advance(&anchor(1, 6)).unwrap();
    assert_eq!(anchors.read("bank/production").unwrap(), Some(anchor(1, 6)));
}
