//! Who seals: `[signing]`, with what flags and variables say about it.
//!
//! Production holds keys of one type, which no key of a developer and no shared secret can have.

pub(crate) mod algorithm;
mod approval;
mod approvers;
pub(crate) mod emergency;
pub(crate) mod key;
pub(crate) mod keyring;
pub(crate) mod place;
pub(crate) mod raw;
mod rules;
pub(crate) mod sealing;

use std::path::Path;

pub(crate) use emergency::{Emergency, EmergencyKey};
pub(crate) use key::{DeployedKey, Key};
pub(crate) use keyring::{KernelSigners, TrustedKeyring};
pub(crate) use sealing::{Anchor, Sealing};

use super::problem::Problems;
use super::variables::Variables;
use key::SpokenKey;
use place::Spoken;
use raw::RawSigning;
use sealing::RawSealing;

/// Who seals, with keys of type `K`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Signing<K> {
    /// The key of seals.
    pub(crate) seal: K,
    /// The key of seals to come, until it is promoted and takes over.
    pub(crate) next: Option<K>,
    /// The key of seals for the time being, when it is another.
    pub(crate) emergency: Option<Emergency>,
    /// The key of checkpoints.
    pub(crate) checkpoint: Option<K>,
    /// The key of export bundles.
    pub(crate) bundle: Option<K>,
    /// What is sealed and how often.
    pub(crate) sealing: Sealing,
}

impl<K: PartialEq> Signing<K> {
    /// Whether anything differs that a reload does not take up: it connects keys of seals alone.
    pub(crate) fn needs_restart(&self, newer: &Self) -> bool {
        self.emergency != newer.emergency
            || self.checkpoint != newer.checkpoint
            || self.bundle != newer.bundle
            || self.sealing != newer.sealing
    }
}

/// What a section is checked beside.
pub(crate) struct Beside<'a> {
    /// What flags and variables say.
    pub(crate) variables: &'a Variables,
    /// Whether the profile is production.
    pub(crate) is_production: bool,
    /// Where relative paths start.
    pub(crate) base: &'a Path,
    /// The journal's directory.
    pub(crate) journal: &'a Path,
}

impl Signing<Key> {
    /// Checks the section, or that none is needed.
    pub(crate) fn check(
        raw: Option<RawSigning>,
        beside: &Beside<'_>,
        problems: &mut Problems,
    ) -> Option<Self> {
        rules::check_variables(beside, raw.as_ref(), problems);
        let Some(raw) = raw else {
            if beside.is_production {
                problems.push(rules::no_section(beside.variables));
            }
            return None;
        };
        let (variables, is_production, base) =
            (beside.variables, beside.is_production, beside.base);
        let spoken = spoken(variables, is_production, raw.emergency.is_some());
        rules::check_required(&raw, &spoken, variables, problems);
        let seal = Key::check(
            raw.seal,
            "signing.seal",
            spoken,
            is_production,
            base,
            problems,
        );
        let mut other = |raw: Option<raw::RawKey>, key: &str| match raw {
            None => Some(None),
            Some(raw) => {
                let none = SpokenKey::default();
                Key::check(raw, key, none, is_production, base, problems).map(Some)
            }
        };
        let next = other(raw.next, "signing.next");
        let checkpoint = other(raw.checkpoint, "signing.checkpoint");
        let bundle = other(raw.bundle, "signing.bundle");
        let private = variables.private_key.clone();
        let emergency = match raw.emergency {
            None => Some(None),
            Some(raw) => Emergency::check(raw, private, is_production, base, problems).map(Some),
        };
        let sealing = RawSealing {
            deployment: raw.deployment,
            environment: raw.environment,
            keyring: raw.keyring,
            approvers: raw.approvers,
            kernel_signers: raw.kernel_signers,
            anchor: raw.anchor,
            recovery: raw.recovery,
            seal_interval_ms: raw.seal_interval_ms,
            max_unsealed_transfers: raw.max_unsealed_transfers,
            max_unsealed_seconds: raw.max_unsealed_seconds,
        };
        let sealing = Sealing::check(sealing, is_production, base, beside.journal, problems);
        let signing = Self {
            seal: seal?,
            next: next?,
            emergency: emergency?,
            checkpoint: checkpoint?,
            bundle: bundle?,
            sealing: sealing?,
        };
        rules::check_together(&signing, problems);
        Some(signing)
    }

    /// The same with keys that production takes.
    pub(crate) fn for_production(self, problems: &mut Problems) -> Option<Signing<DeployedKey>> {
        let mut deployed = |key: Key, place: &str| problems.keep(DeployedKey::of(key, place));
        let seal = deployed(self.seal, "signing.seal");
        let mut optional = |key: Option<Key>, place: &str| match key {
            None => Some(None),
            Some(key) => deployed(key, place).map(Some),
        };
        let next = optional(self.next, "signing.next");
        let checkpoint = optional(self.checkpoint, "signing.checkpoint");
        let bundle = optional(self.bundle, "signing.bundle");
        Some(Signing {
            seal: seal?,
            next: next?,
            emergency: self.emergency,
            checkpoint: checkpoint?,
            bundle: bundle?,
            sealing: self.sealing,
        })
    }
}

/// What flags and variables say about the key of seals. What production refuses by name is not
/// among it, so that it is refused once.
fn spoken(variables: &Variables, is_production: bool, is_emergency: bool) -> SpokenKey {
    let mut spoken = SpokenKey {
        place: Spoken {
            key_id: variables.kms_key_id.clone(),
            url: variables.proxy_url.clone(),
            api_key: variables.proxy_api_key.clone(),
        },
        algorithm: variables.algorithm.clone(),
        ..SpokenKey::default()
    };
    if !is_production {
        spoken.hmac = variables
            .hmac_key
            .clone()
            .or_else(|| variables.mock_key.clone());
    }
    if !is_production && !is_emergency {
        spoken.private = variables.private_key.clone();
    }
    spoken
}

impl Signing<DeployedKey> {
    /// The same with keys of any kind, for whoever does not care.
    pub(crate) fn any(&self) -> Signing<Key> {
        let any = |key: &DeployedKey| Key::Deployed(key.clone());
        Signing {
            seal: any(&self.seal),
            next: self.next.as_ref().map(any),
            emergency: self.emergency.clone(),
            checkpoint: self.checkpoint.as_ref().map(any),
            bundle: self.bundle.as_ref().map(any),
            sealing: self.sealing.clone(),
        }
    }
}
