//! Receipts of what was just posted, from the posting's answer on.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use ledger::{BookId, Seq};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;

use super::asker::Asker;
use super::question::Question;
use super::{ProvePlan, World};
use crate::load::{Limit, Posted};
use crate::outcome::Outcome;

/// Picks the postings that are followed up: which ones is settled before any of them is answered.
#[derive(Debug)]
pub(super) struct Fresh {
    world: Rc<World>,
    /// Of all requests.
    share: f64,
    seen: Cell<u64>,
    sender: Sender<Asked>,
}

/// A receipt to be asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    book: usize,
    seq: Seq,
    committed: Instant,
}

impl Fresh {
    pub(super) fn new(plan: &ProvePlan, world: Rc<World>) -> (Self, Receiver<Asked>) {
        let load = &plan.load;
        let requests = load.rate.unwrap_or(f64::MAX) / f64::from(load.batch);
        let share = (plan.fresh_per_second / requests).min(1.0);
        let all = match load.limit {
            Limit::Transfers(count) => count.div_ceil(u64::from(load.batch)),
            Limit::Time(time) => (requests * time.as_secs_f64()) as u64,
        };
        // Room for all of them: none is left out because others take long.
        let (sender, receiver) = channel((all as f64 * share) as usize + 2);
        let fresh = Self {
            world,
            share,
            seen: Cell::new(0),
            sender,
        };
        (fresh, receiver)
    }

    /// Has a receipt asked for of one of the events of `posted`, if it is one of those.
    pub(super) fn follow_up(&self, posted: &Posted<'_>, asker: &Asker) {
        let number = self.seen.get();
        self.seen.set(number + 1);
        if !is_picked(number, self.share) || posted.outcomes.created == 0 {
            return;
        }
        let index = self
            .world
            .random
            .borrow_mut()
            .u32(..posted.transfers.max(1));
        let seq = posted.outcomes.seq(index);
        let asked = Asked {
            book: self.index(posted.book),
            seq: seq.unwrap_or(posted.outcomes.first_seq),
            committed: posted.answered,
        };
        if self.sender.try_send(asked).is_ok() {
            asker.offer(1);
        }
    }

    fn index(&self, book: BookId) -> usize {
        let at = self.world.books.iter().position(|each| *each == book);
        at.unwrap_or_default()
    }
}

/// Asks for receipts as they are wanted, each on its own.
pub(super) async fn follow(
    mut wanted: Receiver<Asked>,
    asker: Rc<Asker>,
    world: Rc<World>,
) -> Outcome<()> {
    let mut asking = JoinSet::new();
    while let Some(Asked {
        book,
        seq,
        committed,
    }) = wanted.recv().await
    {
        let (asker, world) = (asker.clone(), world.clone());
        asking.spawn_local(async move {
            let question = Question::Receipt(seq);
            asker.ask(&world, book, question, committed).await
        });
        while let Some(done) = asking.try_join_next() {
            done??;
        }
    }
    while let Some(done) = asking.join_next().await {
        done??;
    }
    Ok(())
}

/// Whether request `number` is one of this share of all, spread evenly.
fn is_picked(number: u64, share: f64) -> bool {
    let upto = |count: u64| (count as f64 * share).floor();
    upto(number + 1) > upto(number)
}

#[cfg(test)]
mod tests {
    use super::is_picked;

    #[test]
    fn a_share_of_all_is_picked_evenly() {
        for (share, expected) in [(0.0, 0), (0.1, 100), (0.5, 500), (1.0, 1_000)] {
            let picked = |range: std::ops::Range<u64>| {
                range.filter(|number| is_picked(*number, share)).count()
            };
            assert_eq!(picked(0..1_000), expected, "{share}");
            assert_eq!(picked(500..1_000), expected / 2, "{share}");
        }
    }
}
