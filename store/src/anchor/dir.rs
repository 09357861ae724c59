//! Anchors in a directory: one file for each origin.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::AnchorError;
use super::{Anchor, file};

/// A directory of anchors, on another volume than the journal or from another machine. It may be
/// shared by several deployments.
#[derive(Clone, Debug)]
pub struct DirAnchor {
    path: PathBuf,
}

impl DirAnchor {
    /// Uses the directory at `path`, which is created with mode 0700 if it is missing.
    ///
    /// # Errors
    /// The system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, AnchorError> {
        let path = path.as_ref();
        let create = DirBuilder::new().recursive(true).mode(0o700).create(path);
        create.map_err(failed(path))?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Where the directory is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The anchor of an origin, if there is one.
    ///
    /// # Errors
    /// The file cannot be read, or is damaged.
    pub fn read(&self, origin: &str) -> Result<Option<Anchor>, AnchorError> {
        let path = self.file(origin);
        let opened = match fs::File::open(&path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&path)(error)),
        };
        let mut bytes = Vec::new();
        opened
            .take(file::BYTES_MAX)
            .read_to_end(&mut bytes)
            .map_err(failed(&path))?;
        let damaged = |problem| AnchorError::Damaged {
            path: path.clone(),
            problem,
        };
        let anchor = file::decode(&bytes).map_err(damaged)?;
        if anchor.origin != origin {
            return Err(damaged(format!("it is of origin `{}`", anchor.origin)));
        }
        Ok(Some(anchor))
    }

    /// Moves the anchor of an origin on to `anchor`; durable when this returns. The anchor as it
    /// stands is let be.
    ///
    /// # Errors
    /// The anchor stands further on, or at the same number with another digest; the system refuses.
    pub fn advance(&self, anchor: &Anchor) -> Result<(), AnchorError> {
        let head = (anchor.epoch, anchor.seq);
        if let Some(last) = self.read(&anchor.origin)? {
            let at = (last.epoch, last.seq);
            if head < at {
                return Err(AnchorError::Behind { anchor: at, head });
            }
            if head == at {
                let is_same = last.digest == anchor.digest;
                return is_same.then_some(()).ok_or(AnchorError::Forked { at });
            }
        }
        let path = self.file(&anchor.origin);
        let bytes = file::encode(anchor).map_err(|error| failed(&path)(error.into()))?;
        self.replace(&path, &bytes).map_err(failed(&path))
    }

    /// A crash leaves the old file or the new one, whole.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let next = path.with_extension("next");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&next)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&next, path)?;
        fs::File::open(&self.path)?.sync_all()
    }

    /// One name for each origin, and no other way out of the directory.
    fn file(&self, origin: &str) -> PathBuf {
        use std::fmt::Write as _;
        let mut name = String::from("anchor-");
        for byte in origin.bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'-' => name.push(char::from(byte)),
                // Writing to a string cannot fail.
                _ => drop(write!(name, "%{byte:02x}")),
            }
        }
        name.push_str(".json");
        self.path.join(name)
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> AnchorError {
    let path = path.to_owned();
    move |source| AnchorError::Io {
        path: path.clone(),
        source,
    }
}
