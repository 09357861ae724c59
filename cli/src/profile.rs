//! Whom to connect to, and as whom: from a profile file, the command line, or both.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::args::Global;

/// Whom to connect to, and as whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Profile {
    /// The server, as `host:port`.
    pub(crate) address: String,
    /// The name that the server's certificate must be for.
    pub(crate) server_name: String,
    /// Authorities that vouch for the server.
    pub(crate) ca: PathBuf,
    /// The certificate.
    pub(crate) certificate: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
}

/// A profile file. Its paths start where it lies.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    address: Option<String>,
    server_name: Option<String>,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

/// Why it is not known whom to connect to.
#[derive(Debug)]
pub(crate) enum ProfileError {
    /// Neither a profile nor everything that one would say.
    Missing(&'static str),
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A folder has no such profile; it has these.
    NoSuchProfile(PathBuf, Vec<String>),
    /// A profile is not one, and why.
    NotProfile(PathBuf, Box<toml::de::Error>),
}

/// The identity of a `ledgerd dev` that may do most in its tenant.
const DEFAULT_IDENTITY: &str = "demo-admin";

impl Profile {
    /// Puts together what the command line says and what a profile says. Without either, profiles
    /// are looked for where `ledgerd dev` puts them below `state_home`.
    pub(crate) fn find(global: &Global, state_home: Option<&Path>) -> Result<Self, ProfileError> {
        let raw = match place(global, state_home) {
            Some(place) => Raw::load(&place, global.identity.as_deref())?,
            None => Raw::default(),
        };
        let missing = ProfileError::Missing;
        let given = |given: &Option<PathBuf>, read: Option<PathBuf>, name| {
            given.clone().or(read).ok_or(missing(name))
        };
        let address = global.connect.clone().or(raw.address);
        let address = address.ok_or(missing("--connect"))?;
        let server_name = global.server_name.clone().or(raw.server_name);
        Ok(Self {
            server_name: server_name.unwrap_or_else(|| host(&address).to_owned()),
            ca: given(&global.ca, raw.ca, "--ca")?,
            certificate: given(&global.cert, raw.certificate, "--cert")?,
            key: given(&global.key, raw.key, "--key")?,
            address,
        })
    }
}

/// The profile file or folder, if one is named or lies where it would.
fn place(global: &Global, state_home: Option<&Path>) -> Option<PathBuf> {
    if let Some(data) = &global.data {
        return Some(data.join("keys"));
    }
    if let Some(profile) = &global.profile {
        return Some(profile.clone());
    }
    let is_complete = [&global.ca, &global.cert, &global.key]
        .iter()
        .all(|each| each.is_some());
    let keys = state_home?.join("ledgerd/dev/keys");
    (!is_complete && keys.is_dir()).then_some(keys)
}

/// What stands before the port.
fn host(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']')
}

impl Raw {
    fn load(place: &Path, identity: Option<&str>) -> Result<Self, ProfileError> {
        let file = match identity {
            None if !place.is_dir() => place.to_owned(),
            identity => {
                // Beside a file that is named lie those of the other identities.
                let folder = if place.is_dir() { place } else { parent(place) };
                let name = format!("{}.toml", identity.unwrap_or(DEFAULT_IDENTITY));
                let file = folder.join(name);
                if !file.exists() {
                    return Err(ProfileError::NoSuchProfile(file, profiles(folder)));
                }
                file
            }
        };
        let text = std::fs::read_to_string(&file)
            .map_err(|error| ProfileError::Unreadable(file.clone(), error))?;
        let raw: Self = toml::from_str(&text)
            .map_err(|error| ProfileError::NotProfile(file.clone(), Box::new(error)))?;
        let base = parent(&file);
        let from_base = |path: Option<PathBuf>| path.map(|path| base.join(path));
        Ok(Self {
            ca: from_base(raw.ca),
            certificate: from_base(raw.certificate),
            key: from_base(raw.key),
            ..raw
        })
    }
}

fn parent(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// Names of the profiles in a folder: each has a certificate of its name beside it.
fn profiles(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .filter(|path| path.with_extension("pem").exists())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(option) => write!(
                f,
                "`{option}` is not given; start `ledgerd dev`, or give `--profile`, or all of \
                 `--connect`, `--ca`, `--cert` and `--key`"
            ),
            Self::Unreadable(file, error) => {
                write!(f, "`{}` cannot be read: {error}", file.display())
            }
            Self::NoSuchProfile(file, names) => {
                write!(
                    f,
                    "`{}` does not exist; `--as` takes one of: ",
                    file.display()
                )?;
                f.write_str(&names.join(", "))
            }
            Self::NotProfile(file, error) => write!(
                f,
                "`{}` is not a profile: {}; it has `address`, `server_name`, `ca`, `certificate` \
                 and `key`",
                file.display(),
                error.message()
            ),
        }
    }
}

impl std::error::Error for ProfileError {}

#[cfg(test)]
mod tests;
