//! The daemon as a process.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::PATIENCE;

/// How the line begins that says that the daemon takes connections.
const READY: &str = "ledgerd ready address=";

/// A daemon that runs; killed when dropped.
pub(crate) struct Daemon {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    /// Kept open, so that the daemon can go on writing.
    _output: BufReader<ChildStdout>,
}

impl Daemon {
    /// Runs `command` until it says that it is ready. Its log is appended to `log`.
    pub(crate) fn start(command: Command, log: &Path) -> Self {
        Self::start_as(READY, command, log)
    }

    /// The same of another program, whose line begins with `ready`.
    pub(crate) fn start_as(ready: &str, mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let Some(rest) = line.strip_prefix(ready) else {
            let log = std::fs::read_to_string(log).unwrap();
            panic!("not ready: {:?}\n{log}", child.wait());
        };
        let address = rest.split_whitespace().next().unwrap().parse().unwrap();
        Self {
            child,
            address,
            log: log.to_owned(),
            _output: output,
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Stops it as a supervisor does; it must end well.
    pub(crate) fn stop(mut self) {
        self.signal(Signal::TERM);
        assert_eq!(self.ended().code(), Some(0));
    }

    /// Kills it as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let limit = Instant::now() + PATIENCE;
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status,
                None => assert!(Instant::now() < limit, "the daemon does not end"),
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The largest resident memory it ever had, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.unwrap().split_whitespace().next().unwrap();
        kilobytes.parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            eprintln!("log of process {}:\n{log}", self.child.id());
        }
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
