//! Events as lines of JSON, for people and for tools that do not know records.
//!
//! A line has the record itself, in base64, and what it says. Nothing else may be said: a line is
//! the one that its record gives.

use std::fmt::{self, Write as _};

use ledger::account::AccountSettings;
use ledger::event::kind;
use ledger::event::transfer::Commitments;
use ledger::fields::DecodeError;
use ledger::window::WindowLimit;
use ledger::{Digest, Event, Nanos};

use crate::base64;

/// The JSON of the event in `record`, in canonical form and without a line feed.
///
/// Numbers of more than 32 bits are decimal strings, times have nine digits after the point, what
/// is absent is `null`.
///
/// # Errors
/// The bytes are no record.
pub fn row_json(record: &[u8]) -> Result<String, DecodeError> {
    let event = Event::decode(record)?;
    let mut row = Row::new(record);
    match &event {
        Event::AccountCreated(_) | Event::AccountChanged(_) => account(&event, &mut row),
        Event::Transfer(_) => transfer(&event, &mut row),
        Event::HoldExpired(_) => hold_expired(&event, &mut row),
        Event::BookChanged(_) | Event::BookCreated(_) | Event::TenantCreated(_) => {
            book(&event, &mut row);
        }
        Event::AssetCreated(e) => {
            row.number("asset", e.asset.0);
            row.text("code", e.code);
            row.number("exponent", e.exponent);
            row.common("asset_created", &event);
        }
        Event::NoteErased(e) => {
            row.common("note_erased", &event);
            row.text("target", e.target);
        }
    }
    Ok(row.end())
}

/// Why a line is not that of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowError {
    /// It has no record in base64.
    NoRecord,
    /// The record in it is none.
    Record(DecodeError),
    /// It says something else than its record.
    Differs,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecord => f.write_str("the row has no record"),
            Self::Record(error) => write!(f, "the record in the row is refused: {error}"),
            Self::Differs => f.write_str("the row does not say what its record says"),
        }
    }
}

impl std::error::Error for RowError {}

/// The record in a line that [`row_json`] gave.
///
/// # Errors
/// The line is any other.
pub fn row_record(line: &str) -> Result<Vec<u8>, RowError> {
    // Names and values have no quotes or escapes in them, so that the member is found as text; the
    // comparison below refuses every line where this finds something else.
    let record = line
        .split_once("\"record\":\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .and_then(|(record, _)| base64::decode(record))
        .ok_or(RowError::NoRecord)?;
    if row_json(&record).map_err(RowError::Record)? == line {
        Ok(record)
    } else {
        Err(RowError::Differs)
    }
}

/// A JSON object of which the members are added in the order of their names.
struct Row<'a> {
    record: &'a [u8],
    out: String,
}

impl<'a> Row<'a> {
    fn new(record: &'a [u8]) -> Self {
        let mut out = String::with_capacity(640);
        out.push('{');
        Self { record, out }
    }

    fn end(mut self) -> String {
        self.out.pop();
        self.out.push('}');
        self.out
    }

    fn raw(&mut self, name: &str, value: impl fmt::Display) {
        // Writing to a string does not fail.
        let _ = write!(self.out, "\"{name}\":{value},");
    }

    fn number(&mut self, name: &str, value: impl Into<u32>) {
        self.raw(name, value.into());
    }

    /// A value whose text needs no escapes: a number, a name, a digest.
    fn text(&mut self, name: &str, value: impl fmt::Display) {
        self.raw(name, format_args!("\"{value}\""));
    }

    fn text_or_null(&mut self, name: &str, value: Option<impl fmt::Display>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.raw(name, "null"),
        }
    }

    /// `kind`, `posted_at`, `record` and `seq`, which most records have side by side.
    fn common(&mut self, kind: &str, event: &Event) {
        self.text("kind", kind);
        self.posted_at_and_record(event);
        self.text("seq", event.seq());
    }

    fn posted_at_and_record(&mut self, event: &Event) {
        self.text("posted_at", Time(event.posted_at()));
        self.text("record", base64::encode(self.record));
    }
}

