//! Taking a component into use: what is asked for, and why it was refused.

use std::fmt;

use ledger::Digest;

use crate::fault::Fault;
use crate::limits::{LimitOutOfRange, Limits};

/// What to load, and what is known about it before its first byte is read.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions<'a> {
    /// Name in messages and figures.
    pub name: &'a str,
    /// The component.
    pub component: &'a [u8],
    /// SHA-256 that the component must have.
    pub digest: Digest,
    /// Configuration: JSON.
    pub config: &'a str,
    /// Version of the configuration; none if any will do.
    pub config_version: Option<u32>,
    /// What it may use.
    pub limits: Limits,
    /// Cases that must pass, as [`cases`](crate::cases) describes them.
    pub cases: Option<&'a [u8]>,
}

/// Why a policy was not loaded. Nothing has changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// A limit is out of range.
    Limit(LimitOutOfRange),
    /// The component has too many bytes.
    TooLarge {
        /// How many it has.
        bytes: usize,
        /// The most there may be.
        most: usize,
    },
    /// The configuration has too many bytes.
    ConfigTooLarge {
        /// How many it has.
        bytes: usize,
        /// The most there may be.
        most: usize,
    },
    /// The component is not the one that was named.
    WrongDigest {
        /// What was named.
        expected: Digest,
        /// What was given.
        found: Digest,
    },
    /// It is not WebAssembly, is cut off, or is invalid.
    Malformed(String),
    /// It is a module of the core language and not a component.
    NotAComponent,
    /// It has more of something than a policy may have.
    TooComplex {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        count: u64,
        /// The most there may be.
        most: u64,
    },
    /// It wants something from outside.
    Import(String),
    /// It exports no policy.
    WrongWorld {
        /// What it exports.
        exports: Vec<String>,
    },
    /// It was made for a version of the contract that is no longer spoken.
    ContractTooOld(String),
    /// It was made for a version of the contract that is not spoken yet.
    ContractUnknown(String),
    /// A function of the contract is missing or has another type.
    WrongType {
        /// Name of the function.
        function: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Compiling it took too long.
    CompileTimedOut,
    /// Compiling it took too much memory.
    CompileOutOfMemory,
    /// The compiler refused it, or could not be run.
    Compile(String),
    /// It could not be instantiated.
    Instantiate(Fault),
    /// It refused its configuration, or failed at it.
    Init(Fault),
    /// It could not say what it is.
    Describe(Fault),
    /// What it says of itself is against the contract.
    BadDescription(BadDescription),
    /// It takes another version of the configuration.
    ConfigVersion {
        /// The version that was given.
        given: u32,
        /// The version that it takes.
        taken: u32,
    },
    /// The file of cases is not one.
    BadCases(String),
    /// Cases failed.
    CasesFailed {
        /// How many there are.
        cases: usize,
        /// Names of those that failed, and how.
        failed: Vec<(String, String)>,
    },
}

/// What about a policy's description of itself is against the contract.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BadDescription {
    /// A name is empty or too long.
    Name(String),
    /// A description of a rule is too long.
    Doc(u16),
    /// More rules than there may be.
    TooManyRules(usize),
    /// A rule has the number 0.
    RuleZero,
    /// Two rules have the same number.
    RuleTwice(u16),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(limit) => limit.fmt(f),
            Self::TooLarge { bytes, most } => {
                write!(f, "the component has `{bytes}` bytes, at most {most}")
            }
            Self::ConfigTooLarge { bytes, most } => {
                write!(f, "the configuration has `{bytes}` bytes, at most {most}")
            }
            Self::WrongDigest { expected, found } => {
                write!(
                    f,
                    "the component has the digest `{found}`, not `{expected}`"
                )
            }
            Self::Malformed(problem) => write!(f, "the component is malformed: {problem}"),
            Self::NotAComponent => f.write_str("a core module and not a component"),
            Self::TooComplex { what, count, most } => {
                write!(f, "the component has `{count}` {what}, at most {most}")
            }
            Self::Import(name) => {
                write!(
                    f,
                    "the component imports `{name}`, and a policy imports nothing"
                )
            }
            Self::WrongWorld { exports } => {
                write!(
                    f,
                    "the component exports no policy, but `{}`",
                    exports.join(", ")
                )
            }
            Self::ContractTooOld(version) => {
                write!(f, "contract version `{version}` is too old")
            }
            Self::ContractUnknown(version) => {
                write!(f, "contract version `{version}` is unknown")
            }
            Self::WrongType { function, problem } => {
                write!(
                    f,
                    "function `{function}` is not as in the contract: {problem}"
                )
            }
            Self::CompileTimedOut => f.write_str("compiling took too long"),
            Self::CompileOutOfMemory => f.write_str("compiling took too much memory"),
            Self::Compile(problem) => write!(f, "compiling failed: {problem}"),
            Self::Instantiate(fault) => write!(f, "instantiating failed: {fault}"),
            Self::Init(fault) => write!(f, "taking the configuration failed: {fault}"),
            Self::Describe(fault) => write!(f, "describing itself failed: {fault}"),
            Self::BadDescription(bad) => write!(f, "bad description: {bad}"),
            Self::ConfigVersion { given, taken } => {
                write!(
                    f,
                    "configuration has version `{given}`, the policy takes `{taken}`"
                )
            }
            Self::BadCases(problem) => write!(f, "the cases are malformed: {problem}"),
            Self::CasesFailed { cases, failed } => {
                write!(f, "{} of {cases} cases failed", failed.len())?;
                for (name, how) in failed {
                    write!(f, "; `{name}`: {how}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for LoadError {}

impl fmt::Display for BadDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "name `{name}` is empty or too long"),
            Self::Doc(rule) => write!(f, "rule `{rule}` has too long a description"),
            Self::TooManyRules(count) => write!(f, "`{count}` rules are too many"),
            Self::RuleZero => f.write_str("a rule has the number `0`"),
            Self::RuleTwice(rule) => write!(f, "rule `{rule}` is described twice"),
        }
    }
}
