//! Vectors of single records.

use std::fs;

use ledger::batch::BatchEntry;
use ledger::fields::Reader;
use ledger::{BlockHeader, Digest, Event};

use super::committed;
use crate::layout::{LAYOUTS, layout};
use crate::{samples, vectors};

#[test]
fn vectors_are_what_is_encoded() {
    for (name, bytes) in vectors::all() {
        let text = fs::read_to_string(vectors::path(&name)).unwrap();
        assert_eq!(text, vectors::hex(&bytes), "{name}");
    }
    let files = fs::read_dir(vectors::path("").parent().unwrap()).unwrap();
    assert_eq!(files.count(), vectors::all().len());
}

#[test]
fn vectors_decode_to_what_was_meant() {
    for (name, event) in samples::events() {
        assert_eq!(Event::decode(&committed(name)), Ok(event), "{name}");
    }
    let entry = committed("batch_entry");
    let entry = BatchEntry::decode(&mut Reader::new(&entry));
    assert_eq!(entry, Ok(samples::batch_entry()));
    let header = committed("block_header");
    let header = BlockHeader::decode(&mut Reader::new(&header));
    assert_eq!(header, Ok(samples::block_header()));
}

/// What the table says of a field is what the code calls so.
#[test]
fn tables_name_the_fields_that_are_there() {
    let mut shown: Vec<(&str, String)> = samples::events()
        .into_iter()
        .map(|(name, event)| (name, format!("{event:?}")))
        .collect();
    shown.push(("batch_entry", format!("{:?}", samples::batch_entry())));
    shown.push(("block_header", format!("{:?}", samples::block_header())));
    shown.push(("row", format!("{:?}", samples::account())));
    for table in LAYOUTS {
        let (_, debug) = shown.iter().find(|(name, _)| *name == table.name).unwrap();
        let bytes = committed(table.name);
        assert_eq!(bytes.len(), table.bytes(), "{}", table.name);
        for (at, field) in table.offsets() {
            let value = &bytes[at..at + field.kind.bytes()];
            let value = field.kind.show(value);
            let value = value.trim_matches('`').trim_end_matches('…');
            // Numbers of enums, bits, and absent bounds have other names in the code.
            let is_other = matches!(
                field.name,
                "kind" | "version" | "flags" | "result" | "change" | "importing" | "operation"
            ) || (matches!(field.name, "floor" | "ceiling") && value == "0");
            let named = format!("{}: ", field.name);
            let is_there = debug.split(&named).skip(1).any(|tail| begins(tail, value));
            assert!(
                is_other || is_there,
                "{}.{}: {value}",
                table.name,
                field.name
            );
        }
    }
}

/// Whether `tail` begins with the value, bare or in the name of its type.
fn begins(tail: &str, value: &str) -> bool {
    let inner = tail.split_once('(').map_or("", |(_, inner)| inner);
    [tail, inner].iter().any(|text| text.starts_with(value))
}

#[test]
fn commitments_are_salted_hashes() {
    let note = samples::note();
    let commit = |tag: u8, bytes: &[u8]| {
        let mut input = note.salt.to_vec();
        input.push(tag);
        input.extend_from_slice(bytes);
        Digest::of(&input).0
    };
    let record = committed("transfer_noted");
    let (_, commitments) = record.split_at(layout("transfer").bytes());
    assert_eq!(commitments[..32], commit(1, &note.reference));
    assert_eq!(commitments[32..], commit(2, &note.metadata));
}
