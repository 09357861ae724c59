//! Who asked for what: a line of JSON for each request, durable before a signature leaves.
//!
//! One thread owns the file. Lines that come together become durable together.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::fatal::{Fatal, Fatally};

/// Lines that wait for the thread.
const QUEUE: usize = 1_024;
/// Lines that become durable together.
const BATCH: usize = 256;
const FILE_MODE: u32 = 0o600;

/// A line. It holds no secret: neither keys nor what a client showed to be known.
#[derive(Serialize, Clone, Debug, Default)]
pub(crate) struct Line {
    /// When the request came.
    pub(crate) time: String,
    /// Its id, as the answer has it too.
    pub(crate) request_id: String,
    /// Name of the client; empty when it did not show who it is.
    pub(crate) client: String,
    /// How it showed who it is.
    pub(crate) proof: String,
    /// Address that it came from.
    pub(crate) peer: String,
    /// Method.
    pub(crate) method: String,
    /// Path, without what follows it.
    pub(crate) path: String,
    /// Status of the answer.
    pub(crate) status: u16,
    /// `ok`, `again` and the like, or the short name of a refusal.
    pub(crate) outcome: &'static str,
    /// The chain or log that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// The place in the chain, or the size of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seq: Option<u64>,
    /// The digest that was to be signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) digest: Option<String>,
    /// The digest that has that place already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) conflict: Option<String>,
    /// The key that was to sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kid: Option<String>,
    /// Requests that have no line of their own, since the last line: they came too fast, from
    /// addresses that showed nothing.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) untold: u64,
    /// Microseconds from the head of the request to its answer.
    pub(crate) micros: u64,
}

/// The audit lines, as those who write them see it.
#[derive(Clone)]
pub(crate) struct Audit(mpsc::Sender<Order>);

/// Audit lines are not taken any more, and the process is about to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Gone;

enum Order {
    Write(String, Option<oneshot::Sender<()>>),
    Reopen,
    Finish(oneshot::Sender<()>),
}

impl Audit {
    /// Opens the file and starts the thread.
    ///
    /// # Errors
    /// The file cannot be written, or no thread be had.
    pub(crate) fn open(path: &Path, to_stdout: bool, fatal: Fatal) -> io::Result<Self> {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let writer = Writer {
            file: open(path)?,
            path: path.to_owned(),
            to_stdout,
            inbox,
        };
        thread::Builder::new()
            .name("audit".into())
            .spawn(move || writer.run(&fatal))?;
        Ok(Self(orders))
    }

    /// Writes a line, and waits until it is durable.
    pub(crate) async fn keep(&self, line: &Line) -> Result<(), Gone> {
        let (done, kept) = oneshot::channel();
        let order = Order::Write(text(line), Some(done));
        self.0.send(order).await.map_err(|_| Gone)?;
        kept.await.map_err(|_| Gone)
    }

    /// Writes a line, soon.
    pub(crate) async fn note(&self, line: &Line) -> Result<(), Gone> {
        let order = Order::Write(text(line), None);
        self.0.send(order).await.map_err(|_| Gone)
    }

    /// Opens the file anew, after somebody has moved it.
    pub(crate) async fn reopen(&self) {
        let _ = self.0.send(Order::Reopen).await;
    }

    /// Waits until all lines so far are durable.
    pub(crate) async fn finish(&self) {
        let (done, finished) = oneshot::channel();
        if self.0.send(Order::Finish(done)).await.is_ok() {
            let _ = finished.await;
        }
    }
}

struct Writer {
    file: File,
    path: PathBuf,
    to_stdout: bool,
    inbox: mpsc::Receiver<Order>,
}

impl Writer {
    fn run(mut self, fatal: &Fatal) {
        while let Some(first) = self.inbox.blocking_recv() {
            if let Err(error) = self.serve(first) {
                fatal.end(Fatally::Audit(self.path, error));
                return;
            }
        }
    }

    fn serve(&mut self, first: Order) -> io::Result<()> {
        let (mut text, mut waiting) = (String::new(), Vec::new());
        let mut reopens = false;
        let mut next = Some(first);
        let mut count = 0;
        while let Some(order) = next {
            count += 1;
            match order {
                Order::Write(line, done) => {
                    text.push_str(&line);
                    waiting.extend(done);
                }
                Order::Reopen => reopens = true,
                Order::Finish(done) => waiting.push(done),
            }
            next = (count < BATCH)
                .then(|| self.inbox.try_recv().ok())
                .flatten();
        }
        if !text.is_empty() {
            self.file.write_all(text.as_bytes())?;
            self.file.sync_data()?;
            if self.to_stdout {
                // The file is what counts: a closed pipe stops nobody.
                let _ = io::stdout().lock().write_all(text.as_bytes());
            }
        }
        for done in waiting {
            // Whoever has gone in the meantime needs no answer.
            let _ = done.send(());
        }
        if reopens {
            self.file = open(&self.path)?;
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(FILE_MODE)
        .open(path)
}

/// Every field is text or a number, so that none fails to be written.
fn text(line: &Line) -> String {
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.push('\n');
    text
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
