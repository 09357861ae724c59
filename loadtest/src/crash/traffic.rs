//! Clients that write while the daemon is about to die.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use client::Client;
use ledger::account::AccountSettings;
use ledger::{AssetId, BookId, Digest, NewAccount};
use rustix::process::Signal;
use tokio::task::LocalSet;

use super::author::Author;
use super::request::{Body, Log, Request, send};
use super::seals::{Shown, collect};
use super::witness::watch;
use crate::daemon::Daemon;
use crate::outcome::Outcome;
use crate::workload::account_id;

/// Lanes that post, one request after the other.
const LANES: usize = 8;
/// How long answers that were on their way are still taken after the daemon is gone.
const LAST_ANSWERS: Duration = Duration::from_millis(30);
/// How long a snapshot is waited for.
const SNAPSHOT_WAIT: Duration = Duration::from_secs(2);
/// How long a daemon that was told to stop may take.
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// How a round ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// `kill -9`.
    Kill,
    /// Stopped as by a debugger for a while, then `kill -9`.
    FreezeAndKill,
    /// `kill -9` as soon as a snapshot is being written.
    KillAtSnapshot,
    /// Told to stop, as an operator does.
    Stop,
}

impl End {
    /// One of them; most are plain kills.
    pub(super) fn draw(random: &mut fastrand::Rng) -> Self {
        match random.u8(..10) {
            0..6 => Self::Kill,
            6..8 => Self::FreezeAndKill,
            8 => Self::KillAtSnapshot,
            _ => Self::Stop,
        }
    }
}

/// What clients of a round know.
#[derive(Debug)]
pub(super) struct Seen {
    /// The requests of each client.
    pub(super) logs: Vec<Log>,
    /// Per book: sequence of the first event handed out to a subscriber, and the leaves from there.
    pub(super) watched: Vec<(u64, Vec<Digest>)>,
    /// What was proven to somebody.
    pub(super) shown: Shown,
}

/// Who writes to which books.
#[derive(Debug)]
pub(super) struct Writers<'a> {
    pub(super) write: &'a Client,
    pub(super) admin: &'a Client,
    pub(super) auditor: &'a Client,
    pub(super) books: &'a [BookId],
    /// Accounts of each book.
    pub(super) accounts: &'a [Rc<Cell<u32>>],
    /// Events of each book that were read before.
    pub(super) read: &'a [u64],
    pub(super) asset: AssetId,
}

impl Writers<'_> {
    /// Writes for about `time`, then ends the daemon.
    ///
    /// # Errors
    /// The daemon cannot be signalled.
    pub(super) async fn write_until_end(
        &self,
        daemon: Daemon,
        data: &Path,
        end: End,
        time: Duration,
        seed: u64,
    ) -> Outcome<Seen> {
        let lanes = LocalSet::new();
        let logs: Vec<Log> = (0..=LANES).map(|_| Log::default()).collect();
        let watched: Vec<Rc<RefCell<Vec<Digest>>>> =
            self.books.iter().map(|_| Rc::default()).collect();
        for (lane, log) in logs.iter().enumerate().take(LANES) {
            let author = Author::new(seed.wrapping_add(lane as u64), self.accounts.to_vec());
            let (client, books) = (self.write.clone(), self.books.to_vec());
            lanes.spawn_local(write(client, books, author, log.clone()));
        }
        if let Some(log) = logs.last() {
            let (client, books) = (self.admin.clone(), self.books.to_vec());
            let accounts = self.accounts.to_vec();
            lanes.spawn_local(grow(client, books, accounts, self.asset, log.clone()));
        }
        for ((book, from), seen) in self.books.iter().zip(self.read).zip(&watched) {
            lanes.spawn_local(watch(self.write.clone(), *book, *from, seen.clone()));
        }
        let shown: Rc<RefCell<Shown>> = Rc::default();
        let (write, auditor) = (self.write.clone(), self.auditor.clone());
        lanes.spawn_local(collect(write, auditor, self.books.to_vec(), shown.clone()));
        lanes.run_until(finish(daemon, data, end, time)).await?;
        // Whoever still waits for an answer is left waiting: its request stays open.
        drop(lanes);
        let watched = self.read.iter().zip(&watched);
        let watched = watched.map(|(from, seen)| (*from, seen.take())).collect();
        let shown = shown.take();
        Ok(Seen {
            logs,
            watched,
            shown,
        })
    }
}

