use std::fs;
use std::path::{Path, PathBuf};

/// A folder of one test, gone with it.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and says where.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// The bytes with one bit of the byte at `at` turned over.
pub(crate) fn altered(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// The bytes with one bit turned over of the first byte of `what`, which stands in them.
pub(crate) fn altered_in(bytes: &[u8], what: &str) -> Vec<u8> {
    let at = bytes
        .windows(what.len())
        .position(|window| window == what.as_bytes());
    altered(bytes, at.unwrap_or_else(|| panic!("no `{what}`")))
}
