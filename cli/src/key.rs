//! Keys: ids of accounts and transfers as people write them.
//!
//! An id is a number of 128 bits. It is written in decimal, in hexadecimal after `0x`, as a UUID,
//! or as `name:TEXT`, which stands for a number derived from the text.

use std::fmt;
use std::str::FromStr;

use ledger::{AccountId, TransferId};
use sha2::{Digest as _, Sha256};

/// What keeps derived ids of one kind apart from those of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Domain {
    /// Names of accounts.
    Account,
    /// Names of transfers.
    Transfer,
    /// Rows of imported files.
    Import,
}

/// An account as somebody wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct AccountKey {
    /// The id.
    pub(crate) id: AccountId,
    /// What was written, to show it again.
    pub(crate) text: String,
}

/// A transfer as somebody wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TransferKey {
    /// The id.
    pub(crate) id: TransferId,
    /// What was written, to show it again.
    pub(crate) text: String,
}

/// Why text is not an id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KeyError {
    /// None of the four forms.
    NotKey,
    /// `name:` with nothing after it.
    NoName,
    /// Above 2^128 - 1.
    TooLarge,
    /// 0 or 2^128 - 1, which no account and no transfer has.
    Reserved,
}

/// The first mark of a name.
const NAME: &str = "name:";

impl Domain {
    fn tag(self) -> &'static str {
        match self {
            Self::Account => "ledgerd/account",
            Self::Transfer => "ledgerd/transfer",
            Self::Import => "ledgerd/import",
        }
    }

    /// The id that stands for `parts`: the first 16 bytes, most significant first, of the SHA-256
    /// of the domain's tag and each part, every one after its length in bytes as a little-endian
    /// `u32`.
    pub(crate) fn derive<'a>(self, parts: impl IntoIterator<Item = &'a str>) -> u128 {
        let mut hasher = Sha256::new();
        for part in std::iter::once(self.tag()).chain(parts) {
            // Nobody has a column of 4 GiB, and the reader of rows would have refused it.
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            hasher.update(length.to_le_bytes());
            hasher.update(part);
        }
        let digest = hasher.finalize();
        digest
            .iter()
            .take(16)
            .fold(0, |id, byte| (id << 8) | u128::from(*byte))
    }
}

impl AccountKey {
    /// The account of this name, as `name:TEXT` gives it.
    pub(crate) fn named(name: &str) -> AccountId {
        AccountId(Domain::Account.derive([name]))
    }
}

/// Numbers below 2^64 in decimal, others as 32 hexadecimal digits after `0x`: one form for each.
pub(crate) fn show(id: u128) -> String {
    if id <= u128::from(u64::MAX) {
        id.to_string()
    } else {
        format!("{id:#034x}")
    }
}

fn parse(text: &str, domain: Domain) -> Result<u128, KeyError> {
    let id = if let Some(name) = text.strip_prefix(NAME) {
        if name.is_empty() {
            return Err(KeyError::NoName);
        }
        domain.derive([name])
    } else if let Some(digits) = text.strip_prefix("0x") {
        hexadecimal(digits)?
    } else if text.contains('-') {
        uuid(text).ok_or(KeyError::NotKey)?
    } else {
        decimal(text)?
    };
    match id {
        0 | u128::MAX => Err(KeyError::Reserved),
        id => Ok(id),
    }
}

fn decimal(text: &str) -> Result<u128, KeyError> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(KeyError::NotKey);
    }
    text.parse().map_err(|_| KeyError::TooLarge)
}

fn hexadecimal(digits: &str) -> Result<u128, KeyError> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(KeyError::NotKey);
    }
    u128::from_str_radix(digits, 16).map_err(|_| KeyError::TooLarge)
}

fn uuid(text: &str) -> Option<u128> {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    if lengths != [8, 4, 4, 4, 12] {
        return None;
    }
    hexadecimal(&groups.concat()).ok()
}

impl FromStr for AccountKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Ok(Self {
            id: AccountId(parse(text, Domain::Account)?),
            text: text.to_owned(),
        })
    }
}

impl FromStr for TransferKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Ok(Self {
            id: TransferId(parse(text, Domain::Transfer)?),
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotKey => "not an id; write a number, `0x…`, a UUID or `name:TEXT`",
            Self::NoName => "nothing stands after `name:`",
            Self::TooLarge => "above 2^128 - 1",
            Self::Reserved => "0 and 2^128 - 1 are no ids",
        })
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests;