async fn finish(daemon: Daemon, data: &Path, end: End, time: Duration) -> Outcome<()> {
    match end {
        End::Kill => tokio::time::sleep(time).await,
        End::FreezeAndKill => {
            tokio::time::sleep(time / 2).await;
            daemon.signal(Signal::STOP)?;
            tokio::time::sleep(time / 2).await;
        }
        End::KillAtSnapshot => {
            let wait = snapshot_begins(data);
            // None may come; then this is a plain kill.
            let _ = tokio::time::timeout(SNAPSHOT_WAIT, wait).await;
        }
        End::Stop => {
            tokio::time::sleep(time).await;
            return stop(daemon).await;
        }
    }
    daemon.kill()?;
    tokio::time::sleep(LAST_ANSWERS).await;
    Ok(())
}

/// Stops the daemon without holding up those who still talk to it.
async fn stop(mut daemon: Daemon) -> Outcome<()> {
    daemon.signal(Signal::TERM)?;
    let deadline = tokio::time::Instant::now() + STOP_LIMIT;
    while tokio::time::Instant::now() < deadline {
        if let Some(status) = daemon.ended()? {
            return match status.success() {
                true => Ok(()),
                false => Err(format!("the daemon was told to stop and ended with {status}").into()),
            };
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Err("the daemon was told to stop and did not".into())
}

async fn snapshot_begins(data: &Path) {
    loop {
        let files = std::fs::read_dir(data).into_iter().flatten().flatten();
        let mut names = files.filter_map(|file| file.file_name().into_string().ok());
        if names.any(|name| name.ends_with(".part")) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Posts one request after the other until nobody answers.
async fn write(client: Client, books: Vec<BookId>, mut author: Author, log: Log) {
    loop {
        log.borrow_mut()
            .push(Request::post(author.write(now_millis())));
        let at = log.borrow().len() - 1;
        if let Err(error) = send(&client, &books, &log, at).await {
            let Some(after) = crate::session::retry_after(&error) else {
                return;
            };
            tokio::time::sleep(after).await;
        }
        tokio::time::sleep(Duration::from_millis(fastrand::u64(..4))).await;
    }
}

/// Creates accounts until nobody answers.
async fn grow(
    client: Client,
    books: Vec<BookId>,
    accounts: Vec<Rc<Cell<u32>>>,
    asset: AssetId,
    log: Log,
) {
    for book in (0..books.len()).cycle() {
        tokio::time::sleep(Duration::from_millis(fastrand::u64(20..60))).await;
        let first = accounts[book].get();
        let new: Vec<NewAccount> = (first..first + 2)
            .map(|at| new_account(at, asset))
            .collect();
        log.borrow_mut()
            .push(Request::new(book, Body::Accounts(new)));
        let at = log.borrow().len() - 1;
        match send(&client, &books, &log, at).await {
            Ok(()) => accounts[book].set(first + 2),
            Err(_) => return,
        }
    }
}

/// The account with this index. Some have bounds, so that some transfers are refused.
pub(super) fn new_account(index: u32, asset: AssetId) -> NewAccount {
    NewAccount {
        id: account_id(index),
        asset,
        code: 1,
        user_data: u64::from(index),
        settings: AccountSettings {
            floor: (index % 4 == 1).then_some(-200_000),
            ceiling: (index % 4 == 2).then_some(200_000),
            ..AccountSettings::default()
        },
    }
}

fn now_millis() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
