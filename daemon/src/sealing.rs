//! Puts together what seals: the audit log, signers that are connected and tested, and what is
//! known of the chain outside the journal.

use std::fmt;
use std::sync::Arc;

use actors::signer::anchor::name;
use actors::signer::start::{self, ChainState};
use actors::{Anchor, Emergency, Known, NoteKeys, SealStartError, SealWindowLimits, Sealing};
use ledger::Digest;
use signing::batch::BatchLimits;
use signing::{Anchored, SignerError};
use store::anchor::{AnchorError, DirAnchor};
use store::audit::{AuditError, AuditLog, AuditOptions, AuditState};
use store::disk::Disk;
use verify::ChainHead;
use verify::payload::Origin;

use crate::clock;
use crate::config::signing::{self as config, Signing};
use crate::config::{ConfigError, Settings};
use crate::signers::{self, Connected};

/// Why nothing can be sealed, and so nothing is started.
#[derive(Debug)]
pub(crate) enum SealingError {
    /// The audit log is refused.
    Audit(AuditError),
    /// What must sign does not.
    Signers(ConfigError),
    /// The chain is refused.
    Chain(SealStartError),
    /// The directory of anchors cannot be used.
    Anchor(AnchorError),
    /// The proxy that keeps the anchor cannot be asked.
    Proxy(SignerError),
    /// The machine gives no randomness.
    Random,
}

impl fmt::Display for SealingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Audit(error) => write!(f, "audit log refused: {error}"),
            Self::Signers(error) => error.fmt(f),
            Self::Chain(error) => write!(f, "audit log refused: {error}"),
            Self::Anchor(error) => write!(f, "anchor: {error}"),
            Self::Proxy(error) => write!(f, "anchor: {error}"),
            Self::Random => f.write_str("the machine gives no randomness"),
        }
    }
}

impl From<AuditError> for SealingError {
    fn from(error: AuditError) -> Self {
        Self::Audit(error)
    }
}

/// Opens and connects everything that seals, with what the chain has come to; `None` where the
/// configuration seals nothing, which only development can. Which policies are in force is not
/// known yet: whoever starts the engine says so before.
///
/// # Errors
/// What is missing, wrong or out of reach.
pub(crate) async fn prepare(
    settings: &Settings,
    disk: &Arc<dyn Disk>,
) -> Result<Option<(Sealing, Option<ChainState>)>, SealingError> {
    let Some(signing) = settings.profile.signing() else {
        return Ok(None);
    };
    let (log, found) = open(disk)?;
    let state = start::state(&log.reader(), &found.unpublished, clock::now());
    let state = state.map_err(SealingError::Chain)?;
    let newest = state.as_ref().map(|state| state.registry.keyring());
    let connected = signers::connect(settings, newest, clock::micros()).await;
    let Some(connected) = connected.map_err(SealingError::Signers)? else {
        return Ok(None);
    };
    let (anchor, known) = anchor(&signing, &connected).await?;
    if known.is_empty() && found.last.is_some() {
        tracing::warn!(
            "nothing outside the journal knows this chain: was the anchor lost, an older copy of \
             the journal would not be noticed"
        );
    }
    let emergency = connected.emergency.map(emergency).transpose()?;
    let given = &signing.sealing;
    let limits = BatchLimits::default();
    let sealing = Sealing {
        log,
        found,
        deployment: given.deployment.clone(),
        environment: given.environment.clone(),
        signers: connected.seals,
        notes: NoteKeys {
            checkpoint: connected.checkpoint,
            bundle: connected.bundle,
        },
        keyring: given.keyring.signed.clone(),
        anchor,
        known,
        recovery: given.recovery.clone(),
        emergency,
        batch: BatchLimits {
            busy: given.seal_interval,
            idle: limits.idle.max(given.seal_interval),
            ..limits
        },
        window: SealWindowLimits {
            events: given.max_unsealed_transfers,
            age: given.max_unsealed,
        },
        policy_set: Digest::ZERO,
        salts: [random()?, random()?],
    };
    Ok(Some((sealing, state)))
}

fn open(disk: &Arc<dyn Disk>) -> Result<(AuditLog, AuditState), SealingError> {
    let options = AuditOptions::default();
    let (log, found) = AuditLog::open(Arc::clone(disk), options, random()?)?;
    if let Some(place) = found.cut {
        tracing::warn!(%place, "audit log: a record that was never written whole is cut");
    }
    Ok((log, found))
}

/// What the chain is told of an emergency.
fn emergency(declared: signers::Emergency) -> Result<Emergency, SealingError> {
    let rows = 1 + declared.approval.signatures().count();
    let salts = (0..rows).map(|_| random()).collect::<Result<_, _>>()?;
    Ok(Emergency {
        kid: declared.kid,
        public_key: declared.public_key,
        expires_at: declared.expires_at,
        approval: declared.approval,
        salts,
    })
}

fn random<const N: usize>() -> Result<[u8; N], SealingError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SealingError::Random)?;
    Ok(bytes)
}

/// Where heads are told outside the journal, and what is known there.
async fn anchor(
    signing: &Signing<config::Key>,
    connected: &Connected,
) -> Result<(Anchor, Vec<Known>), SealingError> {
    let origin = name(&Origin {
        deployment: signing.sealing.deployment.clone(),
        environment: signing.sealing.environment.clone(),
        epoch: 0,
    });
    let mut known = Vec::new();
    for signer in &connected.seals {
        // Whoever keeps a head is asked, whether or not it is the configured anchor.
        let anchored = signer.anchor(&origin).await;
        if let Anchored::Head(head) = anchored.map_err(SealingError::Proxy)? {
            known.push(Known {
                by: signer.name().to_owned(),
                epoch: head.epoch.unwrap_or(0),
                head: ChainHead {
                    seq: head.seq,
                    digest: head.digest,
                },
            });
        }
    }
    let anchor = match &signing.sealing.anchor {
        config::Anchor::Proxy => Anchor::Signer,
        config::Anchor::Directory(path) => {
            let directory = DirAnchor::open(path).map_err(SealingError::Anchor)?;
            let found = directory.read(&origin).map_err(SealingError::Anchor)?;
            known.extend(found.map(|found| Known {
                by: format!("the anchor in `{}`", path.display()),
                epoch: found.epoch,
                head: ChainHead {
                    seq: found.seq,
                    digest: found.digest,
                },
            }));
            Anchor::Directory(directory)
        }
    };
    Ok((anchor, known))
}
