//! Vectors: one file for each record, hexadecimal, 32 bytes a line.

use std::path::PathBuf;

use crate::book::{BOOK, story};
use crate::samples;

/// Every vector with its name.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = samples::events()
        .into_iter()
        .map(|(name, event)| {
            let mut bytes = Vec::new();
            event.encode(&mut bytes);
            (name.to_owned(), bytes)
        })
        .collect();
    let mut put = |name: &str, bytes: Vec<u8>| all.push((name.to_owned(), bytes));
    let mut entry = Vec::new();
    samples::batch_entry().encode(&mut entry);
    put("batch_entry", entry);
    put("row", samples::row());
    let mut header = Vec::new();
    samples::block_header().encode(&mut header);
    put("block_header", header);

    let story = story();
    for block in story.blocks.iter().filter(|b| b.header.book == BOOK) {
        let height = block.header.height;
        let mut header = Vec::new();
        block.header.encode(&mut header);
        put(&format!("book-{height}.header"), header);
        put(&format!("book-{height}.batches"), block.batches.clone());
        put(&format!("book-{height}.events"), block.events.to_vec());
    }
    for (name, chunk) in CHUNKS.iter().zip(story.chunks) {
        put(&format!("snapshot.{name}"), chunk);
    }
    all
}

/// Names of the chunks of the story's snapshot.
pub(crate) const CHUNKS: [&str; 4] = ["registry", "heads", "accounts", "holds"];

/// The vector of this name.
pub(crate) fn vector(name: &str) -> Vec<u8> {
    let found = all().into_iter().find(|(each, _)| each == name);
    found.unwrap_or_else(|| panic!("no vector `{name}`")).1
}

/// The text of a vector.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let line = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    bytes.chunks(32).map(|bytes| line(bytes) + "\n").collect()
}

/// Where a vector is.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(format!("{name}.hex"))
}
