use std::path::Path;

use ledger::proof::inclusion;
use ledger::{BookId, Digest, Height, Seq, merkle};
use verify::range::RangeProof;
use verify::{HeadLeaf, HeadsTree, Receipt, SealedHead, Usage};

use super::key::{Key, keyring};
use super::log::Log;
use super::rows::{Files, row, sealing};
use super::scratch::altered;
use super::tool::{Verdict, node};

const BOOKS: u32 = 6;

/// The head of the log at `size`, at `position` among others, sealed.
pub(crate) fn sealed(log: &mut Log, size: u64, position: u32, key: &Key, seq: u64) -> SealedHead {
    let head = HeadLeaf {
        salt: [9; 16],
        book: BookId(7),
        size,
        height: Height(3),
        root: log.root(size),
        block_hash: Digest::of(b"block"),
    };
    let mut heads = HeadsTree::new();
    for at in 0..BOOKS {
        let other = merkle::leaf(&at.to_le_bytes());
        let leaf = if at == position { head.hash() } else { other };
        heads.set(at as usize, leaf).unwrap();
    }
    let content = sealing(u64::from(BOOKS), heads.commit());
    let prev = (seq > 1).then(|| Digest::of(b"the row before"));
    SealedHead {
        head,
        position,
        path: heads.path(position as usize).unwrap(),
        row: row(key, content, seq, prev),
    }
}

fn receipt(log: &mut Log, index: u64, sealed: SealedHead) -> Receipt {
    let size = sealed.head.size;
    Receipt {
        record: log.records[index as usize].clone(),
        seq: Seq(index),
        path: inclusion(&mut log.tree, index, size).unwrap(),
        sealed,
    }
}

/// Turns one bit over of every byte in turn.
const ALTER: Option<&str> = Some("1");

/// What a script says about a proof, and about copies of it that are altered.
fn judged(
    files: &Files,
    script: &str,
    name: &str,
    proof: &[u8],
    records: Option<&[u8]>,
    alter: Option<&str>,
) -> Verdict {
    let proof = files.scratch.write("proof", proof);
    let mut words = vec![(name, proof.as_path()), ("signers", &files.signers)];
    let records = records.map(|records| files.scratch.write("records", records));
    words.extend(records.iter().map(|path| ("records", path.as_path())));
    words.extend(alter.map(|mask| ("alter", Path::new(mask))));
    node(script, &words)
}

#[test]
fn a_script_from_the_page_accepts_receipts_until_a_byte_is_altered() {
    let keys = Key::one_of_each();
    let keyring = keyring(&keys, Usage::Seal);
    let files = Files::new(&keys);
    let mut log = Log::new(300);
    let judge =
        |bytes: &[u8], alter| judged(&files, "receipt-verify.mjs", "receipt", bytes, None, alter);
    let cases = [
        (0, 1, 0, 1),
        (0, 300, 5, 2),
        (255, 256, 3, 9),
        (298, 299, 4, 9),
    ];
    for ((index, size, position, seq), key) in cases.into_iter().zip(keys.iter().cycle()) {
        let sealed = sealed(&mut log, size, position, key, seq);
        let receipt = receipt(&mut log, index, sealed);
        receipt.verify(&keyring).unwrap();
        let bytes = receipt.encode();
        assert_eq!(
            judge(&bytes, ALTER).accepted(),
            format!(
                "event {index} of book 7 at {size}, sealed by {} in row {seq}; \
                 {} altered copies refused",
                key.kid,
                bytes.len()
            )
        );
        judge(&[&bytes[..], &[0]].concat(), None).refused();
        judge(&bytes[..bytes.len() - 1], None).refused();
    }
}

#[test]
fn a_script_from_the_page_accepts_the_vectors() {
    let files = Files::of_vectors();
    for hex in [
        include_str!("../../../vectors/receipt-trusted.hex"),
        include_str!("../../../vectors/receipt-late.hex"),
    ] {
        let hex: String = hex.lines().collect();
        let pairs = hex.as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let bytes: Vec<u8> = pairs.map(byte).collect();
        judged(&files, "receipt-verify.mjs", "receipt", &bytes, None, ALTER).accepted();
    }
}

#[test]
fn a_script_from_the_page_accepts_ranges_until_a_byte_is_altered() {
    let keys = [Key::ed25519()];
    let keyring = keyring(&keys, Usage::Seal);
    let files = Files::new(&keys);
    let mut log = Log::new(300);
    for (lo, hi, size) in [(0, 300, 300), (3, 3, 8), (100, 291, 299), (298, 299, 300)] {
        let sealed = sealed(&mut log, size, 2, &keys[0], 1);
        let proof = RangeProof::build(&mut log.tree, lo..hi, sealed).unwrap();
        proof.verify(&keyring).unwrap();
        let bytes = proof.encode();
        let records = log.records[lo as usize..hi as usize].concat();
        let judge = |records: Option<&[u8]>, alter| {
            judged(&files, "range-verify.mjs", "range", &bytes, records, alter)
        };
        judge(None, ALTER).accepted();
        judge(Some(&records), None).accepted();
        for at in (0..records.len()).step_by(9_973) {
            judge(Some(&altered(&records, at)), None).refused();
        }
        if lo < hi {
            let last = log.records[hi as usize - 1].len();
            let cut = &records[..records.len() - last];
            judge(Some(cut), None).refused();
        }
    }
}
