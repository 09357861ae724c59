//! What enters a shard and what leaves it.

use ledger::note::Note;
use ledger::{BookId, Height, Nanos, Seq, Transfer, TransferId};
use plugins_host::{Permitted, Refused, Subject};
use tokio::sync::oneshot;
use wire::{Answer, Failure, Request};

use crate::admission::Admitted;

/// A request as the shard takes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// The book that the frame names.
    pub book: BookId,
    /// What is asked for. The notes of a post are in `notes`, not here.
    pub request: Request,
    /// Notes of a post with the salts that the gateway drew, in order of index.
    pub notes: Vec<(u32, Note)>,
}

impl Subject for Command {
    fn book(&self) -> BookId {
        self.book
    }

    fn transfers(&self) -> &[Transfer] {
        match &self.request {
            Request::Post(post) | Request::DryRun(post) => &post.transfers,
            _ => &[],
        }
    }
}

/// A request that was judged.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every request is permitted, and none is kept for long"
)]
pub enum Judged {
    /// To be done.
    Permitted(Permitted<Command>),
    /// Not to be done: known ids are answered all the same, and a denial is an event.
    Refused(Refused<Command>),
}

impl Judged {
    /// What is asked for.
    pub(crate) fn command(&self) -> &Command {
        match self {
            Self::Permitted(permitted) => permitted.value(),
            Self::Refused(refused) => refused.value(),
        }
    }
}

impl From<Result<Permitted<Command>, Refused<Command>>> for Judged {
    fn from(judged: Result<Permitted<Command>, Refused<Command>>) -> Self {
        match judged {
            Ok(permitted) => Self::Permitted(permitted),
            Err(refused) => Self::Refused(refused),
        }
    }
}

/// A request on its way in. Only `plugins/host` can have made what it carries.
#[derive(Debug)]
pub struct Submit {
    /// The request and whether it may be done.
    pub judged: Judged,
    /// When the asker stops waiting; a request that is not decided by then is not decided at all.
    pub deadline: Nanos,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Reply>,
    /// The share of the budget it takes until it is answered.
    pub admitted: Admitted,
}

impl actix::Message for Submit {
    type Result = ();
}

/// What leaves a shard, once the height it was decided at is durable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// The answer.
    Answer(Answer),
    /// The answer, to be given once a published seal covers the book at this height: the book
    /// requires it.
    Sealed(Answer, BookId, Height),
    /// The request was refused as a whole.
    Failure(Failure),
    /// What only closed blocks can answer: [`crate::History::answer`] goes on from this point.
    Continue(Box<Point>),
}

/// The point in a book's order that a question about its past was put at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Point {
    /// The book.
    pub book: BookId,
    /// Height it was decided at.
    pub height: Height,
    /// Events of the book at that point.
    pub events: Seq,
    /// Cycle that holds the last of them.
    pub cycle: u64,
    /// What is asked for.
    pub request: Request,
    /// Posted time of the last of them.
    pub posted_at: Nanos,
    /// For a lookup of transfers: what memory knows of each id.
    pub known: Vec<Known>,
    /// For balances and statements: whether each account asked for exists.
    pub accounts: Vec<bool>,
}

impl Point {
    /// Sequence of the last event at this point, if there is any.
    pub fn last(&self) -> Option<Seq> {
        self.events.0.checked_sub(1).map(Seq)
    }
}

/// What memory knows of a transfer's id; what it does not know the index may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// The id.
    pub id: TransferId,
    /// Its event.
    pub seq: Option<Seq>,
    /// The event that ended it as a hold.
    pub ended: Option<Seq>,
    /// The event that reversed it.
    pub reversed: Option<Seq>,
    /// Minor units still held, if it is an open hold.
    pub remaining: Option<u128>,
}
