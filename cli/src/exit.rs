//! Exit codes: what a script can do next.

use std::process::ExitCode;

use ledger::Code;

/// How the process ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Exit {
    /// Everything that was asked for stands.
    Success,
    /// Some of it was refused by the ledger, or is not there; the output says which and why.
    Refused,
    /// The command line or a file is wrong; nothing was sent, or nothing more after the bad part.
    Usage,
    /// Whether it was posted is unknown.
    Unknown,
    /// The server cannot be reached, or was lost while reading.
    Connection,
    /// The identity may not do this.
    Denied,
    /// The server cannot do it now.
    Later,
    /// A fault of ours.
    Internal,
}

impl Exit {
    /// Every code with what it means, as `ledgerctl --help` shows it.
    pub(crate) const HELP: &'static str = "\
Exit codes:
  0   done, or stood before
  1   some of it was refused or is not there; the output says which and why
  2   the command line or a file is wrong; what is wrong was not sent
  3   outcome unknown: run it again with the same ids, which posts nothing twice
  4   the server cannot be reached, or was lost while reading
  5   this identity may not do it
  6   the server cannot do it now; run it again later
  70  a fault of ours";

    /// The code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Unknown => 3,
            Self::Connection => 4,
            Self::Denied => 5,
            Self::Later => 6,
            Self::Internal => 70,
        }
    }

    /// How a process ends whose request was refused as a whole.
    pub(crate) fn of_failure(code: Code) -> Self {
        match code {
            Code::Denied => Self::Denied,
            Code::OutcomeUnknown => Self::Unknown,
            Code::Malformed | Code::TooLarge | Code::Unsupported => Self::Internal,
            code if code.is_retryable() => Self::Later,
            _ => Self::Refused,
        }
    }

    /// How a process ends whose item got this code.
    pub(crate) fn of_item(code: Code) -> Self {
        match code {
            code if code.is_posted() => Self::Success,
            Code::Denied => Self::Denied,
            _ => Self::Refused,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_lists_every_code() {
        let all = [
            Exit::Success,
            Exit::Refused,
            Exit::Usage,
            Exit::Unknown,
            Exit::Connection,
            Exit::Denied,
            Exit::Later,
            Exit::Internal,
        ];
        for exit in all {
            let line = format!("\n  {:<4}", exit.code());
            assert!(Exit::HELP.contains(&line), "{exit:?}");
        }
    }

    #[test]
    fn failures_say_what_to_do() {
        let rows = [
            (Code::Denied, Exit::Denied),
            (Code::OutcomeUnknown, Exit::Unknown),
            (Code::Busy, Exit::Later),
            (Code::BookHalted, Exit::Later),
            (Code::BookNotFound, Exit::Refused),
            (Code::Malformed, Exit::Internal),
        ];
        for (code, exit) in rows {
            assert_eq!(Exit::of_failure(code), exit, "{code}");
        }
        assert_eq!(Exit::of_item(Code::Exists), Exit::Success);
        assert_eq!(Exit::of_item(Code::BelowFloor), Exit::Refused);
    }
}
