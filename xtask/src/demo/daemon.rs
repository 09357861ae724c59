//! A development daemon as a child process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::outcome::Outcome;
use crate::shell;

/// The first word of the line that says where the daemon listens: `ready ADDRESS`.
const READY: &str = "ready ";

const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

/// A running daemon. Dropping it kills it, so that a failed demo leaves no process behind.
pub(crate) struct Daemon {
    child: Child,
    address: String,
}

impl Daemon {
    /// Starts it on a free port and waits until it takes connections.
    pub(crate) fn start(binary: &Path, data: &Path) -> Outcome<Self> {
        let mut child = Command::new(binary)
            .args(["dev", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start `{}`: {error}", binary.display()))?;
        let output = child
            .stdout
            .take()
            .ok_or("the daemon has no standard output")?;
        let mut daemon = Self {
            child,
            address: String::new(),
        };
        daemon.address = daemon.wait_for_address(&forward(output))?;
        Ok(daemon)
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        let pid = self.child.id().to_string();
        shell::run(shell::program("kill").args(["-TERM", &pid]))?;
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("the daemon ended with {status}").into())
                };
            }
            thread::sleep(POLL);
        }
        Err(format!("the daemon did not stop within {} s", STOP_LIMIT.as_secs()).into())
    }

    fn wait_for_address(&mut self, addresses: &Receiver<String>) -> Outcome<String> {
        match addresses.recv_timeout(START_LIMIT) {
            Ok(address) => Ok(address),
            Err(RecvTimeoutError::Timeout) => Err(format!(
                "the daemon was not ready within {} s",
                START_LIMIT.as_secs()
            )
            .into()),
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.child.wait()?;
                Err(format!("the daemon ended with {status} before it was ready").into())
            }
        }
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

/// Shows what the daemon prints for as long as it runs, and hands over the address it tells.
fn forward(output: ChildStdout) -> Receiver<String> {
    let (found, addresses) = sync_channel(1);
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            if let Some(address) = line.strip_prefix(READY) {
                let _ = found.try_send(address.trim().to_owned());
            }
        }
    });
    addresses
}

#[cfg(test)]
mod tests;
