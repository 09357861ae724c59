//! Where the chain goes on: what the audit log, the journal and the anchors say must fit together.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ledger::snapshot::Heads as LedgerHeads;
use ledger::{BookId, Digest, Nanos};
use signing::batch::{BatchLimits, Batcher};
use signing::{Registry, Signer};
use store::audit::{AuditError, AuditLog, AuditReader, AuditState, Body, Intent};
use store::{ReadError, Reader};
use verify::approval::{Approval, Expected};
use verify::heads::HeadsTree;
use verify::keyring::SignedKeyring;
use verify::payload::{Action, Content, Origin, Payload, Recovery, Seal};
use verify::policy::{PolicyBook, PolicyConflict};
use verify::row::AuditRow;
use verify::{ChainHead, Kid, Name};

use crate::moved::{Heads, Moved};
use crate::prover::NoteKeys;
use crate::seal_window::{SealWindow, SealWindowLimits};
use crate::sealed::{HeadSecret, Placed, Sealed};
use crate::signer::anchor::Anchor;
use crate::signer::chain::{Broken, CannotRecord, Chain, Covers};
use crate::signer::emergency::Emergency;
use crate::signer::fold::Fold;
use crate::signer::keys::{SealKeys, micros};
use crate::signer::operator::Approvals;
use crate::signer::past::{self, Past};
use crate::signer::positions::{Misplaced, Positions};

/// What seals, given by whoever puts the daemon together.
pub struct Sealing {
    /// The audit log, opened.
    pub log: AuditLog,
    /// What opening it found.
    pub found: AuditState,
    /// The chain's deployment.
    pub deployment: Name,
    /// Its environment.
    pub environment: Name,
    /// Signers of seals, each tested.
    pub signers: Vec<Arc<Signer>>,
    /// Keys of checkpoints and of ledger proofs.
    pub notes: NoteKeys,
    /// The signed keyring that the chain begins with, or goes on with if it is newer.
    pub keyring: SignedKeyring,
    /// Where the last published head is kept outside the journal.
    pub anchor: Anchor,
    /// Heads of this chain that are known outside, each with the epoch of its origin.
    pub known: Vec<Known>,
    /// The approval to go on from an older head than a known one.
    pub recovery: Option<Approval>,
    /// The key that seals while the regular one cannot, if there is one.
    pub emergency: Option<Emergency>,
    /// When seals are made.
    pub batch: BatchLimits,
    /// How much may be committed and not sealed.
    pub window: SealWindowLimits,
    /// Digest of the policies in force.
    pub policy_set: Digest,
    /// Random: salts of rows that the start itself makes.
    pub salts: [[u8; 16]; 2],
}

/// A head that is known outside the journal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// Who knows it, for people.
    pub by: String,
    /// Epoch of its origin.
    pub epoch: u64,
    /// The head.
    pub head: ChainHead,
}

/// Why the chain does not go on. Nothing was signed.
#[derive(Debug)]
pub enum SealStartError {
    /// The audit log cannot be read.
    Audit(AuditError),
    /// Closed blocks cannot be read.
    Read(ReadError),
    /// A head that is known outside is not in the audit log.
    AnchorAhead {
        /// What is known.
        known: Known,
        /// The last row or intent here.
        last: ChainHead,
    },
    /// The journal ends before what was sealed.
    JournalBehind {
        /// The last row that covers more.
        seq: u64,
        /// The cycle it covers.
        covered: u64,
        /// The journal's last cycle.
        last_cycle: u64,
    },
    /// The books do not stand where the row says.
    WrongRoot {
        /// The row.
        seq: u64,
    },
    /// A book has no position.
    Misplaced(BookId),
    /// A row is not signed yet, and its key has no signer here.
    NoSigner {
        /// The row.
        seq: u64,
        /// Its key.
        kid: Kid,
    },
    /// The body beside a row is not what such a row has.
    Body(u64),
    /// A row changes keys as they cannot change.
    Keys(u64, String),
    /// A row changes policies as they cannot change.
    Policies(u64, PolicyConflict),
    /// The chain belongs to another deployment or environment.
    Origin(Origin),
    /// The approval of the recovery does not count.
    Recovery(String),
    /// The row that the start has to make cannot be made.
    NotRecorded(String),
}

