use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use ledger::Digest;
use verify::limits::SIGNED_MANIFEST_BYTES_MAX;

use super::{COMPONENT_BYTES_MAX, StoreError};

/// Most files that are looked at when the store is opened.
const FILES_MAX: usize = 100_000;

/// The directory. Names of files are digests and say nothing that was sent.
#[derive(Debug)]
pub(super) struct Files {
    directory: PathBuf,
}

/// A file that was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Found {
    /// A manifest. They come first, so that components can be told who needs them.
    Manifest(Digest),
    /// A component, and its bytes.
    Component(Digest, u64),
    /// A component that is not whole, and its bytes.
    Part(Digest, u64),
}

impl Files {
    pub(super) fn open(directory: &Path) -> Result<Self, StoreError> {
        let files = Self {
            directory: directory.to_owned(),
        };
        fs::create_dir_all(directory).map_err(|error| disk(directory, error))?;
        Ok(files)
    }

    /// Every file of a policy, in order.
    pub(super) fn found(&self) -> Result<Vec<Found>, StoreError> {
        let failed = |error| disk(&self.directory, error);
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.directory)
            .map_err(failed)?
            .take(FILES_MAX)
        {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let Some((stem, ending)) = name.to_str().and_then(|name| name.split_once('.')) else {
                continue;
            };
            let Some(digest) = verify::hex::decode(stem).map(Digest) else {
                continue;
            };
            let bytes = entry.metadata().map_err(failed)?.len();
            match ending {
                "json" => found.push(Found::Manifest(digest)),
                "wasm" => found.push(Found::Component(digest, bytes)),
                "part" => found.push(Found::Part(digest, bytes)),
                "next" => self.remove(&entry.path()),
                _ => {}
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// When the file came, so that those of an earlier run keep their order.
    pub(super) fn age(&self, digest: Digest) -> std::time::SystemTime {
        let metadata = fs::metadata(self.path(digest, "json"));
        let modified = metadata.and_then(|metadata| metadata.modified());
        modified.unwrap_or(std::time::UNIX_EPOCH)
    }

    pub(super) fn read_manifest(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        self.read(digest, "json", SIGNED_MANIFEST_BYTES_MAX as u64)
    }

    pub(super) fn read_component(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        self.read(digest, "wasm", COMPONENT_BYTES_MAX)
    }

    fn read(&self, digest: Digest, ending: &str, most: u64) -> Result<Vec<u8>, StoreError> {
        let path = self.path(digest, ending);
        let read = || {
            let mut bytes = Vec::new();
            File::open(&path)?.take(most + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_err(|error| disk(&path, error))
    }

    /// Writes a manifest whole, or not at all.
    pub(super) fn write_manifest(&self, digest: Digest, bytes: &[u8]) -> Result<(), StoreError> {
        let (next, path) = (self.path(digest, "next"), self.path(digest, "json"));
        let write = || {
            let mut file = File::create(&next)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&next, &path)?;
            self.sync()
        };
        write().map_err(|error| {
            self.remove(&next);
            disk(&path, error)
        })
    }

    /// Appends to a component that is on its way. What stands behind `held` was never told of.
    pub(super) fn append(
        &self,
        component: Digest,
        held: u64,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let path = self.path(component, "part");
        let write = || {
            let mut open = OpenOptions::new();
            let mut file = open.create(true).truncate(false).write(true).open(&path)?;
            file.set_len(held)?;
            file.seek(SeekFrom::Start(held))?;
            file.write_all(bytes)
        };
        write().map_err(|error| disk(&path, error))
    }

    /// Gives a component its name, if its bytes are those of the digest; drops it otherwise.
    pub(super) fn finish(&self, component: Digest) -> Result<(), StoreError> {
        let part = self.path(component, "part");
        let bytes = self.read(component, "part", COMPONENT_BYTES_MAX)?;
        let found = Digest::of(&bytes);
        if found != component {
            self.remove(&part);
            let expected = component;
            return Err(StoreError::Digest { expected, found });
        }
        let finish = || {
            File::open(&part)?.sync_all()?;
            fs::rename(&part, self.path(component, "wasm"))?;
            self.sync()
        };
        finish().map_err(|error| disk(&part, error))
    }

    pub(super) fn remove_manifest(&self, digest: Digest) {
        self.remove(&self.path(digest, "json"));
    }

    pub(super) fn remove_component(&self, digest: Digest) {
        self.remove(&self.path(digest, "wasm"));
    }

    pub(super) fn remove_part(&self, digest: Digest) {
        self.remove(&self.path(digest, "part"));
    }

    /// A file that stays is found again at the next start.
    fn remove(&self, path: &Path) {
        match fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!(path = %path.display(), %error, "not removed"),
        }
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.directory)?.sync_all()
    }

    fn path(&self, digest: Digest, ending: &str) -> PathBuf {
        self.directory.join(format!("{digest}.{ending}"))
    }
}

fn disk(path: &Path, error: io::Error) -> StoreError {
    StoreError::Disk(path.to_owned(), error)
}
