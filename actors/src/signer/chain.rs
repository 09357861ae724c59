//! The chain of rows as the signer keeps it: makes rows, has them signed, publishes them. Without
//! threads, timers or waiting, so that a test can take every step; the actor does what it says.
//!
//! It owns the audit log and the tree of heads as of the last intent. What is published it shows
//! through [`Sealed`].

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ledger::{Digest, Nanos};
use signing::batch::{Batcher, Due, Misstep};
use signing::{SealRequest, Signer, SignerError};
use store::anchor::AnchorError;
use store::audit::{AuditError, AuditLog, Body, Intent};
use verify::heads::{Gap, HeadsTree};
use verify::payload::{Content, Origin, Payload, PayloadError, Seal, Trace};
use verify::row::{AuditRow, RowError};
use verify::{ChainHead, Kid, Micros, Signature};

use crate::moved::{Heads, Moved};
use crate::seal_window::SealWindow;
use crate::sealed::{Placed, Sealed};
use crate::signer::anchor::Anchor;
use crate::signer::emergency::Emergency;
use crate::signer::keys::{SealKeys, micros};
use crate::signer::operator::Approvals;
use crate::signer::positions::{Misplaced, Positions};

/// The chain. See the module.
pub(crate) struct Chain {
    pub(crate) log: AuditLog,
    pub(crate) keys: SealKeys,
    pub(crate) approvals: Approvals,
    /// The key that seals while the regular one cannot, if there is one.
    pub(crate) emergency: Option<Emergency>,
    pub(crate) anchor: Anchor,
    pub(crate) origin: Origin,
    pub(crate) policy_set: Digest,
    pub(crate) batcher: Batcher,
    pub(crate) moved: Moved,
    pub(crate) positions: Positions,
    pub(crate) window: SealWindow,
    pub(crate) sealed: Sealed,
    /// Heads as of the last intent.
    pub(crate) tree: HeadsTree,
    /// Rows that are intended and not published, by sequence.
    pub(crate) flights: BTreeMap<u64, Flight>,
    /// The last intent or row, and its time.
    pub(crate) last: ChainHead,
    pub(crate) last_ts: Option<Micros>,
    /// The last published row.
    pub(crate) published: ChainHead,
    /// The last cycle that an intent covers.
    pub(crate) covered_cycle: u64,
    /// Whether it was told that nothing signs.
    pub(crate) is_mute: bool,
}

/// A row between its intent and its publication.
pub(crate) struct Flight {
    pub(crate) intent: Arc<Intent>,
    /// What a seal covers beyond the one before it.
    pub(crate) covers: Option<Covers>,
    pub(crate) signature: Option<Signature>,
}

/// What a seal covers beyond the one before it.
pub(crate) struct Covers {
    pub(crate) placed: Vec<Placed>,
    pub(crate) moved: Heads,
    /// Everything that was durable by then is covered.
    pub(crate) until: Nanos,
}

/// A question to a signer.
pub(crate) struct Ask {
    pub(crate) intent: Arc<Intent>,
    pub(crate) signer: Arc<Signer>,
}

impl Ask {
    /// Asks. Takes as long as it takes.
    pub(crate) async fn answer(self) -> Answer {
        let request = SealRequest {
            canonical: self.intent.canonical(),
            prev: self.intent.prev(),
            digest: self.intent.digest(),
        };
        let result = self.signer.sign_seal(request).await;
        Answer {
            seq: self.intent.seq(),
            digest: self.intent.digest(),
            result,
        }
    }
}

/// What a signer answered about a row.
pub(crate) struct Answer {
    pub(crate) seq: u64,
    pub(crate) digest: Digest,
    pub(crate) result: Result<Signature, SignerError>,
}

/// What is to be done next.
pub(crate) struct Step {
    pub(crate) asks: Vec<Ask>,
    /// When to look again, even if nothing happens until then.
    pub(crate) again: Option<Nanos>,
}

