//! How the shard posts: a batch whole or in slices, and what of it policy denies.

use ledger::ledger::Context;
use ledger::posting::{Batch, ItemResult};
use ledger::{Code, Nanos, Operation, Seq};
use plugins_host::{Permitted, Subject};
use wire::Answer;
use wire::message as m;

use crate::decide::past_unreadable;
use crate::shard::Shard;
use crate::slice;
use crate::submit::{Command, Reply};

impl Shard {
    /// Decides a batch whole: it is short, has notes, or is only asked about.
    pub(crate) fn post(&mut self, command: &Permitted<Command>, now: Nanos) -> Reply {
        let ctx = &Context {
            now,
            origin: command.origin(),
        };
        let (book, is_dry) = (
            command.value().book,
            command.operation() == Operation::DryRun,
        );
        let denied = denied(command, 0, usize::MAX);
        let batch = &Batch {
            transfers: command.value().transfers(),
            notes: &command.value().notes,
            denied: &denied,
        };
        let mut results = Vec::with_capacity(batch.transfers.len());
        let past = &self.past;
        let done = if is_dry {
            self.ledger.dry_run(ctx, book, batch, past, &mut results)
        } else {
            self.ledger.post(ctx, book, batch, past, &mut results)
        };
        if let Err(error) = done {
            past_unreadable(error);
        }
        let mut outcomes = self.outcomes(book, results.into_iter().map(with_event));
        if is_dry {
            (outcomes.first_seq, outcomes.posted_at) = (Seq(0), Nanos(0));
            return Reply::Answer(Answer::DryRun(outcomes));
        }
        self.posted(command, outcomes)
    }

    /// The answer of a post, once what policy denied of it is recorded.
    fn posted(&mut self, command: &Permitted<Command>, mut outcomes: m::Outcomes) -> Reply {
        if !command.members().is_empty() {
            self.record_members(command, &mut outcomes);
        }
        Reply::Answer(Answer::Post(outcomes))
    }

    /// Decides the next slice of a batch, adding to `results`; gives the answer behind the last.
    pub(crate) fn post_slice(
        &mut self,
        command: &Permitted<Command>,
        now: Nanos,
        results: &mut Vec<ItemResult>,
    ) -> Option<Reply> {
        let ctx = Context {
            now,
            origin: command.origin(),
        };
        let (book, from) = (command.value().book, results.len());
        let transfers = slice::transfers(command.value()).unwrap_or(&[]);
        let end = slice::end(transfers, from);
        let denied = denied(command, from, end);
        let part = Batch {
            denied: &denied,
            ..Batch::of(&transfers[from..end])
        };
        let (ledger, past) = (&mut self.ledger, &self.past);
        let done = if from == 0 {
            results.reserve(transfers.len());
            ledger.post(&ctx, book, &part, past, results)
        } else {
            ledger.post_more(&ctx, book, &part, past, results)
        };
        if let Err(error) = done {
            past_unreadable(error);
        }
        if results.len() < transfers.len() {
            return None;
        }
        let outcomes = self.outcomes(book, results.drain(..).map(with_event));
        Some(self.posted(command, outcomes))
    }
}

/// The denied transfers from number `from` up to `end`, counted from there, with their rules.
fn denied(command: &Permitted<Command>, from: usize, end: usize) -> Vec<(u32, u16)> {
    let members = command.members();
    let first = members.partition_point(|member| (member.index as usize) < from);
    let members = members[first..]
        .iter()
        .take_while(|member| (member.index as usize) < end);
    members
        .map(|member| (member.index - from as u32, member.cause.rule))
        .collect()
}

/// How a transfer was decided, with its event if its id stands in the ledger.
pub(crate) fn with_event(result: ItemResult) -> (Code, Option<Seq>) {
    let stands = result.code == Code::Created || (200..300).contains(&result.code.number());
    (result.code, stands.then_some(result.seq))
}
