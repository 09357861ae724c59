//! Why development could not be set up.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use signing::SignerError;

use crate::exit::Exit;

/// Why development could not be set up.
#[derive(Debug)]
pub(crate) enum DevError {
    /// NODE_ENV says that this is a production machine.
    Production,
    /// The address is reached from elsewhere.
    NotLoopback(std::net::SocketAddr),
    /// Keys would lie in this repository.
    InRepository {
        /// Where they would lie.
        folder: PathBuf,
        /// The repository.
        repository: PathBuf,
    },
    /// Others may enter the folder; its mode.
    Exposed(PathBuf, u32),
    /// A chain that is not `DEPLOYMENT/ENVIRONMENT`.
    Origin(String),
    /// The system refused.
    Io(PathBuf, io::Error),
    /// A certificate could not be made.
    Certificate(rcgen::Error),
    /// A key could not be made or read.
    Key(SignerError),
}

impl DevError {
    /// Gives an I/O error its path.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io(path, error)
    }

    /// How the process ends with it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Io(..) => Exit::Runtime,
            Self::Certificate(_) => Exit::Internal,
            _ => Exit::Configuration,
        }
    }
}

impl From<rcgen::Error> for DevError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error)
    }
}

impl From<SignerError> for DevError {
    fn from(error: SignerError) -> Self {
        Self::Key(error)
    }
}

impl fmt::Display for DevError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Production => f.write_str(
                "`dev` is not accepted where NODE_ENV is `production`; use `run --config FILE`",
            ),
            Self::NotLoopback(address) => write!(
                f,
                "`dev` does not listen on `{address}`, which others reach; use 127.0.0.1 or [::1]"
            ),
            Self::InRepository { folder, repository } => write!(
                f,
                "keys in `{}` could be committed with the repository `{}`; \
                 give `--data DIR` outside of it",
                folder.display(),
                repository.display()
            ),
            Self::Exposed(folder, mode) => write!(
                f,
                "`{}` is open to others with mode `{mode:04o}`; name a folder that does not exist \
                 yet, or run `chmod 700` on one that is for keys alone",
                folder.display()
            ),
            Self::Origin(text) => {
                write!(f, "`{text}` is not a chain; give `DEPLOYMENT/ENVIRONMENT`")
            }
            Self::Io(path, error) => write!(f, "`{}`: {error}", path.display()),
            Self::Certificate(error) => write!(f, "cannot make a certificate: {error}"),
            Self::Key(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DevError {}