impl Chain {
    /// Makes a seal if one is due, and says what is to be asked.
    pub(crate) fn step(&mut self, now: Nanos) -> Result<Step, Broken> {
        self.batcher.moved(self.moved.events());
        if self.sealed.take_wanted() {
            self.batcher.want();
        }
        let mut again = None;
        match self.batcher.due(now) {
            Due::Now => self.seal(now)?,
            Due::At(at) => again = Some(at),
            Due::Never => {}
        }
        let mut asks = Vec::new();
        while let Some(seq) = self.batcher.ask(now) {
            let flight = self.flights.get(&seq);
            let intent = Arc::clone(&flight.ok_or(Broken::Lost(seq))?.intent);
            let signer = self.keys.signer(intent.signer_kid());
            let signer = signer.ok_or_else(|| Broken::NoSigner(intent.signer_kid().clone()))?;
            asks.push(Ask { intent, signer });
        }
        let retry = self.batcher.next_ask();
        Ok(Step {
            asks,
            again: again.into_iter().chain(retry).min(),
        })
    }

    /// Makes the next seal over everything that moved, if there is a key that may sign it.
    fn seal(&mut self, now: Nanos) -> Result<(), Broken> {
        let Some(kid) = self.signing_kid(now) else {
            return Ok(());
        };
        let Some(moved) = self.moved.take() else {
            return Ok(());
        };
        let placed = self.positions.place(&moved, self.tree.size())?;
        let heads_root = self.sealed.secret().set(&mut self.tree, &placed)?;
        let content = Content::Seal(Seal {
            books: self.tree.size() as u64,
            heads_root,
            policy_set: self.policy_set,
        });
        let intent = self.intent(self.last, kid, content, None, moved.cycle, now)?;
        let covers = Covers {
            placed,
            moved,
            until: now,
        };
        if let Some(seq) = self.persist(intent, Some(covers))? {
            self.batcher.sealed(seq, now)?;
        }
        Ok(())
    }

    /// The key that signs the next row.
    fn signing_kid(&mut self, now: Nanos) -> Option<Kid> {
        let kid = self.keys.current(self.last.seq + 1, now);
        if kid.is_none() && !self.is_mute {
            tracing::error!("no active key of usage `seal` has a signer: nothing is sealed");
        }
        self.is_mute = kid.is_none();
        kid
    }

    /// Makes a row of an operator durable. Its sequence.
    ///
    /// # Errors
    /// No key signs, or no place is free.
    pub(crate) fn record(
        &mut self,
        content: Content,
        body: Body,
        now: Nanos,
    ) -> Result<u64, CannotRecord> {
        if !self.batcher.has_place() {
            return Err(CannotRecord::Full);
        }
        self.put(content, body, now)
    }

    /// As [`Chain::record`], whether or not a place is free.
    pub(crate) fn put(
        &mut self,
        content: Content,
        body: Body,
        now: Nanos,
    ) -> Result<u64, CannotRecord> {
        let kid = self.signing_kid(now).ok_or(CannotRecord::NoKey)?;
        let cycle = self.covered_cycle;
        let intent = self.intent(self.last, kid, content, Some(body), cycle, now)?;
        let seq = self.persist(intent, None)?.ok_or(CannotRecord::Full)?;
        self.batcher.intended(seq, now).map_err(Broken::from)?;
        Ok(seq)
    }

