//! The daemon as a child process.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::outcome::Outcome;
use crate::process::{self, Counters};
use crate::profile::Profiles;

/// How the line begins that says that the daemon takes connections.
const READY: &str = "ledgerd ready address=";
/// How long a daemon may take to stop after it was asked to.
const STOP_LIMIT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(2);

/// Where a daemon keeps its things, and which program it is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The program.
    pub binary: PathBuf,
    /// Its data directory.
    pub data: PathBuf,
    /// Directory of the development keys and profiles, in no repository.
    pub keys: PathBuf,
    /// File that its standard error goes to.
    pub log: PathBuf,
    /// How long it may take to be ready.
    pub ready_limit: Duration,
    /// Configuration file to run with, instead of as `ledgerd dev`.
    pub configuration: Option<PathBuf>,
}

/// A running daemon. Dropping it kills it, so that a failed run leaves no process behind.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    lines: Receiver<String>,
    started: Instant,
    ready_limit: Duration,
}

/// How a daemon that was started came out.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// It takes connections.
    Ready(Ready),
    /// It ended before.
    Ended(ExitStatus),
}

/// A daemon that takes connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ready {
    /// Where.
    pub address: SocketAddr,
    /// Time from the start of the process.
    pub after: Duration,
}

/// What a daemon that was stopped had done in all.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    /// How it ended.
    pub status: ExitStatus,
    /// What it had used and written up to its end, its last snapshot included.
    pub counters: Counters,
}

impl Place {
    /// Starts the daemon.
    ///
    /// # Errors
    /// The program cannot be run.
    pub fn start(&self) -> Outcome<Daemon> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = match &self.configuration {
            None => self.development(&["--listen", "127.0.0.1:0"]),
            Some(file) => {
                let mut command = Command::new(&self.binary);
                command.args(["run", "--config"]).arg(file);
                command
            }
        };
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("cannot start `{}`: {error}", self.binary.display()))?;
        let output = child
            .stdout
            .take()
            .ok_or("the daemon has no standard output")?;
        Ok(Daemon {
            child,
            lines: forward(output),
            started: Instant::now(),
            ready_limit: self.ready_limit,
        })
    }

    /// Starts the daemon and waits until it is ready.
    ///
    /// # Errors
    /// It does not become ready, said with the end of its log.
    pub fn start_ready(&self) -> Outcome<(Daemon, Ready)> {
        let mut daemon = self.start()?;
        match daemon.wait_ready() {
            Ok(Start::Ready(ready)) => Ok((daemon, ready)),
            Ok(Start::Ended(status)) => {
                let log = self.log_end();
                Err(format!("the daemon ended with {status} before it was ready\n{log}").into())
            }
            Err(error) => Err(format!("{error}\n{}", self.log_end()).into()),
        }
    }

    /// Has the daemon issue certificates for a tenant that needs some, and returns its profiles.
    ///
    /// # Errors
    /// It does not.
    pub fn issue(&self, tenant: &str) -> Outcome<Profiles> {
        for role in ["admin", "write"] {
            let words = ["issue", "--tenant", tenant, "--role", role];
            let output = self.development(&words).output()?;
            if !output.status.success() {
                let text = String::from_utf8_lossy(&output.stderr).into_owned();
                return Err(format!("no certificate for `{tenant}`: {text}").into());
            }
        }
        Ok(Profiles::of_tenant(&self.keys, tenant))
    }

    /// The last lines of what the daemon told.
    pub fn log_end(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    fn development(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("dev").args(words);
        command
            .arg("--data")
            .arg(&self.data)
            .arg("--keys")
            .arg(&self.keys);
        command
    }
}

impl Daemon {
    /// Waits until the daemon takes connections or has ended.
    ///
    /// # Errors
    /// It does neither within its limit.
    pub fn wait_ready(&mut self) -> Outcome<Start> {
        let limit = self.started + self.ready_limit;
        loop {
            match self
                .lines
                .recv_timeout(limit.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    if let Some(rest) = line.strip_prefix(READY) {
                        let address = rest.split(' ').next().unwrap_or(rest);
                        let address = address.parse().map_err(|_| format!("`{line}`"))?;
                        let after = self.started.elapsed();
                        return Ok(Start::Ready(Ready { address, after }));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    let (seconds, state) = (self.ready_limit.as_secs(), self.state());
                    let text = format!("the daemon was not ready within {seconds} s\n{state}");
                    return Err(text.into());
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(Start::Ended(self.child.wait()?)),
            }
        }
    }

    /// What its threads do and what it used so far, for whoever wonders why it does not answer.
    pub fn state(&self) -> String {
        let pid = self.child.id();
        let used = process::counters(pid).map_or(Duration::ZERO, |counters| counters.cpu);
        let threads = process::threads(pid).unwrap_or_default().join("\n  ");
        format!(
            "{:.2} s of processor time, threads:\n  {threads}",
            used.as_secs_f64()
        )
    }

    /// The number of the process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// The process is gone.
    pub fn signal(&self, signal: Signal) -> Outcome<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.ok_or("the daemon has no process")?, signal)?;
        Ok(())
    }

    /// Kills the process as `kill -9` does and waits until it is gone.
    ///
    /// # Errors
    /// The kernel refuses.
    pub fn kill(mut self) -> Outcome<ExitStatus> {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        Ok(self.child.wait()?)
    }

    /// Whether the process has ended by itself.
    ///
    /// # Errors
    /// The kernel refuses to say.
    pub fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// It does not stop in time.
    pub fn stop(mut self) -> Outcome<Stopped> {
        let pid = self.child.id();
        self.signal(Signal::TERM)?;
        let limit = Instant::now() + STOP_LIMIT;
        // Its counters are complete once it has ended, and are gone once it was waited for.
        while !process::has_ended(pid)? {
            if Instant::now() > limit {
                let seconds = STOP_LIMIT.as_secs();
                return Err(format!("the daemon did not stop within {seconds} s").into());
            }
            std::thread::sleep(POLL);
        }
        let counters = process::counters(pid)?;
        Ok(Stopped {
            status: self.child.wait()?,
            counters,
        })
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Hands over the lines that a child prints, for as long as it runs. Lines that nobody takes
/// are dropped, so that the child never waits for a reader.
pub(crate) fn forward(output: ChildStdout) -> Receiver<String> {
    let (lines, taken) = sync_channel(16);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = lines.try_send(line);
        }
    });
    taken
}
