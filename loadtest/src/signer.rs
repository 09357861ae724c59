//! How seals are signed while a load runs: by a key in the daemon, by a signing proxy that is as
//! slow and as unreliable as it is told to be, or not at all.

mod configuration;
mod keys;
mod proxy;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};

pub use configuration::configure;
pub use keys::{read_keyring, write_keyring};
pub use proxy::{Control, Proxy};

/// How seals are signed.
#[derive(Args, Clone, Debug, Default)]
pub struct SignerArguments {
    /// What signs: a key in the daemon, or a signing proxy of our own, over HTTPS with mutual TLS;
    /// the proxy if anything below is given.
    #[arg(long, value_enum, value_name = "WHERE", conflicts_with = "connect")]
    pub signer: Option<Where>,
    /// Time that a signature takes, such as `50ms±20ms` (`+-` is read too).
    #[arg(long, value_name = "TIME", conflicts_with = "connect")]
    pub signer_latency: Option<Latency>,
    /// Share of requests for a signature that fail, such as `0.05`.
    #[arg(long, value_name = "SHARE", conflicts_with = "connect")]
    pub signer_errors: Option<Share>,
    /// The signing proxy to start, built with its feature `faults`; the one built beside this
    /// program unless given.
    #[arg(long, value_name = "PROGRAM", conflicts_with = "connect")]
    pub signing_proxy: Option<PathBuf>,
    /// Transfers that may wait for a seal before postings are refused; the daemon's default unless
    /// given.
    #[arg(long, value_name = "TRANSFERS", conflicts_with = "connect")]
    pub max_unsealed: Option<u64>,
}

/// Where the key of seals is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Where {
    /// In the daemon, as `ledgerd dev` has it.
    Dev,
    /// In a signing proxy.
    Proxy,
}

/// How a daemon of our own seals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sealing {
    /// Whether it does.
    pub is_on: bool,
    /// The proxy that signs, if one does.
    pub proxy: Option<ProxyPlan>,
    /// Transfers that may wait for a seal.
    pub max_unsealed: Option<u64>,
}

/// A signing proxy to be started.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProxyPlan {
    /// The program; the one beside ours unless given.
    pub program: Option<PathBuf>,
    /// What goes wrong while a load runs, as the proxy reads it.
    pub faults: Vec<String>,
}

/// A time with a spread, as the proxy reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Latency(String);

/// A share from 0 to 1, as the proxy reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Share(String);

/// A time in which nothing is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outage {
    /// How long.
    pub lasts: Duration,
    /// When it begins, from the start of the load.
    pub after: Duration,
}

/// What is no setting of a signer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SettingError {
    /// Not a time with or without a spread.
    Latency(String),
    /// Not a share.
    Share(String),
    /// Not an outage.
    Outage(String),
}

impl Sealing {
    /// As `ledgerd dev` seals.
    pub const DEV: Self = Self {
        is_on: true,
        proxy: None,
        max_unsealed: None,
    };
    /// Not at all.
    pub const OFF: Self = Self {
        is_on: false,
        ..Self::DEV
    };

    /// Whether it is what `ledgerd dev` does.
    pub fn is_dev(&self) -> bool {
        *self == Self::DEV
    }

    /// The same with a signer that answers at once and without fail.
    pub fn instant(&self) -> Self {
        let proxy = self.proxy.clone().map(|proxy| ProxyPlan {
            faults: Vec::new(),
            ..proxy
        });
        Self {
            proxy,
            ..self.clone()
        }
    }
}

impl fmt::Display for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.proxy {
            _ if !self.is_on => f.write_str("seals off"),
            None => f.write_str("key in the daemon"),
            Some(proxy) if proxy.faults.is_empty() => f.write_str("signing proxy"),
            Some(proxy) => write!(f, "signing proxy, {}", proxy.faults.join(", ")),
        }
    }
}

impl SignerArguments {
    /// How the daemon is to seal. `needs_proxy` says that something else asks for a proxy.
    ///
    /// # Errors
    /// Faults are asked for without a proxy.
    pub fn sealing(&self, needs_proxy: bool) -> Result<Sealing, &'static str> {
        let latency = self.signer_latency.as_ref();
        let latency = latency.map(|Latency(text)| format!("latency={text}"));
        let errors = self.signer_errors.as_ref();
        let errors = errors.map(|Share(text)| format!("error={text}"));
        let faults: Vec<String> = latency.into_iter().chain(errors).collect();
        let is_asked = needs_proxy || !faults.is_empty() || self.signing_proxy.is_some();
        let is_proxy = match self.signer {
            None => is_asked,
            Some(Where::Proxy) => true,
            Some(Where::Dev) if is_asked => {
                return Err("a key in the daemon does not fail; leave `--signer dev` out");
            }
            Some(Where::Dev) => false,
        };
        let proxy = is_proxy.then(|| ProxyPlan {
            program: self.signing_proxy.clone(),
            faults,
        });
        Ok(Sealing {
            is_on: true,
            proxy,
            max_unsealed: self.max_unsealed,
        })
    }
}

impl FromStr for Latency {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let parts = text.split_once('±').or_else(|| text.split_once("+-"));
        let (mean, spread) = parts.unwrap_or((text, "0ms"));
        let is_time = duration(mean).is_some() && duration(spread).is_some();
        let error = || SettingError::Latency(text.to_owned());
        is_time.then(|| Self(text.to_owned())).ok_or_else(error)
    }
}

impl FromStr for Share {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let share = text.parse::<f64>().ok();
        let is_share = share.is_some_and(|share| (0.0..=1.0).contains(&share));
        let error = || SettingError::Share(text.to_owned());
        is_share.then(|| Self(text.to_owned())).ok_or_else(error)
    }
}

impl FromStr for Outage {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let outage = text.split_once('@').and_then(|(lasts, after)| {
            Some(Self {
                lasts: duration(lasts)?,
                after: duration(after)?,
            })
        });
        outage.ok_or_else(|| SettingError::Outage(text.to_owned()))
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(text) => write!(f, "`{text}` is no time; write `50ms±20ms` or `50ms`"),
            Self::Share(text) => write!(f, "`{text}` is no share; write one from 0 to 1"),
            Self::Outage(text) => write!(
                f,
                "`{text}` is no outage; write how long and from when on, such as `30s@20s`"
            ),
        }
    }
}

impl std::error::Error for SettingError {}

/// `20ms` or `2s`, up to ten minutes, as the proxy reads it.
fn duration(text: &str) -> Option<Duration> {
    let (digits, scale) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1),
        None => (text.strip_suffix('s')?, 1_000),
    };
    let millis = digits.parse::<u64>().ok()?.checked_mul(scale)?;
    (millis <= 600_000).then(|| Duration::from_millis(millis))
}
