use super::*;
use crate::hex;

fn leaf() -> HeadLeaf {
    HeadLeaf {
        salt: [0x5a; 16],
        book: BookId(3),
        size: 0x0102_0304,
        height: Height(9),
        root: Digest([0xaa; 32]),
        block_hash: Digest([0xbb; 32]),
    }
}

#[test]
fn a_head_has_these_bytes() {
    let expected = [
        "4801",
        &"5a".repeat(16),
        "03000000",
        "0403020100000000",
        "0900000000000000",
        &"aa".repeat(32),
        &"bb".repeat(32),
    ];
    let bytes = leaf().encode();
    assert_eq!(hex::encode(&bytes), expected.concat());
    assert_eq!(leaf().hash(), Digest::of_parts(&[&[0], &bytes]));
    let mut r = Reader::new(&bytes);
    assert_eq!(HeadLeaf::decode(&mut r), Ok(leaf()));
    assert!(r.rest().is_empty());
}

#[test]
fn other_bytes_are_refused() {
    let mut bytes = leaf().encode();
    bytes[1] = 2;
    let error = DecodeError::UnknownVersion(2);
    assert_eq!(HeadLeaf::decode(&mut Reader::new(&bytes)), Err(error));
    bytes[0] = b'I';
    let error = DecodeError::UnknownKind(b'I');
    assert_eq!(HeadLeaf::decode(&mut Reader::new(&bytes)), Err(error));
    bytes[..2].copy_from_slice(&[b'H', 1]);
    assert!(HeadLeaf::decode(&mut Reader::new(&bytes[..101])).is_err());
}

#[test]
fn salts_differ_by_secret_book_and_size() {
    let expected = Digest::of_parts(&[
        b"ledgerd/head-salt/v1",
        &[7; 32],
        &3u32.to_le_bytes(),
        &5u64.to_le_bytes(),
    ]);
    let salts = [
        salt(&[7; 32], BookId(3), 5),
        salt(&[8; 32], BookId(3), 5),
        salt(&[7; 32], BookId(4), 5),
        salt(&[7; 32], BookId(3), 6),
    ];
    assert_eq!(salts[0], expected.0[..16]);
    for (at, salt) in salts.iter().enumerate() {
        assert!(!salts[at + 1..].contains(salt));
    }
}
