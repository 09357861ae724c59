use super::*;
use crate::fixture::{Chain, TestKey, keyring, kid, mutations, receipt, seal};
use crate::keyring::{KeyFault, RowFault};
use crate::sealed_head::SealedHeadError;

#[test]
fn every_event_of_a_book_has_a_receipt() {
    let mut chain = Chain::new();
    let key = TestKey::new("seal-1");
    for size in [1, 2, 3, 7, 8, 33] {
        for seq in 0..size {
            let receipt = receipt(&mut chain, &key, seq, size);
            assert_eq!(Receipt::decode(&receipt.encode()).as_ref(), Ok(&receipt));
            let verified = receipt.verify(&keyring()).unwrap();
            let expected = Verified {
                book: BookId(3),
                seq: Seq(seq),
                event: Event::decode(&receipt.record).unwrap(),
                size,
                root: receipt.sealed.head.root,
                origin: chain.origin.clone(),
                seal: chain.head(),
                sealed_at: chain.rows.last().unwrap().created_at(),
                kid: kid("seal-1"),
            };
            assert_eq!(verified, expected);
        }
    }
}

/// No byte of a receipt can be another one.
#[test]
fn every_changed_byte_is_refused() {
    let bytes = receipt(&mut Chain::of_seals(2), &TestKey::new("seal-1"), 3, 9).encode();
    assert!(Receipt::decode(&bytes).unwrap().verify(&keyring()).is_ok());
    for (at, changed) in mutations(&bytes) {
        let receipt = Receipt::decode(&changed);
        let accepted = receipt.is_ok_and(|receipt| receipt.verify(&keyring()).is_ok());
        assert!(!accepted, "byte {at} of {}", bytes.len());
    }
}

#[test]
fn other_lengths_are_refused() {
    let bytes = receipt(&mut Chain::of_seals(2), &TestKey::new("seal-1"), 3, 9).encode();
    for length in 0..bytes.len() {
        assert!(Receipt::decode(&bytes[..length]).is_err(), "{length} bytes");
    }
    let long = [&bytes[..], &[0]].concat();
    assert_eq!(Receipt::decode(&long), Err(DecodeError::TrailingBytes(1)));
}

#[test]
fn an_event_stands_where_it_says() {
    let mut chain = Chain::new();
    let key = TestKey::new("seal-1");
    let right = receipt(&mut chain, &key, 3, 9);
    let mut wrong = right.clone();
    wrong.seq = Seq(4);
    let error = ReceiptError::Seq {
        says: Seq(3),
        stands: Seq(4),
    };
    assert_eq!(wrong.verify(&keyring()), Err(error));
    let mut wrong = right.clone();
    wrong.record = receipt(&mut chain, &key, 4, 9).record;
    wrong.seq = Seq(4);
    assert_eq!(wrong.verify(&keyring()), Err(ReceiptError::Path));
    let mut wrong = right;
    wrong.path.pop();
    assert_eq!(wrong.verify(&keyring()), Err(ReceiptError::Path));
}

/// Of a revoked key, only the trusted head and what leads to it count.
#[test]
fn receipts_of_a_revoked_key_need_rows() {
    let mut chain = Chain::of_seals(3);
    let key = TestKey::new("seal-1");
    let receipt = receipt(&mut chain, &key, 3, 9);
    for at in 0..4 {
        chain.push(&key, seal(at, Digest::of(b"later")));
    }
    let revoked_at = |seq: usize| {
        let trusted = chain.rows[seq - 1].head();
        keyring().with_revoked(&kid("seal-1"), trusted).unwrap()
    };
    let refused = |seq: usize| {
        let trusted = chain.rows[seq - 1].head();
        let kid = kid("seal-1");
        let fault = KeyFault::Revoked {
            kid,
            seq: 4,
            trusted,
        };
        Err(ReceiptError::Head(SealedHeadError::Row(RowFault::Key(
            fault,
        ))))
    };
    let rows = &chain.rows;
    // The seal is row 4. It lies beyond row 3, is row 4 itself, and leads to row 7.
    for (trusted, ancestry, counts) in [
        (3, &rows[..0], false),
        (3, &rows[4..], false),
        (4, &rows[..0], true),
        (7, &rows[..0], false),
        (7, &rows[4..7], true),
        (7, &rows[4..8], true),
        (7, &rows[4..6], false),
        (7, &rows[5..7], false),
        (7, &rows[3..7], false),
    ] {
        let verified = receipt.verify_with(&revoked_at(trusted), ancestry);
        if counts {
            assert!(verified.is_ok(), "trusted to {trusted}");
        } else {
            assert_eq!(verified, refused(trusted));
        }
    }
    // A fork with the trusted number and another digest is not the trusted head.
    let trusted = ChainHead {
        seq: 4,
        digest: Digest::of(b"fork"),
    };
    let keyring = keyring().with_revoked(&kid("seal-1"), trusted).unwrap();
    assert!(receipt.verify_with(&keyring, &rows[4..]).is_err());
}
