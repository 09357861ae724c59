//! Records of the state's file: one line each, a checksum before the text.

use ledger::Digest;
use serde::{Deserialize, Serialize};

use super::hex;

/// Hex digits of the checksum.
const CHECK_DIGITS: usize = 16;

/// A record.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Record {
    /// A place in a chain was claimed.
    Seal(SealRecord),
    /// A size of a checkpoint was claimed.
    Note(NoteRecord),
    /// An exception was made use of, long ago.
    Used(ExceptionRecord),
}

/// A place in a chain was claimed.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct SealRecord {
    pub(crate) deployment: String,
    pub(crate) environment: String,
    pub(crate) epoch: u64,
    pub(crate) seq: u64,
    pub(crate) lease: u64,
    /// The digest before it; none at the first row.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "hex::serde_option"
    )]
    pub(crate) prev: Option<Digest>,
    #[serde(with = "hex::serde")]
    pub(crate) digest: Digest,
    pub(crate) kid: String,
    /// Whether what was claimed at this place and after it counts no more.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) rewinds: bool,
}

/// An exception was made use of: it counts once.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExceptionRecord {
    pub(crate) deployment: String,
    pub(crate) environment: String,
    pub(crate) epoch: u64,
    pub(crate) seq: u64,
    #[serde(with = "hex::serde")]
    pub(crate) digest: Digest,
}

/// A size of a checkpoint was claimed.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteRecord {
    pub(crate) origin: String,
    pub(crate) size: u64,
    #[serde(with = "hex::serde")]
    pub(crate) root: Digest,
    /// Whether smaller sizes were signed whose roots are not kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) has_forgotten: bool,
}

/// A line that is not a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NotARecord;

impl Record {
    /// The line, line feed included.
    pub(crate) fn line(&self) -> Result<String, serde_json::Error> {
        let text = serde_json::to_string(self)?;
        Ok(format!("{} {text}\n", check(&text)))
    }

    /// Reads a line without its line feed.
    pub(crate) fn read(line: &[u8]) -> Result<Self, NotARecord> {
        let line = std::str::from_utf8(line).map_err(|_| NotARecord)?;
        let (sum, text) = line.split_once(' ').ok_or(NotARecord)?;
        if sum != check(text) {
            return Err(NotARecord);
        }
        serde_json::from_str(text).map_err(|_| NotARecord)
    }
}

fn check(text: &str) -> String {
    let mut digits = Digest::of(text.as_bytes()).to_string();
    digits.truncate(CHECK_DIGITS);
    digits
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}
