//! What was signed before, on disk: the state that makes equivocation impossible.
//!
//! One thread owns it. A claim for a place in a chain, or for a size of a checkpoint, is durable
//! before the key is asked, so that a process that dies in between still knows it.

pub(crate) mod chains;
pub(crate) mod conflict;
pub(crate) mod file;
mod hex;
pub(crate) mod notes;
pub(crate) mod record;

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;

use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use chains::{Exception, Head, SealClaim};
pub(crate) use conflict::Conflict;
pub(crate) use file::StateError;
pub(crate) use notes::NoteClaim;

use chains::Chains;
use file::StateFile;
use notes::Notes;
use record::Record;

use crate::fatal::{Fatal, Fatally};

/// Claims that wait for the thread.
const QUEUE: usize = 256;
/// Claims that become durable together.
const BATCH: usize = 64;

/// What became of a claim that is not refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Claimed {
    /// Nobody had claimed it before.
    New,
    /// The same was claimed before: whoever asks again gets the same.
    Again,
    /// The first of its chain that this state knows: nothing vouches for what came before.
    First,
    /// It comes right before the first that this state knows, which names it: rows are asked for
    /// side by side, and the first one was overtaken.
    Before,
    /// It is there only because an operator named it in the configuration.
    Excepted,
    /// It revokes a key, and takes the place of what that key signed last.
    Abandoning,
}

/// The state, as those who ask see it.
#[derive(Clone)]
pub(crate) struct State {
    asks: mpsc::Sender<Ask>,
    moved: watch::Receiver<u64>,
}

/// The state has gone, and the process is about to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Gone;

enum Ask {
    Seal(Box<SealClaim>, oneshot::Sender<Answer>),
    Note(NoteClaim, oneshot::Sender<Answer>),
    Has(Box<SealClaim>, oneshot::Sender<bool>),
    Anchor(String, String, oneshot::Sender<Option<Head>>),
}

type Answer = Result<Claimed, Conflict>;

impl State {
    /// Opens the directory, for this process alone, and starts the thread.
    ///
    /// # Errors
    /// The directory cannot be used, or holds what it should not.
    pub(crate) fn open(
        directory: &Path,
        kids: BTreeSet<String>,
        exceptions: Vec<Exception>,
        fatal: Fatal,
    ) -> Result<Self, StateError> {
        let (file, records) = StateFile::open(directory)?;
        let mut memory = Memory {
            chains: Chains::new(kids, exceptions),
            notes: Notes::default(),
        };
        for record in records {
            memory.apply(record);
        }
        let (asks, inbox) = mpsc::channel(QUEUE);
        let (moves, moved) = watch::channel(0);
        let keeper = Keeper {
            file,
            memory,
            inbox,
            moves,
        };
        thread::Builder::new()
            .name("state".into())
            .spawn(move || keeper.run(&fatal))
            .map_err(|error| StateError::io(directory, error))?;
        Ok(Self { asks, moved })
    }

    /// Claims a place in a chain; durable once it is answered.
    pub(crate) async fn claim_seal(&self, claim: SealClaim) -> Result<Answer, Gone> {
        self.ask(|reply| Ask::Seal(Box::new(claim), reply)).await
    }

    /// Whether just this row was claimed before.
    pub(crate) async fn has_seal(&self, claim: SealClaim) -> Result<bool, Gone> {
        self.ask(|reply| Ask::Has(Box::new(claim), reply)).await
    }

    /// Claims a size of a checkpoint; durable once it is answered.
    pub(crate) async fn claim_note(&self, claim: NoteClaim) -> Result<Answer, Gone> {
        self.ask(|reply| Ask::Note(claim, reply)).await
    }

    /// The newest head of a chain.
    pub(crate) async fn anchor(
        &self,
        deployment: &str,
        environment: &str,
    ) -> Result<Option<Head>, Gone> {
        let (deployment, environment) = (deployment.to_owned(), environment.to_owned());
        self.ask(|reply| Ask::Anchor(deployment, environment, reply))
            .await
    }

