//! Chains that may be signed, and exceptions from the rules about what may come next.

use std::collections::BTreeSet;

use verify::{Name, payload};

use super::problem::{Problem, Problems};
use super::raw::{RawException, RawOrigin, RawProfile};
use crate::state::Exception;

/// Chains that may be signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Origins {
    /// These; at least one.
    Listed(Vec<Origin>),
    /// All of them: for development alone.
    Every,
}

/// A chain that may be signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Origin {
    /// The deployment.
    pub(crate) deployment: Name,
    /// The environment.
    pub(crate) environment: Name,
    /// The one epoch that is signed; none for any, which production does not know.
    pub(crate) epoch: Option<u64>,
}

/// Stands for every name.
const EVERY: &str = "*";

impl Origins {
    /// Checks them all.
    pub(crate) fn check(
        raw: Vec<RawOrigin>,
        profile: RawProfile,
        problems: &mut Problems,
    ) -> Option<Self> {
        let is_production = profile == RawProfile::Production;
        if raw.is_empty() {
            problems.push(Problem {
                key: "origin".into(),
                value: None,
                fault: "no chain is named, so that none could be signed".into(),
                advice: "add an `[[origin]]` with `deployment`, `environment` and `epoch`".into(),
            });
        }
        if let ([one], false) = (raw.as_slice(), is_production)
            && one.deployment == EVERY
            && one.environment == EVERY
            && one.epoch.is_none()
        {
            return Some(Self::Every);
        }
        let mut seen = BTreeSet::new();
        let mut origins = Vec::with_capacity(raw.len());
        for (at, raw) in raw.into_iter().enumerate() {
            let key = |part: &str| format!("origin[{at}].{part}");
            let deployment = problems.keep(name(&raw.deployment, key("deployment")));
            let environment = problems.keep(name(&raw.environment, key("environment")));
            if is_production && raw.epoch.is_none() {
                problems.push(Problem {
                    key: key("epoch"),
                    value: None,
                    fault: "missing, and a chain could be begun anew without you".into(),
                    advice: "give the epoch of the chain; it is 1 until a recovery".into(),
                });
            }
            let (Some(deployment), Some(environment)) = (deployment, environment) else {
                continue;
            };
            if !seen.insert((deployment.clone(), environment.clone())) {
                let advice = "name each chain once, with its current epoch";
                let key = format!("origin[{at}]");
                let value = format!("{deployment}/{environment}");
                problems.push(Problem::of(key, value, "is named before", advice));
            }
            origins.push(Origin {
                deployment,
                environment,
                epoch: raw.epoch,
            });
        }
        Some(Self::Listed(origins))
    }

    /// Whether rows of this chain and epoch may be signed.
    pub(crate) fn allow(&self, origin: &payload::Origin) -> bool {
        let fits = |only| only == origin.epoch;
        self.any(origin, |each| each.epoch.is_none_or(fits))
    }

    /// Whether rows of this chain may be signed, in whatever epoch.
    pub(crate) fn name(&self, origin: &payload::Origin) -> bool {
        self.any(origin, |_| true)
    }

    fn any(&self, origin: &payload::Origin, fits: impl Fn(&Origin) -> bool) -> bool {
        match self {
            Self::Every => true,
            Self::Listed(origins) => origins.iter().any(|each| {
                each.deployment == origin.deployment
                    && each.environment == origin.environment
                    && fits(each)
            }),
        }
    }
}

/// Checks the exceptions.
pub(crate) fn exceptions(raw: Vec<RawException>, problems: &mut Problems) -> Vec<Exception> {
    let mut exceptions = Vec::with_capacity(raw.len());
    for (at, raw) in raw.into_iter().enumerate() {
        let key = |part: &str| format!("exception[{at}].{part}");
        let deployment = problems.keep(name(&raw.deployment, key("deployment")));
        let environment = problems.keep(name(&raw.environment, key("environment")));
        let digest = verify::hex::digest(&raw.digest_hex).ok_or_else(|| {
            let advice = "give the digest in 64 lower-case hex digits, as the refusal told it";
            Problem::of(key("digest_hex"), &raw.digest_hex, "not a digest", advice)
        });
        let digest = problems.keep(digest);
        if raw.reason.trim().is_empty() {
            let advice = "say why, for whoever reads this next";
            let problem = Problem::of(key("reason"), &raw.reason, "says nothing", advice);
            problems.push(problem);
        }
        if let (Some(deployment), Some(environment), Some(digest)) =
            (deployment, environment, digest)
        {
            exceptions.push(Exception {
                deployment: deployment.to_string(),
                environment: environment.to_string(),
                epoch: raw.epoch,
                seq: raw.seq,
                digest,
            });
        }
    }
    exceptions
}

fn name(text: &str, key: String) -> Result<Name, Problem> {
    if text == EVERY {
        let fault = "stands for every chain, which only development may sign";
        let advice = "name the chain; in profile `development`, give `*` for both and no epoch";
        return Err(Problem::of(key, text, fault, advice));
    }
    Name::new(text).map_err(|_| {
        let advice = "use 1 to 64 of `a` to `z`, `0` to `9`, `_`, `.`, `@` and `-`";
        Problem::of(key, text, "not a name", advice)
    })
}
