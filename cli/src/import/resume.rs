//! How far an import is, kept in a file, so that it can go on from there.
//!
//! Nothing depends on it: ids are derived from the rows, so that a row that was posted before
//! answers `exists`. It saves the way.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::tally::Counts;

/// How far an import is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resume {
    version: u32,
    /// The book, by number.
    book: u32,
    /// SHA-256 of the imported file.
    file: String,
    /// SHA-256 of the mapping.
    mapping: String,
    /// Everything up to this line is done.
    pub(crate) line: u64,
    /// What became of it.
    pub(crate) counts: Counts,
}

/// Why an import cannot go on from where it was.
#[derive(Debug)]
pub(crate) enum ResumeError {
    /// The file cannot be read or written.
    Io(io::Error),
    /// It is not one of ours, or of another version.
    NotResume,
    /// It is about another file, mapping or book.
    Other(&'static str),
}

const VERSION: u32 = 1;

impl Resume {
    /// The start of an import of `file`.
    pub(crate) fn start(book: u32, file: &Path, mapping: &str) -> io::Result<Self> {
        Ok(Self {
            version: VERSION,
            book,
            file: hash(File::open(file)?)?,
            mapping: hash(mapping.as_bytes())?,
            line: 0,
            counts: Counts::default(),
        })
    }

    /// What `path` says about the same import, or the start if there is no such file.
    pub(crate) fn load(self, path: &Path) -> Result<Self, ResumeError> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self),
            Err(error) => return Err(ResumeError::Io(error)),
        };
        let read: Self = serde_json::from_slice(&text).map_err(|_| ResumeError::NotResume)?;
        let same = [
            ("file", read.file == self.file),
            ("mapping", read.mapping == self.mapping),
            ("book", read.book == self.book),
        ];
        if read.version != VERSION {
            return Err(ResumeError::NotResume);
        }
        match same.iter().find(|(_, is_same)| !is_same) {
            Some((what, _)) => Err(ResumeError::Other(what)),
            None => Ok(read),
        }
    }

    /// Writes it, whole or not at all.
    pub(crate) fn save(&self, path: &Path) -> Result<(), ResumeError> {
        let draft = path.with_added_extension("new");
        let text = serde_json::to_vec(self).map_err(|error| ResumeError::Io(error.into()))?;
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(&text)?;
            file.sync_data()?;
            fs::rename(&draft, path)
        };
        write().map_err(ResumeError::Io)
    }
}

fn hash(mut from: impl io::Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut from, &mut hasher)?;
    Ok(format!("{:x}", hasher.finalize()))
}

impl fmt::Display for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "how far the import is cannot be kept: {error}"),
            Self::NotResume => f.write_str(
                "does not say how far an import is; name another file, or delete it to start over",
            ),
            Self::Other(what) => write!(
                f,
                "is about another {what}; name another file, or delete it to start over: what was \
                 posted before is not posted twice"
            ),
        }
    }
}

impl std::error::Error for ResumeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_goes_on_only_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (file, path) = (folder.path().join("f"), folder.path().join("state.json"));
        fs::write(&file, "rows").unwrap();
        let start = |mapping| Resume::start(1, &file, mapping).unwrap();
        let fresh = start("m").load(&path).unwrap();
        assert_eq!(fresh.line, 0);
        let later = Resume { line: 17, ..fresh };
        later.save(&path).unwrap();
        assert_eq!(start("m").load(&path).unwrap(), later);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);

        let error = start("n").load(&path).unwrap_err();
        assert!(matches!(error, ResumeError::Other("mapping")), "{error}");
        fs::write(&file, "other rows").unwrap();
        let error = start("m").load(&path).unwrap_err();
        assert!(matches!(error, ResumeError::Other("file")), "{error}");
        fs::write(&path, "{}").unwrap();
        let error = start("m").load(&path).unwrap_err();
        assert!(matches!(error, ResumeError::NotResume), "{error}");
    }
}
