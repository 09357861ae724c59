//! A development daemon as a child process.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::folder::Folders;
use crate::outcome::Outcome;
use crate::shell;

/// How the line begins that says where the daemon listens, and where its profiles are.
const READY: &str = "ledgerd ready ";

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

/// A running daemon. Dropping it kills it, so that a failed demo leaves no process behind.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
    profiles: PathBuf,
}

impl Daemon {
    /// Starts it on a free port and waits until it takes connections.
    pub(crate) fn start(binary: &Path, folders: &Folders) -> Outcome<Self> {
        let log = folders.log();
        let mut child = Command::new(binary)
            .args(["dev", "--listen", "127.0.0.1:0", "--data"])
            .arg(folders.data())
            .arg("--keys")
            .arg(folders.keys())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .map_err(|error| format!("cannot start `{}`: {error}", binary.display()))?;
        let output = child
            .stdout
            .take()
            .ok_or("the daemon has no standard output")?;
        let mut daemon = Self {
            child,
            log,
            profiles: PathBuf::new(),
        };
        daemon.profiles = daemon.wait_for_profiles(&forward(output))?;
        Ok(daemon)
    }

    /// The profiles that clients connect with.
    pub(crate) fn profiles(&self) -> &Path {
        &self.profiles
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        let pid = self.child.id().to_string();
        let mut kill = shell::program("kill");
        if !kill.args(["-TERM", &pid]).status()?.success() {
            return Err(self.told("the daemon is gone").into());
        }
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(self.told(&format!("the daemon ended with {status}")).into())
                };
            }
            thread::sleep(POLL);
        }
        let problem = format!("the daemon did not stop within {} s", STOP_LIMIT.as_secs());
        Err(self.told(&problem).into())
    }

    fn wait_for_profiles(&mut self, profiles: &Receiver<PathBuf>) -> Outcome<PathBuf> {
        match profiles.recv_timeout(START_LIMIT) {
            Ok(profiles) => Ok(profiles),
            Err(RecvTimeoutError::Timeout) => {
                let limit = START_LIMIT.as_secs();
                let problem = format!("the daemon was not ready within {limit} s");
                Err(self.told(&problem).into())
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.child.wait()?;
                let problem = format!("the daemon ended with {status} before it was ready");
                Err(self.told(&problem).into())
            }
        }
    }

    /// The problem with what the daemon had to say about it.
    fn told(&self, problem: &str) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let told: String = log.lines().map(|line| format!("\n    {line}")).collect();
        format!("{problem}{told}")
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

/// Shows what the daemon prints for as long as it runs, and hands over where its profiles are.
fn forward(output: ChildStdout) -> Receiver<PathBuf> {
    let (found, profiles) = sync_channel(1);
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            eprintln!("    {line}");
            if let Some(folder) = profiles_in(&line) {
                let _ = found.try_send(folder);
            }
        }
    });
    profiles
}

/// The folder that the ready line names; it is the last word, so that it may hold blanks.
fn profiles_in(line: &str) -> Option<PathBuf> {
    let (_, folder) = line.strip_prefix(READY)?.split_once("profiles=")?;
    Some(PathBuf::from(folder))
}

#[cfg(test)]
mod tests;