impl fmt::Display for SealStartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Audit(error) => write!(f, "audit log: {error}"),
            Self::Read(error) => write!(f, "closed blocks: {error}"),
            Self::AnchorAhead { known, last } => write!(
                f,
                "{} knows row `{}` of epoch {}, and the audit log ends at `{last}` without it: the \
                 journal is an older copy; find the newest one, or go on from here by an approved \
                 recovery",
                known.by, known.head, known.epoch
            ),
            Self::JournalBehind {
                seq,
                covered,
                last_cycle,
            } => write!(
                f,
                "row `{seq}` seals the journal up to cycle `{covered}`, and it ends at \
                 `{last_cycle}`: the journal is an older copy than its audit log; restore both \
                 from one moment"
            ),
            Self::WrongRoot { seq } => write!(
                f,
                "the books do not stand where row `{seq}` sealed them: the journal is another one \
                 than was sealed; restore the one that belongs to the audit log"
            ),
            Self::Misplaced(book) => {
                write!(f, "book `{book}` has no position in the tree of heads")
            }
            Self::NoSigner { seq, kid } => write!(
                f,
                "row `{seq}` waits for a signature by key `{kid}`, which has no signer here: \
                 configure it once more until the row is published"
            ),
            Self::Body(seq) => write!(f, "what stands beside row `{seq}` is not its body"),
            Self::Keys(seq, error) => write!(f, "row `{seq}`: {error}"),
            Self::Policies(seq, conflict) => write!(f, "row `{seq}`: {conflict}"),
            Self::Origin(origin) => write!(
                f,
                "the audit log is of `{origin}`: give the deployment and environment it was begun \
                 with, or another directory"
            ),
            Self::NotRecorded(error) => write!(f, "no row can be made: {error}"),
            Self::Recovery(error) => write!(f, "the recovery is not approved: {error}"),
        }
    }
}

impl std::error::Error for SealStartError {}

impl From<AuditError> for SealStartError {
    fn from(error: AuditError) -> Self {
        Self::Audit(error)
    }
}

impl From<ReadError> for SealStartError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}

/// Where the journal stands, as recovery found it.
pub(crate) struct Ground<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) heads: &'a LedgerHeads,
    pub(crate) last_cycle: u64,
    pub(crate) positions: Positions,
}

impl Chain {
    /// Puts the chain together and checks that everything fits.
    ///
    /// # Errors
    /// It does not.
    pub(crate) fn start(
        sealing: Sealing,
        ground: Ground<'_>,
        now: Nanos,
    ) -> Result<Self, SealStartError> {
        let reader = sealing.log.reader();
        let last_seal = last_seal(&reader)?;
        let intents = &sealing.found.unpublished;
        let past = walk(&ground, last_seal.as_ref(), intents)?;
        let folded = Fold::published(&reader, now)?.and(intents)?.state;
        let is_begun = folded.is_some();
        let (registry, approvals) = folded.unwrap_or_else(|| {
            let signed = sealing.keyring.clone();
            (
                Registry::new(signed.keyring.clone()),
                Approvals::new(signed),
            )
        });
        let keys = SealKeys::new(sealing.signers, registry);
        let published = reader.last().unwrap_or(ChainHead::NONE);
        let origin = origin(&reader, intents, &sealing.deployment, &sealing.environment)?;
        let mut chain = Self {
            last: published,
            last_ts: sealing
                .found
                .last
                .as_ref()
                .map(|entry| entry.row.created_at()),
            published,
            covered_cycle: last_seal.as_ref().map_or(0, |(_, cycle)| *cycle),
            sealed: Sealed::new(HeadSecret(sealing.found.secret)),
            window: SealWindow::new(sealing.window),
            batcher: Batcher::new(sealing.batch),
            moved: Moved::default(),
            positions: ground.positions,
            tree: HeadsTree::new(),
            flights: BTreeMap::new(),
            log: sealing.log,
            anchor: sealing.anchor,
            policy_set: sealing.policy_set,
            is_mute: false,
            keys,
            approvals,
            emergency: sealing.emergency,
            origin,
        };
        let intents = sealing.found.unpublished;
        chain.restore(past, last_seal.map(|(row, _)| row), intents, now)?;
        chain.compare(&sealing.known, sealing.recovery, sealing.salts[0], now)?;
        chain.begin(&sealing.keyring, is_begun, sealing.salts[1], now)?;
        chain.declare(now)?;
        Ok(chain)
    }

    /// Shows what is sealed and takes up what was intended.
    fn restore(
        &mut self,
        past: Past,
        last_seal: Option<AuditRow>,
        intents: Vec<Intent>,
        now: Nanos,
    ) -> Result<(), SealStartError> {
        let Past { base, spans } = past;
        if let Some(row) = last_seal {
            let seq = row.seq();
            let heads = Heads {
                heads: base,
                ..Heads::default()
            };
            let placed = self.place(&heads)?;
            let root = self.sealed.publish(&placed, Arc::new(row.clone()));
            let seal = row.seal();
            if root.ok() != seal.map(|seal| seal.heads_root) {
                return Err(SealStartError::WrongRoot { seq });
            }
            self.tree = self.sealed.tree();
        }
        let mut spans = spans.into_iter();
        for intent in intents {
            let seq = intent.seq();
            let kid = intent.signer_kid().clone();
            if self.keys.signer(&kid).is_none() {
                return Err(SealStartError::NoSigner { seq, kid });
            }
            let covers = match intent.payload().content {
                Content::Seal(seal) => {
                    Some(self.cover(seq, &seal, spans.next().unwrap_or_default(), now)?)
                }
                _ => None,
            };
            let seq = self.fly(intent, covers);
            // INVARIANT: intents of a log are dense, so that each is the next.
            let intended = self.batcher.intended(seq, now);
            debug_assert!(intended.is_ok());
        }
        if let Some(rest) = spans.next()
            && !rest.heads.is_empty()
        {
            self.window.committed(rest.events, now);
            self.moved.put_back(rest);
        }
        Ok(())
    }

