//! The chain of rows as the signer keeps it: makes rows, has them signed, publishes them. Without
//! threads, timers or waiting, so that a test can take every step; the actor does what it says.
//!
//! It owns the audit log and the tree of heads as of the last intent. What is published it shows
//! through [`Sealed`].

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::{Digest, Nanos};
use signing::batch::{Batcher, Due};
use signing::{SealRequest, Signer, SignerError};
use store::audit::{AuditError, AuditLog, Body, Intent};
use verify::heads::HeadsTree;
use verify::payload::{Content, Origin, Payload, Seal, Trace};
use verify::row::AuditRow;
use verify::{ChainHead, Kid, Micros, Signature};

use crate::fatal;
use crate::moved::{Heads, Moved};
use crate::seal_window::SealWindow;
use crate::sealed::{Placed, Sealed};
use crate::signer::anchor::Anchor;
use crate::signer::keys::{SealKeys, micros};
use crate::signer::operator::Approvals;
use crate::signer::positions::Positions;

/// The chain. See the module.
pub(crate) struct Chain {
    pub(crate) log: AuditLog,
    pub(crate) keys: SealKeys,
    pub(crate) approvals: Approvals,
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
    pub(crate) fn step(&mut self, now: Nanos) -> Step {
        self.batcher.moved(self.moved.events());
        if self.sealed.take_wanted() {
            self.batcher.want();
        }
        let mut again = None;
        match self.batcher.due(now) {
            Due::Now => self.seal(now),
            Due::At(at) => again = Some(at),
            Due::Never => {}
        }
        let asks = std::iter::from_fn(|| self.ask(now)).collect();
        let retry = self.batcher.next_ask();
        Step {
            asks,
            again: again.into_iter().chain(retry).min(),
        }
    }

    fn ask(&mut self, now: Nanos) -> Option<Ask> {
        let seq = self.batcher.ask(now)?;
        let intent = Arc::clone(&self.flights.get(&seq)?.intent);
        let Some(signer) = self.keys.signer(intent.signer_kid()) else {
            fatal::stop(
                "signer",
                &format!("no signer for key `{}`", intent.signer_kid()),
            );
        };
        Some(Ask { intent, signer })
    }

    /// Makes the next seal over everything that moved, if there is a key that may sign it.
    fn seal(&mut self, now: Nanos) {
        let Some(kid) = self.signing_kid(now) else {
            return;
        };
        let Some(moved) = self.moved.take() else {
            return;
        };
        let placed = match self.positions.place(&moved, self.tree.size()) {
            Ok(placed) => placed,
            Err(error) => fatal::stop("signer", &error),
        };
        let root = self.sealed.secret().set(&mut self.tree, &placed);
        let heads_root = root.unwrap_or_else(|gap| fatal::stop("signer", &gap));
        let content = Content::Seal(Seal {
            books: self.tree.size() as u64,
            heads_root,
            policy_set: self.policy_set,
        });
        let intent = self.intent(kid, content, None, moved.cycle, now);
        let covers = Covers {
            placed,
            moved,
            until: now,
        };
        let Some(seq) = self.persist(intent, Some(covers)) else {
            return;
        };
        if let Err(misstep) = self.batcher.sealed(seq, now) {
            fatal::stop("signer", &misstep);
        }
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
        let kid = self.signing_kid(now).ok_or(CannotRecord::NoKey)?;
        let intent = self.intent(kid, content, Some(body), self.covered_cycle, now);
        let seq = self.persist(intent, None).ok_or(CannotRecord::Full)?;
        if let Err(misstep) = self.batcher.intended(seq, now) {
            fatal::stop("signer", &misstep);
        }
        Ok(seq)
    }

    /// Makes an intent durable; whoever calls tells the batcher. `None` if the disk has no room for
    /// it: then nothing has changed, and it is tried again later.
    fn persist(&mut self, intent: Intent, covers: Option<Covers>) -> Option<u64> {
        match self.log.persist_intent(&intent) {
            Ok(()) => Some(self.fly(intent, covers)),
            Err(error) if matches!(error, AuditError::Full) => {
                tracing::warn!(%error, "disk is full: the audit log waits for room");
                if let Some(covers) = covers {
                    self.moved.put_back(covers.moved);
                    self.reset_tree();
                }
                None
            }
            Err(error) => fatal::stop("signer", &error),
        }
    }

    /// Makes the row that revokes a key durable, in the place behind the last published row.
    pub(crate) fn intend_revocation(
        &mut self,
        kid: Kid,
        content: Content,
        body: Body,
        now: Nanos,
    ) -> u64 {
        let intent = self.intent(kid, content, Some(body), self.covered_cycle, now);
        if let Some(given_up) = self.must(|log| log.persist_revocation(&intent)) {
            let (from, to) = (given_up.start(), given_up.end());
            tracing::warn!(from, to, "rows under a revoked key are given up");
        }
        let seq = self.fly(intent, None);
        if let Err(misstep) = self.batcher.intended(seq, now) {
            fatal::stop("signer", &misstep);
        }
        seq
    }