    /// Makes an intent durable; whoever calls tells the batcher. `None` if the disk has no room for
    /// it: then nothing has changed, and it is tried again later.
    fn persist(&mut self, intent: Intent, covers: Option<Covers>) -> Result<Option<u64>, Broken> {
        match self.log.persist_intent(&intent) {
            Ok(()) => Ok(Some(self.fly(intent, covers))),
            Err(error) if matches!(error, AuditError::Full) => {
                tracing::warn!(%error, "disk is full: the audit log waits for room");
                if let Some(covers) = covers {
                    self.moved.put_back(covers.moved);
                    self.reset_tree()?;
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the row that revokes a key durable, in the place behind the last published row, and
    /// gives up every row that has no signature yet.
    ///
    /// # Errors
    /// The disk has no room: then nothing has changed.
    pub(crate) fn intend_revocation(
        &mut self,
        kid: Kid,
        content: Content,
        body: Body,
        now: Nanos,
    ) -> Result<u64, CannotRecord> {
        let cycle = self.covered_cycle;
        let intent = self.intent(self.published, kid, content, Some(body), cycle, now)?;
        match self.log.persist_revocation(&intent) {
            Ok(None) => {}
            Ok(Some(given_up)) => {
                let (from, to) = (given_up.start(), given_up.end());
                tracing::warn!(from, to, "rows under a revoked key are given up");
            }
            Err(AuditError::Full) => return Err(CannotRecord::Full),
            Err(error) => return Err(Broken::from(error).into()),
        }
        self.abandon(intent.seq())?;
        let seq = self.fly(intent, None);
        self.batcher.intended(seq, now).map_err(Broken::from)?;
        Ok(seq)
    }

    /// The row that continues `after`.
    fn intent(
        &self,
        after: ChainHead,
        kid: Kid,
        content: Content,
        body: Option<Body>,
        cycle: u64,
        now: Nanos,
    ) -> Result<Intent, Broken> {
        let seq = after.seq + 1;
        let prev = (after.seq > 0).then_some(after.digest);
        let signer = self.keys.signer(&kid);
        let payload = Payload {
            alg: signer
                .ok_or_else(|| Broken::NoSigner(kid.clone()))?
                .algorithm(),
            content,
            lease: self.log.lease(),
            origin: self.origin.clone(),
            prev,
            seq,
            signer_kid: kid,
            trace: trace(seq, prev),
            ts: self.timestamp(now),
        };
        let canonical = payload.canonical()?;
        Ok(Intent::new(canonical, body, cycle, Vec::new())?)
    }

    /// A durable intent waits for its signature from here on.
    pub(crate) fn fly(&mut self, intent: Intent, covers: Option<Covers>) -> u64 {
        let (seq, digest) = (intent.seq(), intent.digest());
        tracing::debug!(seq, %digest, kind = intent.payload().content.kind(), "intent");
        self.last = ChainHead { seq, digest };
        self.last_ts = Some(intent.payload().ts);
        self.covered_cycle = self.covered_cycle.max(intent.covered_cycle());
        let flight = Flight {
            intent: Arc::new(intent),
            covers,
            signature: None,
        };
        self.flights.insert(seq, flight);
        seq
    }

    /// A time that no row has had.
    fn timestamp(&self, now: Nanos) -> Micros {
        match self.last_ts.and_then(Micros::next) {
            Some(next) => next.max(micros(now)),
            None => micros(now),
        }
    }

    /// Takes an answer and publishes what can be.
    pub(crate) fn answered(&mut self, answer: Answer, now: Nanos) -> Result<(), Broken> {
        let Some(flight) = self.flights.get_mut(&answer.seq) else {
            return Ok(());
        };
        if flight.intent.digest() != answer.digest {
            // It was abandoned, and another row has its place.
            return Ok(());
        }
        let kid = flight.intent.signer_kid().clone();
        let seq = answer.seq;
        match answer.result {
            Ok(signature) => {
                flight.signature = Some(signature);
                self.keys.verified(&kid, now);
                tracing::info!(
                    request_id = seq,
                    actor_id = "signer",
                    range = %self.range(seq),
                    signer_kid = %kid,
                    result = "signed",
                    "sign request"
                );
                self.batcher.signed(seq)?;
            }
            Err(error) => {
                let result = if error.is_retryable() {
                    "retryable"
                } else {
                    "refused"
                };
                tracing::warn!(
                    request_id = seq,
                    actor_id = "signer",
                    range = %self.range(seq),
                    signer_kid = %kid,
                    result,
                    %error,
                    "sign request"
                );
                self.keys.failed(&kid, &error);
                self.batcher.failed(seq, now)?;
            }
        }
        self.publish()
    }

    /// What a row covers, for the log.
    fn range(&self, seq: u64) -> String {
        let covers = self.flights.get(&seq).and_then(|f| f.covers.as_ref());
        match covers {
            Some(covers) => format!(
                "{} events of {} books up to cycle {}",
                covers.moved.events,
                covers.moved.heads.len(),
                covers.moved.cycle
            ),
            None => "operator".to_owned(),
        }
    }

    /// Publishes every row whose turn it is: durable first, then known outside the journal, then
    /// shown.
    fn publish(&mut self) -> Result<(), Broken> {
        let mut done = Vec::new();
        while let Some(seq) = self.batcher.publishable() {
            let flight = self.flights.remove(&seq).ok_or(Broken::Lost(seq))?;
            let signature = flight.signature.ok_or(Broken::Lost(seq))?;
            let row = AuditRow::new(flight.intent.canonical().to_vec(), signature)?;
            self.log.publish(&row)?;
            self.batcher.published(seq)?;
            self.published = row.head();
            done.push((row, flight.covers));
        }
        if let Some((last, _)) = done.last() {
            self.anchor.advance(last)?;
        }
        for (row, covers) in done {
            self.show(Arc::new(row), covers)?;
        }
        Ok(())
    }

    fn show(&mut self, row: Arc<AuditRow>, covers: Option<Covers>) -> Result<(), Broken> {
        let Some(covers) = covers else {
            self.approvals.revoked(&row);
            return Ok(());
        };
        let root = self.sealed.publish(&covers.placed, Arc::clone(&row))?;
        if row.seal().map(|seal| seal.heads_root) != Some(root) {
            return Err(Broken::OtherHeads(row.seq()));
        }
        self.window.sealed(covers.moved.events, covers.until);
        Ok(())
    }

    /// Gives up every row from `seq` on: they are under a key that is revoked.
    fn abandon(&mut self, seq: u64) -> Result<(), Broken> {
        for (_, flight) in self.flights.split_off(&seq) {
            if let Some(covers) = flight.covers {
                self.moved.put_back(covers.moved);
            }
        }
        self.batcher.abandon(seq);
        self.reset_tree()
    }

    /// Makes the tree anew from what is published and what is in flight.
    fn reset_tree(&mut self) -> Result<(), Broken> {
        self.tree = self.sealed.tree();
        for covers in self.flights.values().filter_map(|f| f.covers.as_ref()) {
            self.sealed.secret().set(&mut self.tree, &covers.placed)?;
        }
        Ok(())
    }
}

/// Why the chain cannot be gone on with in this process: what is durable is known only to recovery,
/// or an invariant is broken.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The audit log failed.
    Log(AuditError),
    /// The anchor could not be moved on.
    Anchor(AnchorError),
    /// A book has no place in the tree of heads.
    Misplaced(Misplaced),
    /// The tree of heads has a gap.
    Gap(Gap),
    /// The batcher and the chain do not agree.
    Misstep(Misstep),
    /// A row was made that is none.
    Row(RowError),
    /// A payload was made that is none.
    Payload(PayloadError),
    /// A row in flight is not here.
    Lost(u64),
    /// A row waits for a key that has no signer.
    NoSigner(Kid),
    /// The heads shown are not those that a row sealed.
    OtherHeads(u64),
}

macro_rules! broken {
    ($($from:ty => $variant:ident,)*) => {$(
        impl From<$from> for Broken {
            fn from(error: $from) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}

broken! {
    AuditError => Log,
    AnchorError => Anchor,
    Misplaced => Misplaced,
    Gap => Gap,
    Misstep => Misstep,
    RowError => Row,
    PayloadError => Payload,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => error.fmt(f),
            Self::Anchor(error) => error.fmt(f),
            Self::Misplaced(error) => error.fmt(f),
            Self::Gap(error) => error.fmt(f),
            Self::Misstep(error) => error.fmt(f),
            Self::Row(error) => error.fmt(f),
            Self::Payload(error) => error.fmt(f),
            Self::Lost(seq) => write!(f, "row `{seq}` is not in flight"),
            Self::NoSigner(kid) => write!(f, "no signer for key `{kid}`"),
            Self::OtherHeads(seq) => write!(f, "other heads than row `{seq}` sealed"),
        }
    }
}

impl std::error::Error for Broken {}

/// Why an operator's row was not made.
#[derive(Debug)]
pub(crate) enum CannotRecord {
    /// No active key has a signer.
    NoKey,
    /// Too many rows wait for their signatures, or the disk has no room.
    Full,
    /// Nothing can be recorded any more.
    Broken(Broken),
}

impl From<Broken> for CannotRecord {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// Joins the row with what is logged about it.
fn trace(seq: u64, prev: Option<Digest>) -> Trace {
    let prev = prev.unwrap_or(Digest::ZERO);
    let digest = Digest::of_parts(&[b"ledgerd/trace", &seq.to_le_bytes(), &prev.0]);
    let mut trace = [0; 16];
    trace.copy_from_slice(&digest.0[..16]);
    Trace(trace)
}
