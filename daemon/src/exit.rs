//! Exit codes, after `sysexits.h` where it has one.

use std::process::ExitCode;

/// How the process ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// It did what it was asked to do.
    Success,
    /// It could not go on: a port taken, a disk full, a thread gone.
    Runtime,
    /// The command line, the configuration or what must sign is wrong; no port was opened.
    Configuration,
    /// The journal is not what it should be, and an operator has to decide.
    DataRefused,
    /// A fault of ours.
    Internal,
}

impl Exit {
    /// Every code with what it means, as `ledgerd --help` shows it.
    pub(crate) const HELP: &'static str = "\
Exit codes:
  0   success
  1   it could not go on: a port taken, a disk full, a thread gone
  64  the command line, the configuration or what must sign is wrong; no port was opened
  65  the journal is refused, and an operator has to decide
  70  a fault of ours";

    /// The code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Runtime => 1,
            Self::Configuration => 64,
            Self::DataRefused => 65,
            Self::Internal => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
