//! What is sealed, for whom, how often, and what stands outside the journal to show it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use verify::{Approval, ApproverSet, Name};

use super::keyring::{KernelSigners, TrustedKeyring};
use super::raw::{RawAnchor, RawApprovers};
use super::{approval, approvers};
use crate::config::problem::{Problem, Problems};

/// What is sealed, for whom and how often.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sealing {
    /// The name under which the chain of seals is known.
    pub(crate) deployment: Name,
    /// The environment that every seal names, so that none passes for another's.
    pub(crate) environment: Name,
    /// The signed keyring: where trust begins, until the chain has a newer one.
    pub(crate) keyring: TrustedKeyring,
    /// Who approves keys.
    pub(crate) approvers: ApproverSet,
    /// The list of signers that others verify by, if the key must be in it.
    pub(crate) kernel_signers: Option<KernelSigners>,
    /// What shows a journal that is older than it was.
    pub(crate) anchor: Anchor,
    /// The approval to go on from an older head than the anchor's.
    pub(crate) recovery: Option<Approval>,
    /// Time between two seals while there is something to seal.
    pub(crate) seal_interval: Duration,
    /// Transfers that may wait for a seal; more are refused for the time being.
    pub(crate) max_unsealed_transfers: u64,
    /// How long the oldest of them may wait.
    pub(crate) max_unsealed: Duration,
}

/// Where the last head is known outside the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Anchor {
    /// The signing proxy keeps it.
    Proxy,
    /// Files in a directory, on a disk that whoever restores the journal does not restore.
    Directory(PathBuf),
}

/// The keys of the section that are not about one key.
#[derive(Debug)]
pub(super) struct RawSealing {
    pub(super) deployment: String,
    pub(super) environment: String,
    pub(super) keyring: PathBuf,
    pub(super) approvers: RawApprovers,
    pub(super) kernel_signers: Option<PathBuf>,
    pub(super) anchor: RawAnchor,
    pub(super) recovery: Option<PathBuf>,
    pub(super) seal_interval_ms: Option<u64>,
    pub(super) max_unsealed_transfers: Option<u64>,
    pub(super) max_unsealed_seconds: Option<u64>,
}

const SEAL_INTERVAL_MS: u64 = 100;
const MAX_UNSEALED_TRANSFERS: u64 = 10_000_000;
const MAX_UNSEALED_SECONDS: u64 = 60;
/// Names of environments that production does not bear.
const NOT_PRODUCTION: [&str; 4] = ["development", "dev", "test", "local"];

impl Sealing {
    /// Checks the section; relative paths start at `base`, and `journal` is the journal's
    /// directory.
    pub(super) fn check(
        raw: RawSealing,
        is_production: bool,
        base: &Path,
        journal: &Path,
        problems: &mut Problems,
    ) -> Option<Self> {
        let deployment = problems.keep(name("signing.deployment", &raw.deployment));
        let environment = name("signing.environment", &raw.environment)
            .and_then(|name| fit_for(is_production, name));
        let environment = problems.keep(environment);
        let approvers = problems.keep(approvers::check(raw.approvers, is_production, base));
        let anchor = problems.keep(Anchor::check(raw.anchor, base, journal));
        let mut number = |key: &str, given: Option<u64>, default: u64, max: u64| {
            let value = given.unwrap_or(default);
            if !(1..=max).contains(&value) {
                let advice = format!("give a number from 1 to {max}");
                let key = format!("signing.{key}");
                problems.push(Problem::of(key, value, "out of range", advice));
            }
            value
        };
        let millis = number(
            "seal_interval_ms",
            raw.seal_interval_ms,
            SEAL_INTERVAL_MS,
            10_000,
        );
        let transfers = raw.max_unsealed_transfers;
        let most = 1_000_000_000;
        let transfers = number(
            "max_unsealed_transfers",
            transfers,
            MAX_UNSEALED_TRANSFERS,
            most,
        );
        let seconds = raw.max_unsealed_seconds;
        let seconds = number(
            "max_unsealed_seconds",
            seconds,
            MAX_UNSEALED_SECONDS,
            86_400,
        );
        let signers = raw
            .kernel_signers
            .map(|file| KernelSigners::read(base.join(file)));
        let kernel_signers = problems.keep(signers.transpose());
        let read = |file| approval::read("signing.recovery", &base.join(file));
        let recovery = problems.keep(raw.recovery.map(read).transpose());
        let (deployment, environment, approvers) = (deployment?, environment?, approvers?);
        let file = base.join(raw.keyring);
        let keyring = TrustedKeyring::read(&file, &deployment, &environment, &approvers);
        let keyring = problems.keep(keyring);
        Some(Self {
            deployment,
            environment,
            keyring: keyring?,
            approvers,
            kernel_signers: kernel_signers?,
            anchor: anchor?,
            recovery: recovery?,
            seal_interval: Duration::from_millis(millis),
            max_unsealed_transfers: transfers,
            max_unsealed: Duration::from_secs(seconds),
        })
    }
}

impl Anchor {
    fn check(raw: RawAnchor, base: &Path, journal: &Path) -> Result<Self, Problem> {
        let key = "signing.anchor.directory";
        let directory = match raw {
            RawAnchor::Word(super::raw::RawAnchorWord::Proxy) => return Ok(Self::Proxy),
            RawAnchor::Place(place) => place.directory,
        };
        if directory.as_os_str().is_empty() {
            let advice = "name a directory outside of the journal";
            return Err(Problem::of(key, "", "names no directory", advice));
        }
        let directory = base.join(directory);
        if directory.starts_with(journal) || journal.starts_with(&directory) {
            let fault = "lies with the journal, and would be restored with it";
            let advice = "name a directory that shares nothing with `journal.directory`";
            return Err(Problem::of_file(key, &directory, fault, advice));
        }
        Ok(Self::Directory(directory))
    }
}

fn name(key: &str, text: &str) -> Result<Name, Problem> {
    Name::new(text).map_err(|_| {
        let advice = "give 1 to 64 of `[a-z0-9_.@-]`";
        Problem::of(key, text, "not a name", advice)
    })
}

fn fit_for(is_production: bool, name: Name) -> Result<Name, Problem> {
    if is_production && NOT_PRODUCTION.contains(&name.as_str()) {
        let advice = "name the environment whose seals these are, such as `production`";
        let fault = "not accepted in profile `production`";
        return Err(Problem::of("signing.environment", name, fault, advice));
    }
    Ok(name)
}
