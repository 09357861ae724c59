//! The writing side of the audit log.

use std::collections::VecDeque;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use ledger::Digest;
use parking_lot::RwLock;
use verify::row::AuditRow;
use verify::{ChainHead, Micros};

use super::error::AuditError;
use super::index::{self, Shared, Spot};
use super::intent::Intent;
use super::limits::{AuditOptions, kept_for_operators};
use super::reader::{AuditReader, Entry};
use super::record::{self, Kind, SECTOR};
use super::reel::Reel;
use super::scan;
use crate::disk::Disk;
use crate::file_name::Place;

/// The audit log, held by the one who writes it.
pub struct AuditLog {
    shared: Arc<Shared>,
    reel: Reel,
    /// Number of the next record.
    number: u64,
    lease: u64,
    secret: [u8; 32],
    /// The last row that has an intent.
    intended: ChainHead,
    /// Its time.
    last_ts: Option<Micros>,
    /// Rows that have an intent and are not published, oldest first.
    unpublished: VecDeque<ChainHead>,
    is_poisoned: bool,
}

/// What was found when a log was opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditState {
    /// Epoch of the lease that opening took. Intents are to carry it.
    pub lease: u64,
    /// The secret that salts are drawn from.
    pub secret: [u8; 32],
    /// The last row that is published.
    pub last: Option<Entry>,
    /// Intents after it, in order: they are to be signed and published as they are.
    pub unpublished: Vec<Intent>,
    /// Where a record was cut that had not been written whole.
    pub cut: Option<Place>,
}

impl AuditLog {
    /// Opens the log on `disk`, or begins one, and takes a new lease: whoever held it before can
    /// write no more. `secret` becomes that of a log that is begun, and has to be random.
    ///
    /// # Errors
    /// The disk fails or is full, or holds what no crash of ours leaves; the error says where.
    pub fn open(
        disk: Arc<dyn Disk>,
        options: AuditOptions,
        secret: [u8; 32],
    ) -> Result<(Self, AuditState), AuditError> {
        if !options.are_valid() {
            return Err(AuditError::Options(options.segment_bytes));
        }
        let found = scan::run(&disk, options.segment_bytes)?;
        let bytes = options.segment_bytes;
        let reel = Reel::open(Arc::clone(&disk), bytes, found.current, found.spare)?;
        let shared = Arc::new(Shared {
            disk,
            index: RwLock::new(found.index),
        });
        let mut log = Self {
            shared,
            reel,
            number: found.number,
            lease: found.lease,
            secret: found.secret.unwrap_or(secret),
            intended: found.intended,
            last_ts: None,
            unpublished: found.unpublished,
            is_poisoned: false,
        };
        log.begin(found.secret.is_none())?;
        let state = log.state(found.cut)?;
        let last = state.last.as_ref().map(|entry| entry.row.created_at());
        let last_intended = state.unpublished.last().map(|intent| intent.payload().ts);
        log.last_ts = last_intended.or(last);
        Ok((log, state))
    }

    /// Writes what a new log begins with, and the lease.
    fn begin(&mut self, is_new: bool) -> Result<(), AuditError> {
        if is_new {
            let secret = self.secret;
            self.write(Kind::Secret, 0, &secret, true)?;
        }
        let lease = self.lease + 1;
        self.write(Kind::Lease, lease, &[], true)?;
        self.lease = lease;
        self.reserve()?;
        Ok(())
    }

    fn state(&self, cut: Option<Place>) -> Result<AuditState, AuditError> {
        let reader = self.reader();
        let last = match reader.last() {
            Some(last) => reader.entry(last.seq)?,
            None => None,
        };
        let intents = self.unpublished.iter().map(|head| {
            let intent = self.intent(head.seq)?;
            intent.ok_or(AuditError::NotIntended(head.seq))
        });
        Ok(AuditState {
            lease: self.lease,
            secret: self.secret,
            last,
            unpublished: intents.collect::<Result<_, _>>()?,
            cut,
        })
    }

