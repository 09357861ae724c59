//! Chains of rows: which digest has which place, and what may come next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ledger::Digest;
use verify::chain_head::ChainHead;

use super::record::{ExceptionRecord, SealRecord};
use super::{Claimed, Conflict};

/// Places of a chain whose digests are kept, so that a request that was lost can be asked again and
/// a key can be revoked: more than a signer ever has in flight, and more than a minute's.
const KEPT: usize = 1_024;

/// A row that wants a place in its chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SealClaim {
    /// The chain.
    pub(crate) chain: Chain,
    /// Its epoch.
    pub(crate) epoch: u64,
    /// The place.
    pub(crate) seq: u64,
    /// Epoch of the lease under which it was made.
    pub(crate) lease: u64,
    /// The digest before it; none at the first row.
    pub(crate) prev: Option<Digest>,
    /// Its digest.
    pub(crate) digest: Digest,
    /// The key that is to sign it.
    pub(crate) kid: String,
    /// The head that it names as the last one, if it is a recovery.
    pub(crate) recovered: Option<ChainHead>,
    /// The key and the last head that it names as trusted, if it is a revocation.
    pub(crate) revoked: Option<(String, ChainHead)>,
}

/// A chain: deployment and environment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Chain {
    /// The deployment.
    pub(crate) deployment: String,
    /// The environment.
    pub(crate) environment: String,
}

/// The one digest that may have a place although the rules say otherwise: an operator says so. It
/// counts once, so that one that is left in the configuration takes no chain back again.
pub(crate) type Exception = ExceptionRecord;

/// The newest head of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    /// The epoch.
    pub(crate) epoch: u64,
    /// Its place.
    pub(crate) seq: u64,
    /// Its digest.
    pub(crate) digest: Digest,
}

/// All chains.
pub(crate) struct Chains {
    epochs: BTreeMap<(Chain, u64), VecDeque<Row>>,
    /// Keys that this proxy signs with.
    kids: BTreeSet<String>,
    exceptions: BTreeSet<Exception>,
    used: BTreeSet<Exception>,
}

struct Row {
    seq: u64,
    lease: u64,
    prev: Option<Digest>,
    digest: Digest,
    kid: String,
}

impl Chains {
    /// No chain yet.
    pub(crate) fn new(kids: BTreeSet<String>, exceptions: Vec<Exception>) -> Self {
        Self {
            epochs: BTreeMap::new(),
            kids,
            exceptions: exceptions.into_iter().collect(),
            used: BTreeSet::new(),
        }
    }

    /// Whether just this row has its place already.
    pub(crate) fn has(&self, claim: &SealClaim) -> bool {
        let rows = self.epochs.get(&(claim.chain.clone(), claim.epoch));
        let mut rows = rows.into_iter().flatten();
        rows.any(|row| (row.seq, row.digest) == (claim.seq, claim.digest))
    }

    /// Whether a row may have its place.
    pub(crate) fn judge(&self, claim: &SealClaim) -> Result<Claimed, Conflict> {
        if self.has(claim) {
            return Ok(Claimed::Again);
        }
        match self.judge_new(claim) {
            Err(_) if self.is_excepted(claim) => Ok(Claimed::Excepted),
            Err(_) if self.abandons(claim) => Ok(Claimed::Abandoning),
            verdict => verdict,
        }
    }

    fn judge_new(&self, claim: &SealClaim) -> Result<Claimed, Conflict> {
        let newest = self.newest_of(&claim.chain);
        if let Some(head) = newest.filter(|head| head.epoch > claim.epoch) {
            return Err(Conflict::EpochBehind {
                epoch: claim.epoch,
                newest: head.epoch,
            });
        }
        match newest {
            None => Ok(Claimed::First),
            Some(head) if head.epoch < claim.epoch => {
                let (seq, digest) = (head.seq, head.digest);
                if claim.recovered == Some(ChainHead { seq, digest }) {
                    return Ok(Claimed::First);
                }
                Err(Conflict::NotARecovery {
                    epoch: claim.epoch,
                    anchor_seq: head.seq,
                    anchor_digest: head.digest,
                })
            }
            Some(head) => self.follows(claim, head),
        }
    }

    /// Whether it comes right after the last head of its epoch.
    fn follows(&self, claim: &SealClaim, head: Head) -> Result<Claimed, Conflict> {
        let seq = claim.seq;
        if seq <= head.seq {
            let rows = self.epochs.get(&(claim.chain.clone(), claim.epoch));
            let mut rows = rows.into_iter().flatten();
            if rows.clone().count() < KEPT
                && rows.clone().next().is_some_and(|row| row.names(claim))
            {
                return Ok(Claimed::Before);
            }
            return Err(match rows.clone().find(|row| row.seq == seq) {
                Some(row) => Conflict::Equivocation {
                    seq,
                    claimed: row.digest,
                },
                None => Conflict::Forgotten {
                    seq,
                    oldest: rows.next().map_or(head.seq, |row| row.seq),
                },
            });
        }
        if seq != head.seq.saturating_add(1) {
            let last = head.seq;
            return Err(Conflict::Gap { seq, last });
        }
        if claim.prev != Some(head.digest) {
            let previous = head.digest;
            return Err(Conflict::OtherPrevious { seq, previous });
        }
        // Whoever held the lease before goes on without knowing that it is over.
        let lease = self.last_lease(claim);
        if claim.lease < lease {
            let (own, newest) = (claim.lease, lease);
            return Err(Conflict::LeaseBehind { own, newest });
        }
        Ok(Claimed::New)
    }

