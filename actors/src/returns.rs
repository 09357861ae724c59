//! What comes back to the shard from being judged anew.

use std::sync::{Arc, OnceLock};

use actix::{Addr, Handler, Message};
use ledger::{Code, Nanos};
use parking_lot::Mutex;
use plugins_host::Permitted;
use tokio::sync::oneshot;

use crate::admission::Admitted;
use crate::cycle::Held;
use crate::queue::{Lane, Turn};
use crate::shard::{Shard, refuse};
use crate::submit::{Command, Judged, Reply, Submit};

/// Who waits for an answer, and where it waited.
#[derive(Debug)]
pub(crate) struct Asker {
    pub(crate) lane: Lane,
    pub(crate) deadline: Nanos,
    pub(crate) reply: oneshot::Sender<Reply>,
    pub(crate) admitted: Admitted,
}

/// Requests that were judged anew; clones share them. At most one for each lane, since a lane waits
/// for its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Returns(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// No other lock is taken with it.
    back: Mutex<Vec<Back>>,
    shard: OnceLock<Addr<Shard>>,
}

/// A request that came back; `None` if whoever judged it gave up without a word.
#[derive(Debug)]
struct Back {
    asker: Asker,
    judged: Option<Judged>,
}

impl Returns {
    /// Has this shard woken when something comes back.
    pub(crate) fn wake(&self, shard: Addr<Shard>) {
        let _ = self.0.shard.set(shard);
    }

    fn put(&self, back: Back) {
        self.0.back.lock().push(back);
        if let Some(shard) = self.0.shard.get() {
            // A full mailbox wakes it all the same, and one that has ended needs nothing.
            let _ = shard.try_send(CameBack);
        }
    }

    fn take(&self) -> Vec<Back> {
        std::mem::take(&mut *self.0.back.lock())
    }
}

/// A request on its way back. It comes back even if whoever judges it panics: else its lane would
/// wait for ever.
struct Passage {
    returns: Returns,
    asker: Option<Asker>,
}

impl Passage {
    fn end(mut self, judged: Judged) {
        if let Some(asker) = self.asker.take() {
            let judged = Some(judged);
            self.returns.put(Back { asker, judged });
        }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        if let Some(asker) = self.asker.take() {
            let judged = None;
            self.returns.put(Back { asker, judged });
        }
    }
}

impl Shard {
    /// Has a request judged anew. Its lane waits for it, so that nothing overtakes it.
    pub(crate) fn judge_again(&mut self, stale: Permitted<Command>, now: Nanos, asker: Asker) {
        self.queues.leave(asker.lane);
        let passage = Passage {
            returns: self.returns.clone(),
            asker: Some(asker),
        };
        self.authority
            .again(stale, now, move |judged| passage.end(judged.into()));
    }

    /// Puts what came back before everything else of its lane.
    pub(crate) fn take_back(&mut self) {
        for Back { asker, judged } in self.returns.take() {
            let Asker {
                lane,
                deadline,
                reply,
                admitted,
            } = asker;
            let turn = match judged {
                Some(judged) => Some(Turn::of(
                    lane,
                    Submit {
                        judged,
                        deadline,
                        reply,
                        admitted,
                    },
                )),
                None => {
                    let message = "what judges requests gave up; retry";
                    self.answers.push(Held {
                        reply,
                        content: refuse(Code::PolicyUnavailable, message),
                        admitted,
                    });
                    None
                }
            };
            self.queues.come_back(lane, turn);
        }
    }
}

/// Something came back.
#[derive(Debug)]
pub(crate) struct CameBack;

impl Message for CameBack {
    type Result = ();
}

impl Handler<CameBack> for Shard {
    type Result = ();

    fn handle(&mut self, _: CameBack, ctx: &mut actix::Context<Self>) {
        self.schedule(ctx);
    }
}
