//! Faults about policies.

use std::fmt;
use std::io;
use std::path::PathBuf;

use ledger::Digest;
use plugins_host::{LoadError, RuntimeError};
use verify::policy::ManifestError;

use crate::exit::Exit;
use crate::policy::project;

/// Why something about policies could not be done.
#[derive(Debug)]
pub(crate) enum PolicyFault {
    /// A folder is there already, with something in it.
    Exists(PathBuf),
    /// A folder's name is not that of a policy.
    NoName(PathBuf),
    /// A folder is not that of a policy.
    NoProject(PathBuf),
    /// What a folder says of itself is not understood, and why.
    NotProject(PathBuf, String),
    /// The component is not there.
    NotBuilt(PathBuf),
    /// A file is not text.
    NotText(PathBuf),
    /// Where this program lies is not known.
    NoProgram(io::Error),
    /// No policy can be run on this machine.
    Runtime(RuntimeError),
    /// A daemon would not take the policy.
    Refused(LoadError),
    /// The cases are malformed.
    Cases(PathBuf, String),
    /// There is no such case; there are these.
    NoCase(String, Vec<String>),
    /// A manifest cannot be made.
    Manifest(ManifestError),
    /// What signs does not tell its public key.
    NoPublicKey,
    /// A file is no signed manifest.
    NotManifest(PathBuf, ManifestError),
    /// The daemon has no manifest that begins so.
    NotListed(String),
    /// The daemon has several manifests that begin so.
    Ambiguous(String),
    /// The component is another one than the manifest names.
    OtherComponent {
        /// What it names.
        named: Digest,
        /// What is there.
        found: Digest,
    },
    /// The daemon takes no more of a component.
    NotTaken(Digest),
    /// Nobody is named who asks for an approval.
    NobodyAsks,
}

impl PolicyFault {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Refused(_) | Self::Manifest(_) | Self::NotListed(_) => Exit::Refused,
            Self::NotTaken(_) => Exit::Later,
            Self::Runtime(_) | Self::NoProgram(_) => Exit::Internal,
            _ => Exit::Usage,
        }
    }
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(folder) => write!(
                f,
                "`{}` is there already; choose a folder that is not",
                folder.display()
            ),
            Self::NoName(folder) => write!(
                f,
                "`{}` cannot be the name of a policy; use 1 to 32 of a-z, 0-9 and -",
                folder.display()
            ),
            Self::NoProject(folder) => write!(
                f,
                "`{}` has no `{}`; `policy new` makes a folder that has",
                folder.display(),
                project::FILE
            ),
            Self::NotProject(file, why) => write!(f, "`{}`: {why}", file.display()),
            Self::NotBuilt(file) => write!(
                f,
                "`{}` is not there; build the policy first, as its `README.md` says",
                file.display()
            ),
            Self::NotText(file) => write!(f, "`{}` is not UTF-8", file.display()),
            Self::NoProgram(error) => {
                write!(f, "this program does not find itself: {error}")
            }
            Self::Runtime(error) => fmt::Display::fmt(error, f),
            Self::Refused(error) => write!(f, "a daemon would not take it: {error}"),
            Self::Cases(file, why) => write!(f, "`{}`: {why}", file.display()),
            Self::NoCase(name, names) => {
                write!(f, "no case `{name}`; there are: {}", names.join(", "))
            }
            Self::Manifest(error) => write!(f, "no manifest can be made: {error}"),
            Self::NoPublicKey => f.write_str(
                "what signs does not tell its public key; give it with `--policy-public-key`",
            ),
            Self::NotManifest(file, error) => write!(f, "`{}`: {error}", file.display()),
            Self::NotListed(start) => write!(
                f,
                "no manifest here begins with `{start}`; `policy list` shows them, with \
                 `--tenant` or `--platform` those of others"
            ),
            Self::Ambiguous(start) => {
                write!(
                    f,
                    "several manifests begin with `{start}`; write more of it"
                )
            }
            Self::OtherComponent { named, found } => write!(
                f,
                "the manifest names component `{named}`, and here is `{found}`: sign it anew"
            ),
            Self::NotTaken(digest) => write!(
                f,
                "the daemon does not hold what it is sent of component `{digest}`: is somebody \
                 else pushing it? push it again later"
            ),
            Self::NobodyAsks => f.write_str(
                "no approval of this is open; name yourself with `--by NAME` to ask for one",
            ),
        }
    }
}

impl std::error::Error for PolicyFault {}
