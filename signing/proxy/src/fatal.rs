//! What ends the process: disks that did not take what must be kept.

use std::fmt;
use std::io;
use std::path::PathBuf;

use tokio::sync::mpsc;

use crate::state::StateError;

/// Why the process cannot go on.
#[derive(Debug)]
pub(crate) enum Fatally {
    /// What was signed could not be written down.
    State(StateError),
    /// Who asked for what could not be written down.
    Audit(PathBuf, io::Error),
}

/// Ends the process, from any thread.
#[derive(Clone)]
pub(crate) struct Fatal(mpsc::Sender<Fatally>);

impl Fatal {
    /// One end to tell, one to listen.
    pub(crate) fn channel() -> (Self, mpsc::Receiver<Fatally>) {
        let (tell, told) = mpsc::channel(1);
        (Self(tell), told)
    }

    /// Ends the process. Only the first reason counts.
    pub(crate) fn end(&self, why: Fatally) {
        let _ = self.0.try_send(why);
    }
}

impl fmt::Display for Fatally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(error) => write!(f, "the state cannot be kept: {error}"),
            Self::Audit(file, error) => write!(
                f,
                "audit lines cannot be kept in `{}`: {error}; make room, and start again",
                file.display()
            ),
        }
    }
}
