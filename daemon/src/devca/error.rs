//! Why development could not be set up.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Exit;

/// Why development could not be set up.
#[derive(Debug)]
pub(crate) enum DevError {
    /// NODE_ENV says that this is a production machine.
    Production,
    /// The address is reached from elsewhere.
    NotLoopback(std::net::SocketAddr),
    /// Neither a data directory nor a place for one is given.
    NoHome,
    /// Keys would lie in this repository.
    InRepository {
        /// Where they would lie.
        folder: PathBuf,
        /// The repository.
        repository: PathBuf,
    },
    /// Others may enter the folder; its mode.
    Exposed(PathBuf, u32),
    /// The path is not UTF-8, or has a line break, and could not be written into a configuration.
    Unwritable(PathBuf),
    /// There is no development authority in this folder.
    NoAuthority(PathBuf),
    /// A tenant and a role that do not go together.
    Misfit(String),
    /// The system refused.
    Io(PathBuf, io::Error),
    /// A certificate could not be made.
    Certificate(rcgen::Error),
    /// This file should hold a key of seals and does not.
    NoSealKey(PathBuf),
    /// A key of seals could not be made, or did not sign.
    Signer(signing::SignerError),
    /// A keyring could not be made.
    Keyring(Box<dyn std::error::Error>),
}

impl DevError {
    /// Gives an I/O error its path.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io(path, error)
    }

    /// A keyring that could not be made.
    pub(crate) fn keyring(error: impl Into<Box<dyn std::error::Error>>) -> Self {
        Self::Keyring(error.into())
    }

    /// How the process ends with it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Io(..) => Exit::Runtime,
            Self::Certificate(_) | Self::Signer(_) | Self::Keyring(_) => Exit::Internal,
            _ => Exit::Configuration,
        }
    }
}

impl From<rcgen::Error> for DevError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error)
    }
}

impl From<signing::SignerError> for DevError {
    fn from(error: signing::SignerError) -> Self {
        Self::Signer(error)
    }
}

impl fmt::Display for DevError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Production => f.write_str(
                "`ledgerd dev` is not accepted where NODE_ENV is `production`; \
                 use `ledgerd run --config FILE`",
            ),
            Self::NotLoopback(address) => write!(
                f,
                "`ledgerd dev` does not listen on `{address}`, which others reach; \
                 use 127.0.0.1 or [::1]"
            ),
            Self::NoHome => f.write_str(
                "there is no place for data: neither XDG_STATE_HOME nor HOME is set; \
                 give `--data DIR`",
            ),
            Self::InRepository { folder, repository } => write!(
                f,
                "keys in `{}` could be committed with the repository `{}`; \
                 give `--keys DIR` or `--data DIR` outside of it",
                folder.display(),
                repository.display()
            ),
            Self::Exposed(folder, mode) => write!(
                f,
                "`{}` is open to others with mode `{mode:04o}`; name a folder that does not exist \
                 yet, or run `chmod 700` on one that is for keys alone",
                folder.display()
            ),
            Self::Unwritable(path) => write!(
                f,
                "`{}` cannot be written into a configuration file; use a path in UTF-8",
                path.display()
            ),
            Self::NoAuthority(folder) => write!(
                f,
                "there is no development authority in `{}`; \
                 start `ledgerd dev` there first, or give its `--data` or `--keys`",
                folder.display()
            ),
            Self::Misfit(text) => f.write_str(text),
            Self::Io(path, error) => write!(f, "`{}`: {error}", path.display()),
            Self::Certificate(error) => write!(f, "cannot make a certificate: {error}"),
            Self::NoSealKey(path) => write!(
                f,
                "`{}` holds no key that this user may read; put it back, or remove it and the data \
                 that it sealed",
                path.display()
            ),
            Self::Signer(error) => write!(f, "cannot make the keys of seals: {error}"),
            Self::Keyring(error) => write!(f, "cannot make a keyring: {error}"),
        }
    }
}

impl std::error::Error for DevError {}
