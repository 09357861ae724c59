//! The folder of a policy that is being written: what `policy.toml` in it says.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::Digest;
use plugins_host::limits::{CASES_BYTES_MAX, COMPONENT_BYTES_MAX, CONFIG_BYTES_MAX};
use plugins_host::{Limits, LoadError};
use serde::Deserialize;
use verify::Name;

use crate::fault::{Fault, PolicyFault};
use crate::files;

/// The file that says what a folder holds.
pub(crate) const FILE: &str = "policy.toml";
/// Longest such file, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// A policy that is being written, read from its folder.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) folder: PathBuf,
    pub(crate) name: Name,
    /// Where the component is.
    pub(crate) file: PathBuf,
    pub(crate) component: Vec<u8>,
    pub(crate) digest: Digest,
    /// JSON, as the policy is given it.
    pub(crate) config: String,
    /// JSON: an array.
    pub(crate) cases: Vec<u8>,
    pub(crate) cases_file: PathBuf,
    pub(crate) limits: Limits,
}

/// `policy.toml`. Its paths start where it lies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: String,
    component: PathBuf,
    config: PathBuf,
    cases: PathBuf,
    #[serde(default)]
    limits: RawLimits,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    memory_bytes: Option<u64>,
    base_micros: Option<u32>,
    per_transfer_nanos: Option<u32>,
}

impl Project {
    /// Reads what is in a folder. The component must have been built.
    pub(crate) fn open(folder: &Path) -> Result<Self, Fault> {
        let file = folder.join(FILE);
        let bytes = match files::read(&file, FILE_BYTES_MAX) {
            Err(Fault::Unreadable(..)) if !file.exists() => {
                return Err(PolicyFault::NoProject(folder.to_owned()).into());
            }
            read => read?,
        };
        let raw = parse(&file, &bytes)?;
        let name = Name::new(&raw.name)
            .map_err(|_| PolicyFault::NotProject(file, format!("`{}` is no name", raw.name)))?;
        let (file, config) = (folder.join(raw.component), folder.join(raw.config));
        let cases_file = folder.join(raw.cases);
        if !file.exists() {
            return Err(PolicyFault::NotBuilt(file).into());
        }
        let component = component(&file)?;
        // One byte more than is taken, so that the refusal is the daemon's own.
        let text = files::read(&config, CONFIG_BYTES_MAX as u64 + 1)?;
        Ok(Self {
            folder: folder.to_owned(),
            name,
            digest: Digest::of(&component),
            component,
            file,
            config: String::from_utf8(text).map_err(|_| PolicyFault::NotText(config))?,
            cases: files::read(&cases_file, CASES_BYTES_MAX as u64)?,
            cases_file,
            limits: raw.limits.over(Limits::default()),
        })
    }
}

fn component(file: &Path) -> Result<Vec<u8>, Fault> {
    let most = COMPONENT_BYTES_MAX;
    files::read(file, most as u64).map_err(|fault| match (fault, fs::metadata(file)) {
        (Fault::LongFile(..), Ok(found)) => {
            let bytes = usize::try_from(found.len()).unwrap_or(usize::MAX);
            PolicyFault::Refused(LoadError::TooLarge { bytes, most }).into()
        }
        (fault, _) => fault,
    })
}

fn parse(file: &Path, bytes: &[u8]) -> Result<Raw, Fault> {
    let text = str::from_utf8(bytes).map_err(|_| PolicyFault::NotText(file.to_owned()))?;
    toml::from_str(text).map_err(|error| {
        PolicyFault::NotProject(file.to_owned(), error.message().to_owned()).into()
    })
}

impl RawLimits {
    fn over(&self, default: Limits) -> Limits {
        Limits {
            memory_bytes: self.memory_bytes.unwrap_or(default.memory_bytes),
            base_micros: self.base_micros.unwrap_or(default.base_micros),
            per_transfer_nanos: self
                .per_transfer_nanos
                .unwrap_or(default.per_transfer_nanos),
        }
    }
}