    /// The row that continues the last one.
    fn intent(
        &self,
        kid: Kid,
        content: Content,
        body: Option<Body>,
        cycle: u64,
        now: Nanos,
    ) -> Intent {
        let seq = self.last.seq + 1;
        let prev = (self.last.seq > 0).then_some(self.last.digest);
        let payload = Payload {
            alg: self.keys.algorithm(&kid),
            content,
            lease: self.log.lease(),
            origin: self.origin.clone(),
            prev,
            seq,
            signer_kid: kid,
            trace: trace(seq, prev),
            ts: self.timestamp(now),
        };
        let canonical = payload.canonical();
        let canonical = canonical.unwrap_or_else(|error| fatal::stop("signer", &error));
        let intent = Intent::new(canonical, body, cycle, Vec::new());
        intent.unwrap_or_else(|error| fatal::stop("signer", &error))
    }

    /// A durable intent waits for its signature from here on.
    fn fly(&mut self, intent: Intent, covers: Option<Covers>) -> u64 {
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
    pub(crate) fn answered(&mut self, answer: Answer, now: Nanos) {
        let Some(flight) = self.flights.get_mut(&answer.seq) else {
            return;
        };
        if flight.intent.digest() != answer.digest {
            // It was abandoned, and another row has its place.
            return;
        }
        let kid = flight.intent.signer_kid().clone();
        let seq = answer.seq;
        let done = match answer.result {
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
                self.batcher.signed(seq)
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
                    signer_kid = %kid,
                    result,
                    %error,
                    "sign request"
                );
                self.keys.failed(&kid, &error);
                self.batcher.failed(seq, now)
            }
        };
        if let Err(misstep) = done {
            fatal::stop("signer", &misstep);
        }
        self.publish();
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
    fn publish(&mut self) {
        let mut done = Vec::new();
        while let Some(seq) = self.batcher.publishable() {
            let Some(flight) = self.flights.remove(&seq) else {
                fatal::stop("signer", &format!("row `{seq}` is not here"));
            };
            let Some(signature) = flight.signature else {
                fatal::stop("signer", &format!("row `{seq}` has no signature"));
            };
            let canonical = flight.intent.canonical().to_vec();
            let row = AuditRow::new(canonical, signature)
                .unwrap_or_else(|error| fatal::stop("signer", &error));
            self.must(|log| log.publish(&row));
            if let Err(misstep) = self.batcher.published(seq) {
                fatal::stop("signer", &misstep);
            }
            self.published = row.head();
            done.push((row, flight.covers));
        }
        let Some((last, _)) = done.last() else {
            return;
        };
        if let Err(error) = self.anchor.advance(last) {
            fatal::stop("signer", &error);
        }
        for (row, covers) in done {
            self.show(Arc::new(row), covers);
        }
    }

    fn show(&mut self, row: Arc<AuditRow>, covers: Option<Covers>) {
        let Some(covers) = covers else {
            return self.revoked(&row);
        };
        let root = self.sealed.publish(&covers.placed, Arc::clone(&row));
        let is_same = root.ok() == row.seal().map(|seal| seal.heads_root);
        if !is_same {
            fatal::stop("signer", &"the heads shown are not those that were sealed");
        }
        self.window.sealed(covers.moved.events, covers.until);
    }

    /// Gives up every row from `seq` on: they are under a key that is revoked.
    pub(crate) fn abandon(&mut self, seq: u64) {
        for (_, flight) in self.flights.split_off(&seq) {
            if let Some(covers) = flight.covers {
                self.moved.put_back(covers.moved);
            }
        }
        self.batcher.abandon(seq);
        self.reset_tree();
        self.last = match self.flights.values().next_back() {
            Some(flight) => ChainHead {
                seq: flight.intent.seq(),
                digest: flight.intent.digest(),
            },
            None => self.published,
        };
    }

    /// Makes the tree anew from what is published and what is in flight.
    fn reset_tree(&mut self) {
        self.tree = self.sealed.tree();
        for covers in self.flights.values().filter_map(|f| f.covers.as_ref()) {
            let set = self.sealed.secret().set(&mut self.tree, &covers.placed);
            if let Err(gap) = set {
                fatal::stop("signer", &gap);
            }
        }
    }

    /// What a log that failed holds is known only to recovery.
    fn must<T>(&mut self, act: impl FnOnce(&mut AuditLog) -> Result<T, AuditError>) -> T {
        act(&mut self.log).unwrap_or_else(|error| fatal::stop("signer", &error))
    }
}

/// Why an operator's row was not made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CannotRecord {
    /// No active key has a signer.
    NoKey,
    /// Too many rows wait for their signatures.
    Full,
}

/// Joins the row with what is logged about it.
fn trace(seq: u64, prev: Option<Digest>) -> Trace {
    let prev = prev.unwrap_or(Digest::ZERO);
    let digest = Digest::of_parts(&[b"ledgerd/trace", &seq.to_le_bytes(), &prev.0]);
    let mut trace = [0; 16];
    trace.copy_from_slice(&digest.0[..16]);
    Trace(trace)
}
