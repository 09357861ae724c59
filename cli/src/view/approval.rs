//! Requests to those who approve, decoded.

use std::fmt;

use ledger::{Code, Digest};
use serde::Serialize;
use verify::Kid;
use verify::approval::{Approval, Content};
use verify::policy::PolicyAction;
use wire::message::Approved;

use crate::instant;
use crate::meaning::Meaning;
use crate::table::Column::{Left, Right};
use crate::table::{Pairs, Table};

/// A request, decoded.
#[derive(Debug, Serialize)]
pub(crate) struct ApprovalView {
    #[serde(rename = "request")]
    pub(crate) digest: String,
    action: &'static str,
    /// What it would do, in words.
    meaning: String,
    /// Whether that could be worked out from what holds now.
    clear: bool,
    deployment: String,
    environment: String,
    requested_by: String,
    requested_at: String,
    expires_at: String,
    /// Ids of the keys that have signed.
    signed_by: Vec<String>,
    threshold: usize,
}

impl ApprovalView {
    pub(crate) fn of(approval: &Approval, meaning: &Meaning) -> Self {
        let request = approval.request();
        Self {
            digest: request.digest().to_string(),
            action: request.content.action(),
            meaning: words(&request.content, meaning),
            clear: !matches!(meaning, Meaning::Unclear(_)),
            deployment: request.origin.to_string(),
            environment: request.environment.to_string(),
            requested_by: request.requested_by.to_string(),
            requested_at: request.requested_at.to_string(),
            expires_at: request.expires_at.to_string(),
            signed_by: approval
                .signatures()
                .map(|each| each.kid.to_string())
                .collect(),
            threshold: approval.threshold(),
        }
    }

    pub(crate) fn table(rows: &[Self]) -> Table {
        let mut table = Table::new(&[
            Left("request"),
            Left("action"),
            Left("asked by"),
            Right("signed"),
            Left("expires"),
            Left("meaning"),
        ]);
        for row in rows {
            table.row([
                row.digest.chars().take(12).collect(),
                row.action.to_owned(),
                row.requested_by.clone(),
                format!("{} of {}", row.signed_by.len(), row.threshold),
                instant::brief(&row.expires_at),
                row.meaning.clone(),
            ]);
        }
        table
    }
}

/// All of it, for whoever is to sign.
impl fmt::Display for ApprovalView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Pairs(vec![
            ("request", self.digest.clone()),
            ("action", self.action.to_owned()),
            ("meaning", self.meaning.clone()),
            ("deployment", self.deployment.clone()),
            ("environment", self.environment.clone()),
            ("asked by", self.requested_by.clone()),
            ("asked at", self.requested_at.clone()),
            ("expires at", self.expires_at.clone()),
            ("signed by", self.signed_by.join(", ")),
            ("threshold", self.threshold.to_string()),
        ])
        .fmt(f)
    }
}

fn words(content: &Content, meaning: &Meaning) -> String {
    let what = match content {
        Content::Keyring { keyring, serial } => format!("trust keyring {serial}, {keyring}"),
        Content::Promote { kid, serial, .. } => format!("make key {kid} active, keyring {serial}"),
        Content::Emergency {
            expires_at,
            kid,
            public_key,
        } => format!("let emergency key {kid}, fingerprint {public_key}, sign until {expires_at}"),
        Content::Recovery { anchor, epoch } => {
            format!("give up the chain at {anchor} and begin epoch {epoch}")
        }
        Content::Policy {
            action,
            manifest,
            tenant,
            ..
        } => {
            let whose = match tenant {
                Some(tenant) => format!("tenant {tenant}"),
                None => "the platform".to_owned(),
            };
            match action {
                PolicyAction::Activate => {
                    format!("put policy manifest {manifest} in force for {whose}")
                }
                PolicyAction::Rollback => {
                    format!("let policy manifest {manifest} of {whose} give way to the one before")
                }
            }
        }
    };
    match meaning {
        Meaning::KeyringNow => format!("{what}: the keyring as it is now"),
        Meaning::Promotes { from_row } => format!("{what}, from row {from_row} on"),
        Meaning::Policy {
            name,
            component,
            signer,
        } => format!("{what}: policy {name}, component {component}, signed by {signer}"),
        Meaning::Plain => what,
        Meaning::Unclear(why) => format!("{what}: UNCLEAR, {why}"),
    }
}

/// How a signature was taken.
#[derive(Debug, Serialize)]
pub(crate) struct ApprovedView {
    request: String,
    kid: String,
    code: &'static str,
    ok_count: u32,
    threshold: u32,
    #[serde(skip)]
    decided: Code,
}

impl ApprovedView {
    pub(crate) fn of(digest: Digest, kid: &Kid, approved: &Approved) -> Self {
        Self {
            request: digest.to_string(),
            kid: kid.to_string(),
            code: approved.code.name(),
            ok_count: approved.ok_count,
            threshold: approved.threshold,
            decided: approved.code,
        }
    }
}

impl fmt::Display for ApprovedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (have, need) = (self.ok_count, self.threshold);
        write!(
            f,
            "request {}: {}, {have} of {need} have signed",
            self.request, self.code
        )?;
        if !self.decided.is_posted() {
            write!(f, ": {}", self.decided.doc())?;
        }
        Ok(())
    }
}
