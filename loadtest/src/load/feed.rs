//! The batches of one connection.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use ledger::Code;
use wire::message::Outcomes;

use super::Plan;
use crate::expect::Decision;
use crate::workload::{Ids, Workload};

/// Makes the batches of one connection and remembers how they were decided.
#[derive(Debug)]
pub(super) struct Feed {
    seed: u64,
    workload: Workload,
    batches: Vec<(u32, Decision)>,
    results: BTreeMap<Code, u64>,
}

/// A request to be sent, as often as it takes.
#[derive(Debug)]
pub(super) struct Batch {
    /// Its place among those of the connection.
    pub(super) number: usize,
    /// Index of its book.
    pub(super) book: usize,
    /// The encoded request.
    pub(super) body: Bytes,
}

impl Feed {
    /// The stream of connection `number`.
    pub(super) fn new(plan: &Plan, number: u64, ids: u64) -> Self {
        let seed = plan.seed.wrapping_mul(1_000).wrapping_add(number);
        let ids = Ids::new(plan.order, ids.wrapping_add(number));
        Self {
            seed,
            workload: Workload::new(plan.shape, seed, ids),
            batches: Vec::new(),
            results: BTreeMap::new(),
        }
    }

    /// The next batch, of `count` transfers.
    pub(super) fn next(&mut self, count: u32) -> Batch {
        let mut body = Vec::new();
        let book = self.workload.next_body(count, now_millis(), &mut body);
        self.batches.push((count, Decision::Unknown));
        Batch {
            number: self.batches.len() - 1,
            book,
            body: body.into(),
        }
    }

    /// Notes how a batch was decided.
    pub(super) fn decided(&mut self, number: usize, outcomes: &Outcomes) {
        let Some((_, decision)) = self.batches.get_mut(number) else {
            return;
        };
        *self.results.entry(Code::Created).or_default() += u64::from(outcomes.created);
        let mut refused = Vec::new();
        for exception in &outcomes.exceptions {
            *self.results.entry(exception.code).or_default() += 1;
            if !exception.code.is_posted() {
                refused.push((exception.index, exception.code));
            }
        }
        *decision = if refused.is_empty() {
            Decision::AllStand
        } else {
            Decision::AllBut(refused)
        };
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// Size and decision of every batch so far.
    pub(super) fn batches(&self) -> &[(u32, Decision)] {
        &self.batches
    }

    /// How items were decided, by code.
    pub(super) fn results(&self) -> &BTreeMap<Code, u64> {
        &self.results
    }
}

fn now_millis() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
