//! Why an anchor cannot be read or moved.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why an anchor cannot be read or moved.
#[derive(Debug)]
pub enum AnchorError {
    /// The directory or the file cannot be read or written.
    Io {
        /// Which.
        path: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
    /// The file is no anchor of this origin.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The head stands before the anchor, which never goes back.
    Behind {
        /// Epoch and number of the anchor.
        anchor: (u64, u64),
        /// Epoch and number of the head.
        head: (u64, u64),
    },
    /// The anchor has the same number and another digest: there are two chains.
    Forked {
        /// Epoch and number.
        at: (u64, u64),
    },
}

impl fmt::Display for AnchorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "anchor `{}`: {source}", path.display()),
            Self::Damaged { path, problem } => write!(
                f,
                "anchor `{}` is damaged: {problem}; put it back from a copy",
                path.display()
            ),
            Self::Behind { anchor, head } => write!(
                f,
                "head `{}` of epoch `{}` stands before the anchor, `{}` of epoch `{}`",
                head.1, head.0, anchor.1, anchor.0
            ),
            Self::Forked { at } => write!(
                f,
                "head `{}` of epoch `{}` has another digest than its anchor",
                at.1, at.0
            ),
        }
    }
}

impl std::error::Error for AnchorError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