fn account(event: &Event, row: &mut Row<'_>) {
    match event {
        Event::AccountCreated(e) => {
            row.number("asset", e.asset.0);
            row.text_or_null("ceiling", e.settings.ceiling);
            row.number("code", e.code);
            settings(&e.settings, row);
            row.text("id", e.id);
            row.text("kind", "account_created");
            limits(&e.settings, row);
            row.posted_at_and_record(event);
            row.text("seq", e.seq);
            row.text("user_data", e.user_data);
        }
        Event::AccountChanged(e) => {
            row.text("account_seq", e.account_seq);
            row.text_or_null("ceiling", e.settings.ceiling);
            settings(&e.settings, row);
            row.text("id", e.id);
            row.text("kind", "account_changed");
            limits(&e.settings, row);
            row.posted_at_and_record(event);
            row.text("seq", e.seq);
        }
        _ => {}
    }
}

fn settings(settings: &AccountSettings, row: &mut Row<'_>) {
    row.number("flags", settings.flags.0);
    row.text_or_null("floor", settings.floor);
}

fn limits(settings: &AccountSettings, row: &mut Row<'_>) {
    let [first, second] = settings.limits.map(Limit);
    row.raw("limits", format_args!("[{first},{second}]"));
}

fn transfer(event: &Event, row: &mut Row<'_>) {
    let Event::Transfer(e) = event else { return };
    let Commitments {
        reference,
        metadata,
    } = e.commitments.unwrap_or(Commitments {
        reference: Digest::ZERO,
        metadata: Digest::ZERO,
    });
    let given = |digest: Digest| (digest != Digest::ZERO).then_some(digest);
    row.text("amount", e.amount);
    row.number("asset", e.asset.0);
    row.number("code", e.code);
    row.text("credit", e.credit);
    row.text("credit_seq", e.credit_seq);
    row.text("debit", e.debit);
    row.text("debit_seq", e.debit_seq);
    row.text("effective_at", Time(e.effective_at));
    row.number("flags", e.flags.0);
    row.text("id", e.id);
    row.text("kind", "transfer");
    row.text_or_null("metadata", given(metadata));
    row.posted_at_and_record(event);
    row.text_or_null("reference", given(reference));
    row.text("released", e.released);
    row.text("requested", e.requested);
    row.text("result", e.result.name());
    row.text("seq", e.seq);
    row.text("target", e.target);
    row.number("timeout", e.timeout);
    row.text("user_data", e.user_data);
}

fn hold_expired(event: &Event, row: &mut Row<'_>) {
    let Event::HoldExpired(e) = event else { return };
    row.text("credit", e.credit);
    row.text("credit_seq", e.credit_seq);
    row.text("debit", e.debit);
    row.text("debit_seq", e.debit_seq);
    row.text("hold", e.hold);
    row.text("kind", "hold_expired");
    row.posted_at_and_record(event);
    row.text("released", e.released);
    row.text("seq", e.seq);
}

fn book(event: &Event, row: &mut Row<'_>) {
    match event {
        Event::BookChanged(e) => {
            row.text("change", e.change.name());
            row.text("effective_lock", Time(e.effective_lock));
            row.text("kind", "book_changed");
            row.text("posted_at", Time(e.posted_at));
            row.number("reason", e.reason);
            row.text("record", base64::encode(row.record));
            row.text("seq", e.seq);
        }
        Event::BookCreated(e) => {
            row.number("book", e.book.0);
            row.raw("importing", e.importing);
            row.text("kind", "book_created");
            row.text("name", e.name.as_str());
            row.posted_at_and_record(event);
            row.text("seq", e.seq);
            row.number("tenant", e.tenant.0);
        }
        Event::TenantCreated(e) => {
            row.text("kind", "tenant_created");
            row.text("name", e.name.as_str());
            row.posted_at_and_record(event);
            row.text("seq", e.seq);
            row.number("tenant", e.tenant.0);
        }
        _ => {}
    }
}

/// A rolling limit, or `null`.
struct Limit(WindowLimit);

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WindowLimit {
            seconds,
            count,
            amount,
        } = self.0;
        if !self.0.is_set() {
            return f.write_str("null");
        }
        write!(
            f,
            "{{\"amount\":\"{amount}\",\"count\":{count},\"seconds\":{seconds}}}"
        )
    }
}
