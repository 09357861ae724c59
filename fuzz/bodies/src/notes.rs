//! Notes, as they stand beside the journal.

use store::embedded::notes::{CONTENT_FIXED_BYTES, ENTRY_HEADER_BYTES, Entries, entry_bytes};

use crate::Verdict;
use crate::segment::set;

/// The bytes as they are, and again with checksums made to fit.
pub fn body(data: &[u8]) -> Verdict {
    let verdict = check(data);
    let mut fitted = data.to_vec();
    fit(&mut fitted);
    check(&fitted);
    verdict
}

fn check(extent: &[u8]) -> Verdict {
    let mut at = 0;
    for entry in Entries::new(extent) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(fault) => {
                let _ = fault.to_string();
                return Verdict::Refused;
            }
        };
        assert_eq!(entry.offset, at, "entries leave a gap");
        at = entry.content_offset() + entry.content.len();
        match entry.note() {
            Ok(Some(note)) => {
                assert_eq!(entry_bytes(&note), (at - entry.offset) as u64);
                assert!(entry.content.len() >= CONTENT_FIXED_BYTES);
                assert!(entry.content.ends_with(&note.metadata));
            }
            Ok(None) => assert!(entry.is_erased),
            Err(fault) => {
                let _ = fault.to_string();
                return Verdict::Refused;
            }
        }
    }
    assert_eq!(at, extent.len(), "bytes are left");
    Verdict::Accepted
}

fn fit(bytes: &mut [u8]) {
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + ENTRY_HEADER_BYTES) {
        let length = header.get(4..).and_then(|bytes| bytes.first_chunk::<4>());
        let length = length.map_or(0, |length| u32::from_le_bytes(*length)) as usize;
        let crc = crc32fast::hash(header.get(4..20).unwrap_or_default());
        set(bytes, at + 20, crc);
        let content = at + ENTRY_HEADER_BYTES;
        at = content.saturating_add(length);
        let Some(covered) = bytes.get(content.saturating_add(4)..at) else {
            return;
        };
        let crc = crc32fast::hash(covered);
        set(bytes, content, crc);
    }
}
