//! Vectors: one file for each kind of frame, hexadecimal, 32 bytes a line.

use std::path::PathBuf;

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
