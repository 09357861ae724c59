//! Power fails, syncs fail, processes are killed at every step: no published row is lost, no
//! sequence has two digests, an intent is there whole or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::Digest;
use store::audit::{AuditError, AuditLog, AuditState, Intent};
use store::disk::sim::Random;
use store::disk::{Disk, SimDisk};
use verify::ChainHead;
use verify::row::AuditRow;

use super::chain::{Chain, head, row};
use super::{SECRET, small};
use crate::crash::{Wrap, honest, nameless, unsynced};

#[test]
fn power_may_fail_at_every_step() {
    let (mut cuts, mut steps) = (0, 0);
    for step in 0..230 {
        let mut run = Run::new(step, honest);
        run.disk.fail_power_at(step);
        run.live().unwrap();
        run.disk = run.disk.power_loss();
        run.settle().unwrap();
        cuts += run.cuts;
        steps += u64::from(run.published.len() < 90);
    }
    assert!(cuts > 10, "{cuts} cuts are too few to show anything");
    assert!(steps > 200, "{steps} ends are too few to show anything");
}

#[test]
fn one_disk_lives_through_many_ends() {
    for seed in 0..40 {
        lives(seed, honest).unwrap_or_else(|loss| panic!("seed {seed}: {loss}"));
    }
}

#[test]
fn a_log_that_does_not_sync_is_caught() {
    let caught = (0..30).filter(|seed| lives(*seed, unsynced).is_err());
    assert!(caught.count() > 20);
}

#[test]
fn a_log_that_does_not_sync_names_is_caught() {
    let caught = (0..30).filter(|seed| lives(*seed, nameless).is_err());
    assert!(caught.count() > 5);
}

fn lives(seed: u64, wrap: Wrap) -> Result<(), String> {
    let mut run = Run::new(seed, wrap);
    for _ in 0..8 {
        let now = run.disk.operations();
        run.disk.fail_power_at(now + run.random.below(150));
        if run.random.one_in(4) {
            run.disk.fail_sync_after(run.random.below(40));
        }
        run.live()?;
        run.disk = if run.random.one_in(3) {
            run.disk.process_end()
        } else {
            run.disk.power_loss()
        };
    }
    run.settle()
}

struct Run {
    random: Random,
    disk: SimDisk,
    wrap: Wrap,
    /// Rows whose publication returned, and the one that was under way.
    published: Vec<AuditRow>,
    publishing: Option<AuditRow>,
    /// Intents whose persistence returned, and the one that was under way.
    intended: BTreeMap<u64, Digest>,
    intending: Option<Intent>,
    revoking: Option<Intent>,
    lease: u64,
    cuts: usize,
}

impl Run {
    fn new(seed: u64, wrap: Wrap) -> Self {
        Self {
            random: Random::new(seed ^ 0xa0d17),
            disk: SimDisk::new(seed),
            wrap,
            published: Vec::new(),
            publishing: None,
            intended: BTreeMap::new(),
            intending: None,
            revoking: None,
            lease: 0,
            cuts: 0,
        }
    }

    /// Opens the log and adds rows until power or a sync fails.
    fn live(&mut self) -> Result<(), String> {
        let Some((mut log, state)) = self.open()? else {
            return Ok(());
        };
        let mut chain = Chain::of(&state);
        let mut flying = state.unpublished;
        for round in 0..100 {
            let intent = match self.random.below(4) {
                0 => chain.action(self.random.below(3_000) as usize),
                _ => chain.seal(self.random.below(9_000)),
            };
            self.intending = Some(intent.clone());
            if log.persist_intent(&intent).is_err() {
                assert!(log.persist_intent(&intent).is_err(), "poisoned");
                return Ok(());
            }
            self.intended.insert(intent.seq(), intent.digest());
            self.intending = None;
            flying.push(intent);
            if self.random.one_in(12) && !self.revoke(&mut log, &mut chain, &mut flying) {
                return Ok(());
            }
            while flying.len() > self.random.below(6) as usize {
                let row = row(&flying.remove(0));
                self.publishing = Some(row.clone());
                if log.publish(&row).is_err() {
                    return Ok(());
                }
                self.published.push(row);
                self.publishing = None;
            }
            if round % 10 == 3 && log.idle().is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Revokes a key: rows from somewhere on are taken back. Whether it returned.
    fn revoke(&mut self, log: &mut AuditLog, chain: &mut Chain, flying: &mut Vec<Intent>) -> bool {
        let back = self.random.below(6);
        let seq = self.intended.len() as u64;
        let Some((seq, digest)) = self.intended.get_key_value(&seq.saturating_sub(back)) else {
            return true;
        };
        let trusted = ChainHead {
            seq: *seq,
            digest: *digest,
        };
        let revocation = chain.revocation(trusted);
        self.revoking = Some(revocation.clone());
        if log.persist_revocation(&revocation).is_err() {
            return false;
        }
        self.revoking = None;
        self.revoked(&revocation);
        flying.retain(|intent| intent.seq() < revocation.seq());
        flying.push(revocation);
        true
    }

    fn revoked(&mut self, revocation: &Intent) {
        let seq = revocation.seq();
        self.published.retain(|row| row.seq() < seq);
        self.intended.retain(|other, _| *other < seq);
        self.intended.insert(seq, revocation.digest());
    }

    /// The log, once it has been compared with what returned; `None` if power failed.
    fn open(&mut self) -> Result<Option<(AuditLog, AuditState)>, String> {
        let disk: Arc<dyn Disk> = (self.wrap)(self.disk.clone());
        match AuditLog::open(disk, small(), SECRET) {
            Ok((log, state)) => {
                self.cuts += usize::from(state.cut.is_some());
                self.compare(&log, &state)?;
                Ok(Some((log, state)))
            }
            Err(AuditError::Io { .. } | AuditError::List(_)) => Ok(None),
            Err(error) => Err(format!("refused: {error}")),
        }
    }

    fn settle(&mut self) -> Result<(), String> {
        let opened = self.open()?;
        opened.map(drop).ok_or_else(|| "power is on".to_owned())
    }

    fn compare(&mut self, log: &AuditLog, state: &AuditState) -> Result<(), String> {
        if state.lease <= self.lease {
            return Err(format!("lease {} again", state.lease));
        }
        self.lease = state.lease;
        if let Some(revocation) = self.revoking.take()
            && state.unpublished.contains(&revocation)
        {
            self.revoked(&revocation);
        }
        let rows = log.reader().rows(1, usize::MAX);
        let rows = rows.map_err(|error| error.to_string())?;
        if let Some(row) = self.publishing.take()
            && rows.len() > self.published.len()
        {
            // It was written whole after all: from now on it counts.
            self.published.push(row);
        }
        if rows != self.published {
            let (found, expected) = (rows.len(), self.published.len());
            return Err(format!("{expected} rows published, {found} found"));
        }
        let mut intents = state.unpublished.iter();
        if let Some(intent) = self.intending.take()
            && intents.any(|found| *found == intent)
        {
            self.intended.insert(intent.seq(), intent.digest());
        }
        let heads = rows.iter().map(AuditRow::head);
        let found = heads.chain(state.unpublished.iter().map(head));
        let found: BTreeMap<u64, Digest> = found.map(|head| (head.seq, head.digest)).collect();
        if found != self.intended {
            let (found, expected) = (found.len(), self.intended.len());
            return Err(format!("{expected} intents persisted, {found} found"));
        }
        Ok(())
    }
}