    /// Tells when something was claimed, for those who wait for the place before theirs.
    pub(crate) fn moved(&self) -> watch::Receiver<u64> {
        self.moved.clone()
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, Gone> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(ask(reply)).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }
}

/// What is known, in memory: the fold of the records on disk.
struct Memory {
    chains: Chains,
    notes: Notes,
}

impl Memory {
    fn apply(&mut self, record: Record) {
        match record {
            Record::Seal(seal) => self.chains.apply(&seal),
            Record::Note(note) => self.notes.apply(&note),
            Record::Used(exception) => self.chains.use_up(exception),
        }
    }

    fn records(&self) -> Vec<Record> {
        let used = self.chains.used().map(Record::Used);
        let seals = self.chains.records().map(Record::Seal);
        let notes = self.notes.records().map(Record::Note);
        used.chain(seals).chain(notes).collect()
    }
}

/// The thread that owns memory and file.
struct Keeper {
    file: StateFile,
    memory: Memory,
    inbox: mpsc::Receiver<Ask>,
    moves: watch::Sender<u64>,
}

impl Keeper {
    fn run(mut self, fatal: &Fatal) {
        while let Some(first) = self.inbox.blocking_recv() {
            if let Err(error) = self.serve(first) {
                // What is on disk is not known any more. Nobody waiting gets an answer, so no key
                // is asked for what may not be durable.
                fatal.end(Fatally::State(error));
                return;
            }
        }
    }

    /// Decides a batch in order, makes it durable, and then answers.
    fn serve(&mut self, first: Ask) -> Result<(), StateError> {
        let mut answers: Vec<Box<dyn FnOnce()>> = Vec::new();
        let mut records = Vec::new();
        let mut next = Some(first);
        while let Some(ask) = next {
            answers.push(self.decide(ask, &mut records));
            next = (answers.len() < BATCH)
                .then(|| self.inbox.try_recv().ok())
                .flatten();
        }
        if !records.is_empty() {
            self.file.append(&records)?;
            if self.file.is_long() {
                self.file.rewrite(&self.memory.records())?;
            }
        }
        answers.into_iter().for_each(|answer| answer());
        if !records.is_empty() {
            self.moves.send_modify(|count| *count += 1);
        }
        Ok(())
    }

    fn decide(&mut self, ask: Ask, records: &mut Vec<Record>) -> Box<dyn FnOnce()> {
        // Whoever has gone in the meantime needs no answer.
        match ask {
            Ask::Seal(claim, reply) => {
                let verdict = self.memory.chains.judge(&claim);
                if verdict
                    .as_ref()
                    .is_ok_and(|claimed| *claimed != Claimed::Again)
                {
                    let rewinds = matches!(verdict, Ok(Claimed::Excepted | Claimed::Abandoning));
                    let record = claim.into_record(rewinds);
                    self.memory.chains.apply(&record);
                    records.push(Record::Seal(record));
                }
                Box::new(move || {
                    let _ = reply.send(verdict);
                })
            }
            Ask::Note(claim, reply) => {
                let verdict = self.memory.notes.judge(&claim);
                if verdict
                    .as_ref()
                    .is_ok_and(|claimed| *claimed != Claimed::Again)
                {
                    let record = claim.into_record();
                    self.memory.notes.apply(&record);
                    records.push(Record::Note(record));
                }
                Box::new(move || {
                    let _ = reply.send(verdict);
                })
            }
            Ask::Has(claim, reply) => {
                let has = self.memory.chains.has(&claim);
                Box::new(move || {
                    let _ = reply.send(has);
                })
            }
            Ask::Anchor(deployment, environment, reply) => {
                let head = self.memory.chains.newest(&deployment, &environment);
                Box::new(move || {
                    let _ = reply.send(head);
                })
            }
        }
    }
}

#[cfg(test)]
mod tests;