    fn intent(&self, seq: u64) -> Result<Option<Intent>, AuditError> {
        let index = self.shared.index.read();
        index::with_intent(&*self.shared.disk, &index, seq, |parts| parts.intent())
    }

    /// The reading side.
    pub fn reader(&self) -> AuditReader {
        AuditReader {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Epoch of the lease that this holder has.
    pub fn lease(&self) -> u64 {
        self.lease
    }

    /// The secret that salts are drawn from.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// The last row that has an intent: what the next one continues.
    pub fn intended(&self) -> ChainHead {
        self.intended
    }

    /// Rows that have an intent and are not published.
    pub fn unpublished(&self) -> usize {
        self.unpublished.len()
    }

    /// Persists what is to be signed next, by compare-and-swap: it must continue the last intent,
    /// and the log's lease must be its own and still the newest. Durable when this returns; from
    /// then on the row has this digest and no other. Seals (intents without a body) leave some room
    /// free for other rows when the disk is full.
    ///
    /// # Errors
    /// [`AuditError::leaves_log_usable`] tells the errors that refused the intent before anything
    /// was written from those after which the log must be opened anew.
    pub fn persist_intent(&mut self, intent: &Intent) -> Result<(), AuditError> {
        self.check(intent)?;
        let expected = self.intended.seq + 1;
        if intent.seq() != expected {
            return Err(AuditError::NotNext {
                expected,
                got: intent.seq(),
            });
        }
        if intent.prev() != digest_of(self.intended) {
            return Err(AuditError::OtherPrev(intent.seq()));
        }
        self.write_intent(intent, 0)
    }

    /// Persists the intent of the row that revokes a key. It takes the sequence after the trusted
    /// row; every row from there on, published or not, is taken back with it, at once. Their
    /// sequences, if there were any.
    ///
    /// # Errors
    /// As for [`AuditLog::persist_intent`].
    pub fn persist_revocation(
        &mut self,
        intent: &Intent,
    ) -> Result<Option<RangeInclusive<u64>>, AuditError> {
        self.check(intent)?;
        let (seq, last) = (intent.seq(), self.intended.seq);
        if !intent.is_revocation() {
            return Err(AuditError::NoRevocation(seq));
        }
        if seq > last {
            self.persist_intent(intent)?;
            return Ok(None);
        }
        if intent.prev() != self.digest_at(seq - 1)? {
            return Err(AuditError::OtherPrev(seq));
        }
        self.write_intent(intent, last)?;
        Ok(Some(seq..=last))
    }

    /// What holds for every intent.
    fn check(&self, intent: &Intent) -> Result<(), AuditError> {
        if self.is_poisoned {
            return Err(AuditError::Poisoned);
        }
        let got = intent.payload().lease;
        if got != self.lease {
            return Err(AuditError::Lease {
                expected: self.lease,
                got,
            });
        }
        if !intent.has_its_body() {
            return Err(AuditError::OtherBody(intent.seq()));
        }
        if self.last_ts.is_some_and(|last| intent.payload().ts <= last) {
            return Err(AuditError::NotLater(intent.seq()));
        }
        Ok(())
    }

    fn digest_at(&self, seq: u64) -> Result<Option<Digest>, AuditError> {
        Ok(self.intent(seq)?.map(|intent| intent.digest()))
    }

    fn write_intent(&mut self, intent: &Intent, abandons: u64) -> Result<(), AuditError> {
        let head = ChainHead {
            seq: intent.seq(),
            digest: intent.digest(),
        };
        let is_seal = intent.body().is_none();
        let body = record::encode_intent(intent, abandons);
        let spot = self.write(Kind::Intent, head.seq, &body, !is_seal)?;
        let mut index = self.shared.index.write();
        if abandons > 0 {
            index.take_back(before(intent), spot);
        }
        index.intended(head, spot, !is_seal);
        drop(index);
        self.unpublished.retain(|other| other.seq < head.seq);
        self.unpublished.push_back(head);
        self.intended = head;
        self.last_ts = Some(intent.payload().ts);
        Ok(())
    }

    /// Publishes a row: it must be that of the oldest intent. Durable when this returns, and
    /// readers see it from then on.
    ///
    /// # Errors
    /// As for [`AuditLog::persist_intent`].
    pub fn publish(&mut self, row: &AuditRow) -> Result<(), AuditError> {
        if self.is_poisoned {
            return Err(AuditError::Poisoned);
        }
        let head = row.head();
        if self.unpublished.front() != Some(&head) {
            return Err(AuditError::NotIntended(head.seq));
        }
        let body = record::encode_row(&head.digest, row.signature());
        self.write(Kind::Row, head.seq, &body, true)?;
        self.unpublished.pop_front();
        self.shared.index.write().last = Some(head);
        Ok(())
    }

    /// Does what can wait: reserves room. To be called when nothing waits, and every second or so
    /// after [`AuditError::Full`].
    ///
    /// # Errors
    /// As for [`AuditLog::persist_intent`]; a full disk is not one.
    pub fn idle(&mut self) -> Result<(), AuditError> {
        if self.is_poisoned {
            return Err(AuditError::Poisoned);
        }
        let reserved = self.reserve();
        self.is_poisoned = reserved.is_err();
        reserved.map(|_| ())
    }

    /// Reserves the next segment; whether it is there.
    fn reserve(&mut self) -> Result<bool, AuditError> {
        self.reel.reserve().map_err(|error| match error {
            // Only another holder makes the file that is ours to make.
            AuditError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                AuditError::Fenced { lease: self.lease }
            }
            error => error,
        })
    }

    /// Writes a record; durable when this returns.
    fn write(
        &mut self,
        kind: Kind,
        subject: u64,
        body: &[u8],
        takes_all_room: bool,
    ) -> Result<Spot, AuditError> {
        if self.is_poisoned {
            return Err(AuditError::Poisoned);
        }
        let written = self.try_write(kind, subject, body, takes_all_room);
        if let Err(error) = &written {
            self.is_poisoned = !error.leaves_log_usable();
        }
        written
    }

    fn try_write(
        &mut self,
        kind: Kind,
        subject: u64,
        body: &[u8],
        takes_all_room: bool,
    ) -> Result<Spot, AuditError> {
        let unstorable = AuditError::Unstorable(subject);
        let record = record::encode(kind, self.number, subject, body).ok_or(unstorable)?;
        let need = record.len() as u64;
        if need + SECTOR as u64 > self.reel.segment_bytes() {
            return Err(AuditError::Unstorable(subject));
        }
        let kept = if takes_all_room {
            0
        } else {
            kept_for_operators(self.reel.segment_bytes())
        };
        if !self.reel.is_ours()? {
            return Err(AuditError::Fenced { lease: self.lease });
        }
        let is_tight = self.reel.left() < need + kept;
        if is_tight && !self.reel.has_spare() && !self.reserve()? {
            return Err(AuditError::Full);
        }
        if self.reel.left() < need {
            self.reel.advance();
        }
        if let Some(len) = self.reel.is_fresh() {
            let begin = record::encode(Kind::Segment, self.number, len, &[]);
            self.reel
                .write(&begin.ok_or(AuditError::Unstorable(subject))?)?;
            self.number += 1;
        }
        let record = record::encode(kind, self.number, subject, body);
        let spot = self
            .reel
            .write(&record.ok_or(AuditError::Unstorable(subject))?)?;
        self.number += 1;
        Ok(spot)
    }
}

/// The row before that of `intent`.
fn before(intent: &Intent) -> ChainHead {
    ChainHead {
        seq: intent.seq() - 1,
        digest: intent.prev().unwrap_or(Digest::ZERO),
    }
}

/// The digest that the row after `head` names.
fn digest_of(head: ChainHead) -> Option<Digest> {
    (head.seq > 0).then_some(head.digest)
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditLog")
            .field("lease", &self.lease)
            .field("intended", &self.intended)
            .field("unpublished", &self.unpublished.len())
            .finish_non_exhaustive()
    }
}
