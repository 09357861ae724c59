use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{KeyFault, Keyring, KeyringError, RowFault};
use crate::approval::{Approval, ApprovalError, ApprovalFault, Expected};
use crate::approver::ApproverSet;
use crate::limits::{JSON_BYTES_MAX, REVOCATIONS_MAX};
use crate::payload::Content;
use crate::row::{AuditRow, RowError};

/// A keyring, the approval that makes it trusted, and rows that revoke keys of it.
///
/// Revoking needs no threshold, so that the rows stand beside the keyring until the next one. They
/// can only take trust away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedKeyring {
    /// The keyring that was approved.
    pub keyring: Keyring,
    /// Its approval.
    pub approval: Approval,
    /// Rows of the chain that revoke keys, in order.
    pub revocations: Vec<AuditRow>,
}

/// Why a signed keyring is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SignedKeyringError {
    /// The bytes are not a signed keyring.
    NotSigned,
    /// Another spelling than the one that counts.
    NotCanonical,
    /// The keyring is none.
    Keyring(KeyringError),
    /// The approval is none.
    Approval(ApprovalError),
    /// The approval does not count.
    Fault(ApprovalFault),
    /// The approval is about something else than this keyring.
    AnotherKeyring,
    /// The keyring does not follow the one before.
    Serial(u64),
    /// A row beside it is none.
    Row(RowError),
    /// A row beside it revokes nothing, or stands out of order.
    Revocation(u64),
    /// A row beside it does not count.
    RowFault(RowFault),
}

/// The members of the file, in the order in which they stand.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    approval: Box<RawValue>,
    keyring: Box<RawValue>,
    revocations: Vec<Box<RawValue>>,
}

impl SignedKeyring {
    /// The keyring that can be trusted by whoever trusts `pinned`: enough of them approved it, and
    /// keys that were revoked since count no further.
    ///
    /// # Errors
    /// It cannot.
    pub fn verify(&self, pinned: &ApproverSet) -> Result<Keyring, SignedKeyringError> {
        self.check(&Expected {
            approvers: pinned,
            keyring: None,
            deployment: self.keyring.deployment(),
            environment: self.keyring.environment(),
            state: None,
            now: None,
        })?;
        self.restricted()
    }

    /// The keyring that can be trusted by whoever trusts `before`, from which it follows: the
    /// approvers of the one before approved it, other approvers included.
    ///
    /// # Errors
    /// It cannot, or it does not follow.
    pub fn verify_after(&self, before: &Keyring) -> Result<Keyring, SignedKeyringError> {
        self.check(&Expected {
            approvers: before.approvers(),
            keyring: Some(before),
            deployment: before.deployment(),
            environment: before.environment(),
            state: Some(before.digest()),
            now: None,
        })?;
        let belongs = self.keyring.deployment() == before.deployment()
            && self.keyring.environment() == before.environment();
        if !belongs || self.keyring.serial() <= before.serial() {
            return Err(SignedKeyringError::Serial(self.keyring.serial()));
        }
        self.restricted()
    }

    fn check(&self, expected: &Expected<'_>) -> Result<(), SignedKeyringError> {
        self.approval
            .check(expected)
            .map_err(SignedKeyringError::Fault)?;
        let named = self.approval.request().content.keyring();
        if named != Some((self.keyring.digest(), self.keyring.serial())) {
            return Err(SignedKeyringError::AnotherKeyring);
        }
        Ok(())
    }

    /// The keyring with the revocations applied, each by a key that counts after those before it.
    fn restricted(&self) -> Result<Keyring, SignedKeyringError> {
        let mut keyring = self.keyring.clone();
        let mut last = 0;
        for row in &self.revocations {
            let seq = row.seq();
            let Content::KeyRevoked { kid, trusted, .. } = &row.payload().content else {
                return Err(SignedKeyringError::Revocation(seq));
            };
            if seq <= last || trusted.seq >= seq {
                return Err(SignedKeyringError::Revocation(seq));
            }
            last = seq;
            let fault = |fault| SignedKeyringError::RowFault(fault);
            if let Some(trusted) = keyring.verify_row(row).map_err(fault)? {
                let kid = row.signer_kid().clone();
                let key = KeyFault::Revoked { kid, seq, trusted };
                return Err(fault(key.into()));
            }
            keyring = keyring
                .restricted(kid, *trusted)
                .map_err(SignedKeyringError::Keyring)?;
        }
        Ok(keyring)
    }

    /// The file, with a line feed at its end.
    ///
    /// # Errors
    /// None for texts and numbers.
    pub fn encode(&self) -> Result<Vec<u8>, SignedKeyringError> {
        let approval = self
            .approval
            .encode()
            .map_err(SignedKeyringError::Approval)?;
        let rows = self.revocations.iter().map(|row| {
            let mut line = Vec::new();
            row.encode_line(&mut line);
            line.pop();
            raw(line)
        });
        let fields = Fields {
            approval: raw(approval)?,
            keyring: raw(self.keyring.encode())?,
            revocations: rows.collect::<Result<_, _>>()?,
        };
        let mut bytes = serde_json::to_vec(&fields).map_err(|_| SignedKeyringError::NotSigned)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads the file. Nothing in it is trusted yet.
    ///
    /// # Errors
    /// The bytes are no signed keyring, or another spelling of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, SignedKeyringError> {
        if bytes.len() > JSON_BYTES_MAX {
            return Err(SignedKeyringError::NotSigned);
        }
        let fields: Fields =
            serde_json::from_slice(bytes).map_err(|_| SignedKeyringError::NotSigned)?;
        if fields.revocations.len() > REVOCATIONS_MAX {
            return Err(SignedKeyringError::NotSigned);
        }
        let rows = fields.revocations.iter().map(|row| {
            let line = [row.get().as_bytes(), b"\n"].concat();
            AuditRow::decode_line(&line).map_err(SignedKeyringError::Row)
        });
        let signed = Self {
            keyring: Keyring::decode(fields.keyring.get().as_bytes())
                .map_err(SignedKeyringError::Keyring)?,
            approval: Approval::decode(fields.approval.get().as_bytes())
                .map_err(SignedKeyringError::Approval)?,
            revocations: rows.collect::<Result<_, _>>()?,
        };
        if signed.encode()? == bytes {
            Ok(signed)
        } else {
            Err(SignedKeyringError::NotCanonical)
        }
    }
}

fn raw(bytes: Vec<u8>) -> Result<Box<RawValue>, SignedKeyringError> {
    String::from_utf8(bytes)
        .ok()
        .and_then(|text| RawValue::from_string(text).ok())
        .ok_or(SignedKeyringError::NotSigned)
}

impl fmt::Display for SignedKeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSigned => f.write_str("not a signed keyring"),
            Self::NotCanonical => f.write_str("signed keyring is not in its one spelling"),
            Self::Keyring(error) => error.fmt(f),
            Self::Approval(error) => error.fmt(f),
            Self::Fault(fault) => write!(f, "the keyring is not approved: {fault}"),
            Self::AnotherKeyring => f.write_str("the approval is not about this keyring"),
            Self::Serial(serial) => {
                write!(
                    f,
                    "keyring with serial `{serial}` does not follow the one before"
                )
            }
            Self::Row(error) => write!(f, "revocation beside the keyring: {error}"),
            Self::Revocation(seq) => write!(
                f,
                "row `{seq}` beside the keyring revokes nothing, or stands out of order"
            ),
            Self::RowFault(fault) => write!(f, "revocation beside the keyring: {fault}"),
        }
    }
}

impl std::error::Error for SignedKeyringError {}
