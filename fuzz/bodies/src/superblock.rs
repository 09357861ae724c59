//! Copies of the superblock.

use store::embedded::superblock::Superblock;

use crate::Verdict;
use crate::segment::set;

/// Bytes that a copy's checksum covers.
const COVERED: usize = 80;

/// The bytes as they are, and again with the checksum made to fit.
pub fn body(data: &[u8]) -> Verdict {
    let verdict = check(data);
    let mut fitted = data.to_vec();
    if let Some(covered) = data.get(..COVERED) {
        set(&mut fitted, COVERED, crc32fast::hash(covered));
    }
    check(&fitted);
    verdict
}

fn check(copy: &[u8]) -> Verdict {
    match Superblock::decode(copy) {
        Ok(superblock) => {
            let again = superblock.encode();
            assert_eq!(again.len(), Superblock::BYTES);
            let head = COVERED + 4;
            assert_eq!(again.get(..head), copy.get(..head), "another encoding");
            Verdict::Accepted
        }
        Err(error) => {
            let _ = error.to_string();
            Verdict::Refused
        }
    }
}