    fn cover(
        &mut self,
        seq: u64,
        seal: &Seal,
        moved: Heads,
        now: Nanos,
    ) -> Result<Covers, SealStartError> {
        let placed = self.place(&moved)?;
        let set = self.sealed.secret().set(&mut self.tree, &placed);
        if set.ok() != Some(seal.heads_root) {
            return Err(SealStartError::WrongRoot { seq });
        }
        self.window.committed(moved.events, now);
        Ok(Covers {
            placed,
            moved,
            until: now,
        })
    }

    fn place(&mut self, heads: &Heads) -> Result<Vec<Placed>, SealStartError> {
        let placed = self.positions.place(heads, self.tree.size());
        placed.map_err(|misplaced| match misplaced {
            Misplaced::Book(book) => SealStartError::Misplaced(book),
            Misplaced::Position(_) => SealStartError::WrongRoot { seq: self.last.seq },
        })
    }

    /// Refuses to go on behind what is known outside, unless a recovery of just that is approved.
    fn compare(
        &mut self,
        known: &[Known],
        recovery: Option<Approval>,
        salt: [u8; 16],
        now: Nanos,
    ) -> Result<(), SealStartError> {
        let mut missing = Vec::new();
        for known in known {
            if !self.has(known)? {
                missing.push(known);
            }
        }
        // What gives up the furthest one gives up those before it too.
        let furthest = missing
            .into_iter()
            .max_by_key(|known| (known.epoch, known.head.seq));
        match (furthest, &recovery) {
            (None, _) => Ok(()),
            (Some(known), Some(approval)) => self.recover(known, approval, salt, now),
            (Some(known), None) => Err(SealStartError::AnchorAhead {
                known: known.clone(),
                last: self.last,
            }),
        }
    }

    /// Whether a known head is a row or an intent here, or was given up by a recovery.
    fn has(&self, known: &Known) -> Result<bool, SealStartError> {
        let head = known.head;
        let reader = self.log.reader();
        let row = reader.row(head.seq)?.map(|row| row.digest());
        let flight = self.flights.get(&head.seq);
        let digest = row.or(flight.map(|flight| flight.intent.digest()));
        if digest == Some(head.digest) {
            return Ok(true);
        }
        let gives_up = |payload: &Payload| match &payload.content {
            Content::Recovery(Recovery { anchor, .. }) => {
                let is_before = (payload.seq..=anchor.seq).contains(&head.seq);
                *anchor == head || (is_before && known.epoch < payload.origin.epoch)
            }
            _ => false,
        };
        for entry in reader.operator_entries(1) {
            if gives_up(entry?.row.payload()) {
                return Ok(true);
            }
        }
        let mut intents = self.flights.values().map(|flight| flight.intent.payload());
        Ok(intents.any(gives_up))
    }

    fn recover(
        &mut self,
        known: &Known,
        approval: &Approval,
        salt: [u8; 16],
        now: Nanos,
    ) -> Result<(), SealStartError> {
        let keyring = self.keys.registry.keyring();
        approval
            .check(&Expected::of(keyring, micros(now)))
            .map_err(|fault| SealStartError::Recovery(fault.to_string()))?;
        let verify::approval::Content::Recovery { anchor, epoch } = approval.request().content
        else {
            let message = "the approval is about something else";
            return Err(SealStartError::Recovery(message.to_owned()));
        };
        if anchor != known.head || epoch <= known.epoch || epoch <= self.origin.epoch {
            let message = format!(
                "the approval gives up `{anchor}` for epoch {epoch}; what is known is `{}` of \
                 epoch {}",
                known.head, known.epoch
            );
            return Err(SealStartError::Recovery(message));
        }
        self.origin.epoch = epoch;
        let bytes = approval
            .encode()
            .map_err(|error| SealStartError::Recovery(error.to_string()))?;
        let body = Body { salt, bytes };
        let content = Content::Recovery(Recovery {
            body: body.commitment(),
            anchor,
        });
        self.record(content, body, now).map_err(cannot)?;
        tracing::warn!(%anchor, epoch, "recovery: the chain goes on from an older head");
        Ok(())
    }

