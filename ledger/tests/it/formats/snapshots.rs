//! Vectors of a snapshot's chunks.

use ledger::Ledger;
use ledger::fields::DecodeError;
use ledger::registry::Name;
use ledger::snapshot::{Cursor, Heads, encode_heads};

use super::committed;
use crate::vectors::CHUNKS;

#[test]
fn chunks_load_and_are_taken_again_alike() {
    let chunks = CHUNKS.map(|name| committed(&format!("snapshot.{name}")));
    let (mut ledger, mut heads) = (Ledger::new([3, 4]), Heads::new());
    for chunk in &chunks {
        ledger.load_chunk(&mut heads, chunk).unwrap();
    }
    ledger.rebuild_totals();
    let is_right = |book: &ledger::Book| book.totals().is_balanced() && book.holds_add_up();
    assert!(ledger.books().all(is_right));
    let mut again = vec![ledger.snapshot_begin(), encode_heads(&heads)];
    let mut cursor = Cursor::default();
    while let Some(chunk) = ledger.snapshot_next(&mut cursor, 100) {
        again.push(chunk);
    }
    assert_eq!(again, chunks);
}

/// Of two with one id one would be lost, and the snapshot taken next could not be loaded.
#[test]
fn nothing_stands_twice_in_a_registry() {
    let mut chunk = committed("snapshot.registry");
    let entry = 4 + Name::parse("acme").unwrap().to_bytes().len();
    let first: Vec<u8> = chunk[6..6 + entry].to_vec();
    chunk[2] += 1;
    chunk.splice(6..6, first);
    let loaded = Ledger::new([3, 4]).load_chunk(&mut Heads::new(), &chunk);
    assert_eq!(loaded, Err(DecodeError::BadField("id")));
}
