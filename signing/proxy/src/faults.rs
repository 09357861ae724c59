//! What goes wrong on purpose, so that a load test can see how a ledger bears it.
//!
//! A key in KMS is slow, throttles, fails, and is at times not there at all. This stands in for it,
//! before and after the key is asked. Builds for production do not have it; see
//! `docs/operate/signing-proxy.md`.

use std::str::FromStr;
use std::time::Duration;

use parking_lot::Mutex;
use rcgen::{KeyPair, PKCS_ED25519, SigningKey as _};
use serde::Deserialize;
use serde_json::json;
use signing::SignerError;
use verify::Signature;

use crate::keys::Message;
use crate::refusal::{BadRequest, Refusal};
use crate::request::{Answer, json};
use crate::shared::Shared;

/// How long a stalled request is kept, unless the client goes before.
const STALL: Duration = Duration::from_secs(60);
const NAME: &str = "fault for tests";

/// One thing that goes wrong.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Fault {
    /// Every signature takes this long, give or take as much: any time between is as likely.
    Latency(Duration, Duration),
    /// So many of all requests fail as if the key were not reachable.
    Error(f64),
    /// So many are refused as if too many had come.
    Throttle(f64),
    /// So many are signed with another key.
    WrongKey(f64),
    /// So many are answered with bytes that nobody signed.
    Garbage(f64),
    /// So many are not answered.
    Stall(f64),
}

/// What goes wrong now.
pub(crate) struct Faults {
    /// Guards plan and chances together, so that a seed gives one order of events.
    inner: Mutex<Inner>,
    wrong: Option<KeyPair>,
}

struct Inner {
    plan: Vec<Fault>,
    chances: fastrand::Rng,
}

#[derive(Clone, Copy)]
enum Before {
    Pass,
    Error,
    Throttle,
    Stall,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    faults: Vec<String>,
    seed: Option<u64>,
}

/// `POST /faults`: what goes wrong from now on.
pub(crate) fn change(shared: &Shared, body: &[u8]) -> Result<Answer, Refusal> {
    if shared.settings.profile.is_production() {
        return Err(Refusal::NoSuchPath);
    }
    let change: Change = json(body)?;
    let plan = change.faults.iter().map(|text| text.parse());
    let plan: Vec<Fault> = plan.collect::<Result<_, _>>().map_err(BadRequest::Json)?;
    let count = plan.len();
    let mut inner = shared.faults.inner.lock();
    inner.plan = plan;
    if let Some(seed) = change.seed {
        inner.chances.seed(seed);
    }
    Ok(Answer::json(&json!({ "faults": count })))
}

impl Faults {
    /// With these faults.
    pub(crate) fn new(plan: Vec<Fault>, seed: Option<u64>) -> Self {
        let chances = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self {
            inner: Mutex::new(Inner { plan, chances }),
            wrong: KeyPair::generate_for(&PKCS_ED25519).ok(),
        }
    }

    /// What happens before the key is asked.
    pub(crate) async fn before(&self) -> Result<(), SignerError> {
        let (wait, then) = self.inner.lock().before();
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let unavailable = || signing::Fault::Unavailable("it is told to fail".into());
        match then {
            Before::Pass => Ok(()),
            Before::Throttle => Err(SignerError::new(NAME, signing::Fault::Throttled)),
            Before::Error => Err(SignerError::new(NAME, unavailable())),
            Before::Stall => {
                tokio::time::sleep(STALL).await;
                Err(SignerError::new(NAME, unavailable()))
            }
        }
    }

    /// What becomes of a signature.
    pub(crate) fn after(&self, message: Message<'_>, signature: Signature) -> Signature {
        let (is_wrong, is_garbage, junk) = self.inner.lock().after(signature.as_bytes().len());
        let other = match (&self.wrong, is_wrong, is_garbage) {
            (Some(wrong), true, _) if junk.len() == ED25519_BYTES => {
                wrong.sign(message.bytes()).ok()
            }
            (_, false, false) => None,
            _ => Some(junk),
        };
        other.and_then(Signature::new).unwrap_or(signature)
    }
}

const ED25519_BYTES: usize = 64;

impl Inner {
    fn before(&mut self) -> (Duration, Before) {
        let (mut wait, mut then) = (Duration::ZERO, Before::Pass);
        for fault in &self.plan {
            let (chance, what) = match *fault {
                Fault::Latency(mean, spread) => {
                    let width = spread.mul_f64(2.0 * self.chances.f64());
                    wait = mean.saturating_sub(spread).saturating_add(width);
                    continue;
                }
                Fault::Error(chance) => (chance, Before::Error),
                Fault::Throttle(chance) => (chance, Before::Throttle),
                Fault::Stall(chance) => (chance, Before::Stall),
                Fault::WrongKey(_) | Fault::Garbage(_) => continue,
            };
            if self.chances.f64() < chance {
                then = what;
            }
        }
        (wait, then)
    }

    fn after(&mut self, length: usize) -> (bool, bool, Vec<u8>) {
        let (mut is_wrong, mut is_garbage) = (false, false);
        for fault in &self.plan {
            match *fault {
                Fault::WrongKey(chance) => is_wrong |= self.chances.f64() < chance,
                Fault::Garbage(chance) => is_garbage |= self.chances.f64() < chance,
                Fault::Latency(..) | Fault::Error(_) | Fault::Throttle(_) | Fault::Stall(_) => {}
            }
        }
        let junk = if is_wrong || is_garbage {
            (0..length).map(|_| self.chances.u8(..)).collect()
        } else {
            Vec::new()
        };
        (is_wrong, is_garbage, junk)
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "`{text}` is not a fault: use `latency=50ms±20ms`, or `error`, `throttle`, \
                 `wrong-key`, `garbage` or `stall` with a chance from 0 to 1, such as `error=0.05`"
            )
        };
        let (name, value) = text.split_once('=').ok_or_else(unknown)?;
        if name == "latency" {
            let parts = value.split_once('±').or_else(|| value.split_once("+-"));
            let (mean, spread) = parts.unwrap_or((value, "0ms"));
            let mean = time(mean).ok_or_else(unknown)?;
            let spread = time(spread).ok_or_else(unknown)?;
            return Ok(Self::Latency(mean, spread));
        }
        let chance: f64 = value.parse().map_err(|_| unknown())?;
        if !(0.0..=1.0).contains(&chance) {
            return Err(unknown());
        }
        match name {
            "error" => Ok(Self::Error(chance)),
            "throttle" => Ok(Self::Throttle(chance)),
            "wrong-key" => Ok(Self::WrongKey(chance)),
            "garbage" => Ok(Self::Garbage(chance)),
            "stall" => Ok(Self::Stall(chance)),
            _ => Err(unknown()),
        }
    }
}

/// `20ms` or `2s`, up to ten minutes.
fn time(text: &str) -> Option<Duration> {
    let (digits, scale) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1),
        None => (text.strip_suffix('s')?, 1_000),
    };
    let millis = digits.parse::<u64>().ok()?.checked_mul(scale)?;
    (millis <= 600_000).then(|| Duration::from_millis(millis))
}

#[cfg(test)]
mod tests;
