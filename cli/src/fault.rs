//! Faults: why a command could not be done, and the exit code that says so.

mod keys;
mod policy;

use std::fmt;
use std::io;
use std::path::PathBuf;

use client::ClientError;

use crate::amount::AmountError;
use crate::assets::UnknownAsset;
use crate::exit::Exit;
use crate::import::mapping::MappingProblem;
use crate::import::resume::ResumeError;
use crate::import::rows::RowsError;
use crate::instant::InstantError;
use crate::profile::ProfileError;

pub(crate) use keys::KeyFault;
pub(crate) use policy::PolicyFault;

/// Why a command could not be done.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It is not known whom to connect to.
    Profile(ProfileError),
    /// The server's address cannot be found.
    Address(String, io::Error),
    /// A file holds no certificate or key.
    Pem(PathBuf),
    /// There is no connection to this address.
    Connect(String, ClientError),
    /// There is no answer.
    Client(ClientError),
    /// The ledger has no such asset.
    Asset(UnknownAsset),
    /// An argument is not an amount.
    Amount(&'static str, String, AmountError),
    /// An argument is not a point in time.
    Instant(&'static str, String, InstantError),
    /// An argument is not a sequence.
    Sequence(&'static str, String),
    /// More rolling limits than an account has.
    Limits(usize),
    /// An argument is longer than the ledger takes, in bytes.
    TooLong(&'static str, usize, usize),
    /// No book is named, and not exactly one can be seen; these can.
    WhichBook(Vec<String>),
    /// There is no such book; there are these.
    NoBook(String, Vec<String>),
    /// There is no such tenant; there are these.
    NoTenant(String, Vec<String>),
    /// There is no such account.
    NoAccount(String),
    /// There is no such transfer.
    NoTransfer(String),
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A file cannot be written.
    Unwritable(PathBuf, io::Error),
    /// A file is longer than this many bytes.
    LongFile(PathBuf, u64),
    /// Something about keys, proofs or approvals.
    Keys(KeyFault),
    /// Something about policies.
    Policy(PolicyFault),
    /// A mapping is not one.
    Mapping(PathBuf, MappingProblem),
    /// The rows of a file cannot be read.
    Rows(PathBuf, RowsError),
    /// The file that an import goes on from cannot be used.
    Resume(PathBuf, ResumeError),
    /// A file that would be checked first can only be read once.
    StrictStream,
    /// A line of a file is longer than this many bytes; its number.
    LongLine(PathBuf, u64, usize),
    /// What is linked from this line on does not fit into one request.
    LongSet(PathBuf, u64),
    /// The system gives no random bytes.
    NoRandomness,
    /// What was to be printed cannot be.
    Output(io::Error),
    /// The server sends lists that do not end.
    EndlessList,
    /// No runtime can be started.
    Runtime(io::Error),
}

impl Fault {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Client(error) | Self::Connect(_, error) => of_client(error),
            Self::NoAccount(_) | Self::NoTransfer(_) => Exit::Refused,
            Self::Keys(fault) => fault.exit(),
            Self::Policy(fault) => fault.exit(),
            Self::Address(..) => Exit::Connection,
            Self::NoRandomness | Self::Output(_) | Self::EndlessList | Self::Runtime(_) => {
                Exit::Internal
            }
            _ => Exit::Usage,
        }
    }
}

fn of_client(error: &ClientError) -> Exit {
    match error {
        ClientError::Endpoint(_) | ClientError::TooLarge(_) => Exit::Usage,
        ClientError::Connect(_) | ClientError::Disconnected(_) | ClientError::DeadlinePassed => {
            Exit::Connection
        }
        ClientError::Refused(failure) => Exit::of_failure(failure.code),
        ClientError::OutcomeUnknown { .. } => Exit::Unknown,
        ClientError::Unreadable(_) | ClientError::Unexpected(_) => Exit::Internal,
    }
}

impl From<ClientError> for Fault {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<KeyFault> for Fault {
    fn from(fault: KeyFault) -> Self {
        Self::Keys(fault)
    }
}

impl From<PolicyFault> for Fault {
    fn from(fault: PolicyFault) -> Self {
        Self::Policy(fault)
    }
}

impl From<UnknownAsset> for Fault {
    fn from(error: UnknownAsset) -> Self {
        Self::Asset(error)
    }
}

impl From<ProfileError> for Fault {
    fn from(error: ProfileError) -> Self {
        Self::Profile(error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(error) => error.fmt(f),
            Self::Address(text, error) => {
                write!(f, "address `{text}`: {error}; write it as `HOST:PORT`")
            }
            Self::Pem(file) => write!(
                f,
                "`{}` holds no certificate or key that can be used; it must be PEM",
                file.display()
            ),
            Self::Connect(address, ClientError::DeadlinePassed) => write!(
                f,
                "no answer from `{address}`; look whether the server runs there, or set `--connect`"
            ),
            Self::Connect(address, error) => {
                write!(f, "`{address}`: ")?;
                self.client(error, f)
            }
            Self::Client(error) => self.client(error, f),
            Self::Asset(error) => error.fmt(f),
            Self::Amount(name, value, error) => write!(f, "{name} `{value}`: {error}"),
            Self::Instant(name, value, error) => write!(f, "{name} `{value}`: {error}"),
            Self::Sequence(name, value) => {
                write!(
                    f,
                    "{name} `{value}`: not a sequence; write a number, or set `--by`"
                )
            }
            Self::Limits(count) => {
                write!(
                    f,
                    "`{count}` rolling limits: an account has at most 2; leave some out"
                )
            }
            Self::TooLong(name, bytes, max) => {
                write!(
                    f,
                    "{name} of `{bytes}` bytes: at most {max} are allowed; shorten it"
                )
            }
            Self::WhichBook(names) => named(f, "which book is not said; give `--book`", names),
            Self::NoBook(text, names) => named(f, &format!("no book `{text}` in sight"), names),
            Self::NoTenant(text, names) => named(f, &format!("no tenant `{text}`"), names),
            Self::NoAccount(text) => write!(
                f,
                "no account `{text}` in the book; `account list` shows what it has"
            ),
            Self::NoTransfer(text) => {
                write!(
                    f,
                    "no transfer `{text}` in the book; `query` finds what it has"
                )
            }
            other => other.about_files(f),
        }
    }
}

impl Fault {
    fn client(&self, error: &ClientError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let ClientError::DeadlinePassed = error {
            // Of a write that was sent the outcome would be unknown.
            return f.write_str(
                "no answer in time to a question that posts nothing; ask again, or \
                 set `--timeout`",
            );
        }
        write!(f, "{error}")?;
        match (error, self.exit()) {
            (ClientError::Connect(_) | ClientError::Endpoint(_), _) => f.write_str(
                "; look whether the server runs, and whether address, `--ca`, `--cert` and `--key` \
                 are those for it",
            ),
            (_, Exit::Denied) => f.write_str("; `hello` shows who you are, `--as` is who else"),
            (_, Exit::Later) => f.write_str("; run it again later"),
            _ => Ok(()),
        }
    }

    fn about_files(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(file, error) => {
                write!(f, "`{}` cannot be read: {error}", file.display())
            }
            Self::Unwritable(file, error) => {
                write!(f, "`{}` cannot be written: {error}", file.display())
            }
            Self::LongFile(file, max) => {
                write!(f, "`{}` is longer than {max} bytes", file.display())
            }
            Self::Keys(fault) => fmt::Display::fmt(fault, f),
            Self::Policy(fault) => fmt::Display::fmt(fault, f),
            Self::Mapping(file, problem) => write!(f, "mapping `{}`: {problem}", file.display()),
            Self::Rows(file, error) => write!(f, "`{}`: {error}", file.display()),
            Self::Resume(file, error) => write!(f, "`{}`: {error}", file.display()),
            Self::LongLine(file, line, max) => write!(
                f,
                "`{}`, line {line}: longer than {max} bytes; one transfer stands on a line",
                file.display()
            ),
            Self::LongSet(file, line) => write!(
                f,
                "`{}`, line {line}: what is linked from here on does not fit into one request; \
                 link fewer transfers",
                file.display()
            ),
            Self::StrictStream => f.write_str(
                "`--strict` reads its input twice, and standard input comes only once; write it to \
                 a file first",
            ),
            Self::NoRandomness => f.write_str("the system gives no random bytes; give `--id`"),
            Self::Output(error) => write!(f, "output cannot be written: {error}"),
            Self::EndlessList => f.write_str("the server sends a list that does not end"),
            Self::Runtime(error) => write!(f, "no threads can be started: {error}"),
            // Everything else is said above.
            _ => Ok(()),
        }
    }
}

fn named(f: &mut fmt::Formatter<'_>, what: &str, names: &[String]) -> fmt::Result {
    if names.is_empty() {
        write!(f, "{what}; there are none that you can see")
    } else {
        write!(f, "{what}; there are: {}", names.join(", "))
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use ledger::{Code, Operation};
    use wire::Failure;

    use super::*;

    /// What a script does next depends on the code alone, and what a person does on the words.
    #[test]
    fn faults_of_the_connection_say_what_to_do() {
        let refused = |code| Fault::from(ClientError::Refused(Failure::new(code, "why")));
        let unknown = ClientError::OutcomeUnknown {
            operation: Operation::Post,
            why: client::Unknown::DeadlinePassed,
        };
        let late = || ClientError::DeadlinePassed;
        let rows = [
            (refused(Code::Denied), Exit::Denied, "`--as` is who else"),
            (refused(Code::Busy), Exit::Later, "run it again later"),
            (
                refused(Code::BookNotFound),
                Exit::Refused,
                "book_not_found: why",
            ),
            (unknown.into(), Exit::Unknown, "retry with the same ids"),
            (late().into(), Exit::Connection, "set `--timeout`"),
            (
                Fault::Connect("h:1".to_owned(), late()),
                Exit::Connection,
                "no answer from `h:1`",
            ),
            (
                Fault::NoAccount("name:x".to_owned()),
                Exit::Refused,
                "no account `name:x`",
            ),
            (
                Fault::WhichBook(vec!["a (1)".to_owned()]),
                Exit::Usage,
                "there are: a (1)",
            ),
            (Fault::StrictStream, Exit::Usage, "write it to a file first"),
        ];
        for (fault, exit, words) in rows {
            assert_eq!(fault.exit(), exit, "{fault}");
            assert!(fault.to_string().contains(words), "{fault}");
        }
    }
}
