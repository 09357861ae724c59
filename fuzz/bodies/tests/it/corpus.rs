//! The committed seeds.

use std::fs;
use std::path::{Path, PathBuf};

/// An input, and the name of its file.
pub(crate) struct Seed {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Seed {
    /// A file that begins so holds what the decoder must accept.
    pub(crate) fn must_be_accepted(&self) -> bool {
        self.name.starts_with("ok-")
    }
}

/// The folder `fuzz` of the repository.
pub(crate) fn fuzz_folder() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap().to_owned()
}

/// Seeds of a target, in order of name.
pub(crate) fn seeds(target: &str) -> Vec<Seed> {
    let folder = fuzz_folder().join("seeds").join(target);
    let mut seeds: Vec<Seed> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let path = entry.unwrap().path();
            Seed {
                name: path.file_name().unwrap().to_string_lossy().into_owned(),
                bytes: fs::read(&path).unwrap(),
            }
        })
        .collect();
    seeds.sort_by(|a, b| a.name.cmp(&b.name));
    seeds
}