    /// A row says which keyring the chain begins with. A newer one that approvers signed elsewhere
    /// is taken up in the same way.
    fn begin(
        &mut self,
        keyring: &SignedKeyring,
        is_begun: bool,
        salt: [u8; 16],
        now: Nanos,
    ) -> Result<(), SealStartError> {
        let is_newer = keyring.keyring.serial() > self.keys.registry.keyring().serial();
        if is_begun && !is_newer {
            return Ok(());
        }
        let unreadable = |error: verify::keyring::SignedKeyringError| error.to_string();
        let bytes = keyring
            .encode()
            .map_err(|error| SealStartError::Keys(0, unreadable(error)))?;
        let body = Body {
            salt,
            bytes: bytes.trim_ascii_end().to_vec(),
        };
        let content = Content::Action {
            action: Action::Operator,
            body: body.commitment(),
        };
        self.keys.registry = Registry::new(keyring.keyring.clone());
        self.record(content, body, now).map_err(cannot)?;
        self.approvals.signed = keyring.clone();
        Ok(())
    }
}

pub(crate) fn cannot(error: CannotRecord) -> SealStartError {
    match error {
        CannotRecord::Broken(Broken::Log(error)) => SealStartError::Audit(error),
        CannotRecord::Broken(error) => SealStartError::NotRecorded(error.to_string()),
        CannotRecord::NoKey => {
            SealStartError::NotRecorded("no active key of usage `seal` has a signer".to_owned())
        }
        CannotRecord::Full => SealStartError::NotRecorded(
            "too many rows wait for their signatures, or the disk is full".to_owned(),
        ),
    }
}

/// What the rows of a chain have led to.
#[derive(Clone, Debug)]
pub struct ChainState {
    /// The registry of keys.
    pub registry: Registry,
    /// What approvals have put in force.
    pub policies: PolicyBook,
}

/// What a chain has come to, with rows that are not signed yet; `None` if it has no row yet.
///
/// # Errors
/// The audit log cannot be read, or a body is none.
pub fn state(
    reader: &AuditReader,
    unpublished: &[Intent],
    now: Nanos,
) -> Result<Option<ChainState>, SealStartError> {
    let fold = Fold::published(reader, now)?.and(unpublished)?;
    Ok(fold.state.map(|(registry, approvals)| ChainState {
        registry,
        policies: approvals.policies,
    }))
}

/// The last seal and the cycle that it covers.
fn last_seal(reader: &AuditReader) -> Result<Option<(AuditRow, u64)>, SealStartError> {
    let Some(last) = reader.last() else {
        return Ok(None);
    };
    for seq in (1..=last.seq).rev() {
        if let Some(entry) = reader.entry(seq)?
            && entry.row.seal().is_some()
        {
            return Ok(Some((entry.row, entry.covered_cycle)));
        }
    }
    Ok(None)
}

fn walk(
    ground: &Ground<'_>,
    last_seal: Option<&(AuditRow, u64)>,
    intents: &[Intent],
) -> Result<Past, SealStartError> {
    let base = last_seal.map_or(0, |(_, cycle)| *cycle);
    let sealing = intents
        .iter()
        .filter(|intent| matches!(intent.payload().content, Content::Seal(_)));
    let boundaries: Vec<u64> = sealing.map(Intent::covered_cycle).collect();
    let rows = last_seal.map(|(row, cycle)| (row.seq(), *cycle));
    let rows = rows.into_iter().chain(
        intents
            .iter()
            .map(|intent| (intent.seq(), intent.covered_cycle())),
    );
    for (seq, covered) in rows {
        if covered > ground.last_cycle {
            return Err(SealStartError::JournalBehind {
                seq,
                covered,
                last_cycle: ground.last_cycle,
            });
        }
    }
    Ok(past::walk(
        ground.reader,
        ground.heads,
        base,
        &boundaries,
        ground.last_cycle,
    )?)
}

/// Which origin the chain has reached.
fn origin(
    reader: &AuditReader,
    intents: &[Intent],
    deployment: &Name,
    environment: &Name,
) -> Result<Origin, SealStartError> {
    let last = match reader.last() {
        Some(last) => reader.row(last.seq)?,
        None => None,
    };
    let of_row = last.map(|row| row.payload().origin.clone());
    let of_intent = intents.last().map(|intent| intent.payload().origin.clone());
    let Some(origin) = of_intent.or(of_row) else {
        return Ok(Origin {
            deployment: deployment.clone(),
            environment: environment.clone(),
            epoch: 1,
        });
    };
    if origin.deployment != *deployment || origin.environment != *environment {
        return Err(SealStartError::Origin(origin));
    }
    Ok(origin)
}
