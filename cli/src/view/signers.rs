//! Signing keys, and requests to those who approve.

use std::fmt;
use std::path::Path;

use ledger::Code;
use serde::Serialize;
use verify::approval::{Approval, Request};
use verify::keyring::KeyEntry;
use verify::{Approver, Keyring, SignedKeyring};
use wire::message::{SignerAction, SignersChanged};

use crate::table::Column::{Left, Right};
use crate::table::Table;

/// The keys of a deployment.
#[derive(Debug, Serialize)]
pub(crate) struct KeyringView {
    serial: u64,
    /// Serial of the keyring that the approvers signed last.
    approved: Option<u64>,
    threshold: usize,
    keys: Vec<KeyView>,
    approvers: Vec<ApproverView>,
}

/// A key.
#[derive(Debug, Serialize)]
struct KeyView {
    kid: String,
    usage: &'static str,
    algorithm: &'static str,
    state: &'static str,
    /// First row that it may sign; 0 for a candidate.
    from_row: u64,
    /// Last row that counts, if there is one.
    to_row: Option<u64>,
    fingerprint: String,
}

/// Who may approve.
#[derive(Debug, Serialize)]
struct ApproverView {
    name: String,
    kid: String,
    algorithm: &'static str,
    fingerprint: String,
}

impl KeyringView {
    pub(crate) fn of(keyring: &Keyring, approved: Option<u64>) -> Self {
        Self {
            serial: keyring.serial(),
            approved,
            threshold: keyring.approvers().threshold(),
            keys: keyring.keys().map(KeyView::of).collect(),
            approvers: keyring.approvers().iter().map(ApproverView::of).collect(),
        }
    }
}

impl KeyView {
    fn of(key: &KeyEntry) -> Self {
        let trusted = key.revoked.map(|head| head.seq);
        Self {
            kid: key.kid.to_string(),
            usage: key.usage.text(),
            algorithm: key.public_key.algorithm().text(),
            state: key.state.text(),
            from_row: key.valid_from_seq,
            to_row: trusted.or(key.valid_to_seq),
            fingerprint: key.public_key.fingerprint().to_string(),
        }
    }
}

impl ApproverView {
    fn of(approver: &Approver) -> Self {
        Self {
            name: approver.name.to_string(),
            kid: approver.kid.to_string(),
            algorithm: approver.public_key.algorithm().text(),
            fingerprint: approver.public_key.fingerprint().to_string(),
        }
    }
}

impl fmt::Display for KeyringView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut keys = Table::new(&[
            Left("kid"),
            Left("usage"),
            Left("algorithm"),
            Left("state"),
            Right("from row"),
            Right("to row"),
        ]);
        for key in &self.keys {
            keys.row([
                key.kid.clone(),
                key.usage.to_owned(),
                key.algorithm.to_owned(),
                key.state.to_owned(),
                match key.from_row {
                    0 => String::new(),
                    row => row.to_string(),
                },
                key.to_row.map(|row| row.to_string()).unwrap_or_default(),
            ]);
        }
        writeln!(f, "{keys}")?;
        let mut approvers = Table::new(&[Left("approver"), Left("kid"), Left("algorithm")]);
        for approver in &self.approvers {
            approvers.row([
                approver.name.clone(),
                approver.kid.clone(),
                approver.algorithm.to_owned(),
            ]);
        }
        writeln!(f, "{approvers}")?;
        let (serial, threshold, all) = (self.serial, self.threshold, self.approvers.len());
        write!(
            f,
            "keyring {serial}, {threshold} of {all} approvers must sign"
        )?;
        match self.approved {
            Some(approved) if approved == serial => writeln!(f, "; they have"),
            Some(approved) => writeln!(f, "; they have signed keyring {approved}"),
            None => writeln!(f, "; they have signed none yet"),
        }
    }
}

/// How a change of a key was decided.
#[derive(Debug, Serialize)]
pub(crate) struct ChangedView {
    kid: String,
    action: &'static str,
    code: &'static str,
    /// Row of the audit chain that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(skip)]
    decided: Code,
}

impl ChangedView {
    pub(crate) fn of(action: SignerAction, kid: &str, changed: &SignersChanged) -> Self {
        Self {
            kid: kid.to_owned(),
            action: action.name(),
            code: changed.code.name(),
            row: (changed.row != 0).then_some(changed.row),
            decided: changed.code,
        }
    }
}

impl fmt::Display for ChangedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.action, self.kid, self.code)?;
        if let Some(row) = self.row {
            write!(f, ", row {row} of the audit chain")?;
        }
        if !self.decided.is_posted() {
            write!(f, ": {}", self.decided.doc())?;
        }
        Ok(())
    }
}

/// A request to the approvers.
#[derive(Debug, Serialize)]
pub(crate) struct RequestedView {
    action: &'static str,
    request: String,
    code: &'static str,
    expires_at: String,
    #[serde(skip)]
    decided: Code,
}

impl RequestedView {
    pub(crate) fn of(request: &Request, code: Code) -> Self {
        Self {
            action: request.content.action(),
            request: request.digest().to_string(),
            code: code.name(),
            expires_at: request.expires_at.to_string(),
            decided: code,
        }
    }
}

impl fmt::Display for RequestedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request {}: {}", self.request, self.code)?;
        if self.decided.is_posted() {
            write!(
                f,
                "; approvers sign it with `ledgerctl approve {}`",
                self.request
            )
        } else {
            write!(f, ": {}", self.decided.doc())
        }
    }
}

/// A request in a file, with the signatures that it has.
#[derive(Debug, Serialize)]
pub(crate) struct DraftedView {
    action: &'static str,
    request: String,
    file: String,
    ok_count: usize,
    threshold: usize,
    expires_at: String,
}

impl DraftedView {
    pub(crate) fn of(approval: &Approval, file: &Path) -> Self {
        let request = approval.request();
        Self {
            action: request.content.action(),
            request: request.digest().to_string(),
            file: file.display().to_string(),
            ok_count: approval.signatures().count(),
            threshold: approval.threshold(),
            expires_at: request.expires_at.to_string(),
        }
    }
}

impl fmt::Display for DraftedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (have, need) = (self.ok_count, self.threshold);
        write!(
            f,
            "request {} in {}: {have} of {need} have signed",
            self.request, self.file
        )
    }
}

/// A signed keyring in a file.
#[derive(Debug, Serialize)]
pub(crate) struct AssembledView {
    serial: u64,
    digest: String,
    file: String,
    signed_by: Vec<String>,
}

impl AssembledView {
    pub(crate) fn of(signed: &SignedKeyring, file: &Path) -> Self {
        let signatures = signed.approval.signatures();
        Self {
            serial: signed.keyring.serial(),
            digest: signed.keyring.digest().to_string(),
            file: file.display().to_string(),
            signed_by: signatures.map(|each| each.signer.to_string()).collect(),
        }
    }
}

impl fmt::Display for AssembledView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.signed_by.join(", ");
        write!(
            f,
            "keyring {} in {}, signed by {by}",
            self.serial, self.file
        )
    }
}
