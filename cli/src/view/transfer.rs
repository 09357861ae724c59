//! Transfers.

use std::fmt::Write;

use ledger::TransferFlags;
use ledger::asset::Asset;
use ledger::event::TransferPosted;
use serde::Serialize;
use wire::message::{TransferFound, TransferRow, TransferState};

use crate::amount::Money;
use crate::instant;
use crate::key;
use crate::table::Column::{Left, Right};
use crate::table::Table;

/// A transfer as it was posted.
#[derive(Debug, Serialize)]
pub(crate) struct TransferView {
    seq: u64,
    id: String,
    kind: &'static str,
    debit: String,
    credit: String,
    asset: String,
    #[serde(flatten)]
    moved: Money,
    requested: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    released: Option<Money>,
    code: u16,
    flags: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<u32>,
    user_data: String,
    posted_at: String,
    effective_at: String,
    debit_seq: u64,
    credit_seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
    /// In place of metadata that is no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_hex: Option<String>,
}

/// A transfer and how it stands now.
#[derive(Debug, Serialize)]
pub(crate) struct FoundView {
    #[serde(flatten)]
    transfer: TransferView,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<String>,
}

impl TransferView {
    pub(crate) fn of(row: &TransferRow, asset: &Asset) -> Self {
        let note = row.note.as_ref();
        let metadata = note.map(|note| &note.metadata[..]).unwrap_or_default();
        let as_text = std::str::from_utf8(metadata).ok().map(str::to_owned);
        let reference = note.map(|note| String::from_utf8_lossy(&note.reference).into_owned());
        Self {
            reference: reference.filter(|text| !text.is_empty()),
            metadata_hex: as_text.is_none().then(|| hex(metadata)),
            metadata: as_text.filter(|text| !text.is_empty()),
            ..Self::of_record(&row.record, asset)
        }
    }

    pub(crate) fn of_record(record: &TransferPosted, asset: &Asset) -> Self {
        let flags = TransferFlags::ALL.iter();
        Self {
            seq: record.seq.0,
            id: key::show(record.id.0),
            kind: kind(record.flags),
            debit: key::show(record.debit.0),
            credit: key::show(record.credit.0),
            asset: asset.code.to_string(),
            moved: Money::of(record.amount, asset),
            requested: Money::of(record.requested, asset),
            released: (record.released != 0).then(|| Money::of(record.released, asset)),
            code: record.code,
            flags: flags
                .filter(|(flag, _)| record.flags.has(*flag))
                .map(|(_, name)| *name)
                .collect(),
            target: (record.target.0 != 0).then(|| key::show(record.target.0)),
            timeout: (record.timeout != 0).then_some(record.timeout),
            user_data: record.user_data.to_string(),
            posted_at: instant::show(record.posted_at),
            effective_at: instant::show(record.effective_at),
            debit_seq: record.debit_seq,
            credit_seq: record.credit_seq,
            reference: None,
            metadata: None,
            metadata_hex: None,
        }
    }

    pub(crate) fn table(rows: &[Self]) -> Table {
        let mut table = Table::new(&[
            Right("seq"),
            Left("id"),
            Left("kind"),
            Left("debit"),
            Left("credit"),
            Right("amount"),
            Left("asset"),
            Right("code"),
            Left("effective"),
            Left("reference"),
        ]);
        for row in rows {
            table.row(row.cells());
        }
        table
    }

    fn cells(&self) -> [String; 10] {
        [
            self.seq.to_string(),
            self.id.clone(),
            self.kind.to_owned(),
            self.debit.clone(),
            self.credit.clone(),
            self.moved.grouped(),
            self.asset.clone(),
            self.code.to_string(),
            instant::brief(&self.effective_at),
            self.reference.clone().unwrap_or_default(),
        ]
    }

    /// Sequence, effective date, kind and reference.
    pub(crate) fn for_statement(&self) -> (u64, String, &'static str, String) {
        let reference = self.reference.clone().unwrap_or_default();
        (
            self.seq,
            instant::brief(&self.effective_at),
            self.kind,
            reference,
        )
    }

    /// What happened, in a line.
    pub(crate) fn line(&self) -> String {
        let Self {
            kind,
            id,
            debit,
            credit,
            asset,
            ..
        } = self;
        let mut line = format!(
            "{kind} {id}: {} {asset} {debit} -> {credit}",
            self.moved.grouped()
        );
        if let Some(target) = &self.target {
            // Writing to a `String` cannot fail.
            let _ = write!(line, " of {target}");
        }
        line
    }
}

impl FoundView {
    pub(crate) fn of(found: &TransferFound, asset: &Asset) -> Self {
        Self {
            transfer: TransferView::of(&found.row, asset),
            state: state(found.state),
            remaining: (found.remaining != 0).then(|| Money::of(found.remaining, asset)),
            ended_by: (found.ended_by.0 != 0).then(|| key::show(found.ended_by.0)),
        }
    }

    pub(crate) fn table(rows: &[Self]) -> Table {
        let mut table = Table::new(&[
            Right("seq"),
            Left("id"),
            Left("kind"),
            Left("debit"),
            Left("credit"),
            Right("amount"),
            Left("asset"),
            Right("code"),
            Left("effective"),
            Left("reference"),
            Left("state"),
            Right("still held"),
            Left("ended by"),
        ]);
        for row in rows {
            table.row(
                row.transfer.cells().into_iter().chain([
                    row.state.to_owned(),
                    row.remaining
                        .as_ref()
                        .map(Money::grouped)
                        .unwrap_or_default(),
                    row.ended_by.clone().unwrap_or_default(),
                ]),
            );
        }
        table
    }
}

fn kind(flags: TransferFlags) -> &'static str {
    let kinds = [
        (TransferFlags::HOLD, "hold"),
        (TransferFlags::CAPTURE, "capture"),
        (TransferFlags::VOID, "void"),
        (TransferFlags::REVERSAL, "reversal"),
    ];
    let found = kinds.iter().find(|(flag, _)| flags.has(*flag));
    found.map_or("transfer", |(_, name)| *name)
}

fn state(state: TransferState) -> &'static str {
    match state {
        TransferState::Posted => "posted",
        TransferState::HoldOpen => "hold_open",
        TransferState::HoldCaptured => "hold_captured",
        TransferState::HoldVoided => "hold_voided",
        TransferState::HoldExpired => "hold_expired",
        TransferState::Reversed => "reversed",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