    fn last_lease(&self, claim: &SealClaim) -> u64 {
        let rows = self.epochs.get(&(claim.chain.clone(), claim.epoch));
        let last = rows.and_then(VecDeque::back);
        last.map_or(0, |row| row.lease)
    }

    fn is_excepted(&self, claim: &SealClaim) -> bool {
        let exception = Exception {
            deployment: claim.chain.deployment.clone(),
            environment: claim.chain.environment.clone(),
            epoch: claim.epoch,
            seq: claim.seq,
            digest: claim.digest,
        };
        self.exceptions.contains(&exception) && !self.used.contains(&exception)
    }

    /// Whether it revokes the key of all that comes after the head that it follows. Whatever that
    /// key signed beyond it counts for nothing, so that its place is free. It is believed once the
    /// operator of this proxy has taken the key away: the ledger alone takes no chain back.
    fn abandons(&self, claim: &SealClaim) -> bool {
        let Some((kid, trusted)) = &claim.revoked else {
            return false;
        };
        let Some(rows) = self.epochs.get(&(claim.chain.clone(), claim.epoch)) else {
            return false;
        };
        let is_newest = self
            .newest_of(&claim.chain)
            .is_some_and(|head| head.epoch == claim.epoch);
        let is_trusted = |row: &Row| row.seq == trusted.seq && row.digest == trusted.digest;
        let mut after = rows.iter().filter(|row| row.seq > trusted.seq);
        is_newest
            && claim.prev == Some(trusted.digest)
            && Some(claim.seq) == trusted.seq.checked_add(1)
            && claim.kid != *kid
            && !self.kids.contains(kid)
            && rows.iter().any(is_trusted)
            && after.all(|row| row.kid == *kid)
    }

    /// Takes note of an exception that counts no more.
    pub(crate) fn use_up(&mut self, exception: Exception) {
        self.used.insert(exception);
    }

    /// Takes a row that has its place.
    pub(crate) fn apply(&mut self, record: &SealRecord) {
        let rows = self.epochs.entry(record.place()).or_default();
        if record.rewinds {
            rows.retain(|row| row.seq < record.seq);
            self.used.insert(Exception {
                deployment: record.deployment.clone(),
                environment: record.environment.clone(),
                epoch: record.epoch,
                seq: record.seq,
                digest: record.digest,
            });
        }
        let row = Row {
            seq: record.seq,
            lease: record.lease,
            prev: record.prev,
            digest: record.digest,
            kid: record.kid.clone(),
        };
        match rows.front() {
            Some(first) if row.seq < first.seq => rows.push_front(row),
            _ => rows.push_back(row),
        }
        while rows.len() > KEPT {
            rows.pop_front();
        }
    }

    /// The newest head of a chain.
    pub(crate) fn newest(&self, deployment: &str, environment: &str) -> Option<Head> {
        self.newest_of(&Chain {
            deployment: deployment.to_owned(),
            environment: environment.to_owned(),
        })
    }

    fn newest_of(&self, chain: &Chain) -> Option<Head> {
        let all = (chain.clone(), 0)..=(chain.clone(), u64::MAX);
        let ((_, epoch), rows) = self.epochs.range(all).next_back()?;
        let last = rows.back()?;
        Some(Head {
            epoch: *epoch,
            seq: last.seq,
            digest: last.digest,
        })
    }

    /// Exceptions that count no more.
    pub(crate) fn used(&self) -> impl Iterator<Item = Exception> {
        self.used.iter().cloned()
    }

    /// Records that stand for all places that are kept.
    pub(crate) fn records(&self) -> impl Iterator<Item = SealRecord> {
        self.epochs.iter().flat_map(|((chain, epoch), rows)| {
            rows.iter().map(|row| SealRecord {
                deployment: chain.deployment.clone(),
                environment: chain.environment.clone(),
                epoch: *epoch,
                seq: row.seq,
                lease: row.lease,
                prev: row.prev,
                digest: row.digest,
                kid: row.kid.clone(),
                rewinds: false,
            })
        })
    }
}

impl Row {
    /// Whether it is the one after `claim`, which it commits to: no other can have that place.
    fn names(&self, claim: &SealClaim) -> bool {
        claim.seq.checked_add(1) == Some(self.seq) && self.prev == Some(claim.digest)
    }
}

impl SealClaim {
    /// What is written down; `rewinds` when it takes a place that others had.
    pub(crate) fn into_record(self, rewinds: bool) -> SealRecord {
        SealRecord {
            deployment: self.chain.deployment,
            environment: self.chain.environment,
            epoch: self.epoch,
            seq: self.seq,
            lease: self.lease,
            prev: self.prev,
            digest: self.digest,
            kid: self.kid,
            rewinds,
        }
    }
}

impl SealRecord {
    fn place(&self) -> (Chain, u64) {
        let chain = Chain {
            deployment: self.deployment.clone(),
            environment: self.environment.clone(),
        };
        (chain, self.epoch)
    }
}
