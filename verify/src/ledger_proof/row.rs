//! Events as lines of JSON, for people and for tools that do not know records.
//!
//! A line has the record itself, in base64, and what it says. Nothing else may be said: a line is
//! the one that its record gives.

use std::fmt::{self, Write as _};

use ledger::account::AccountSettings;
use ledger::event::{
    AccountChanged, AccountCreated, AssetCreated, BookChanged, BookCreated, HoldExpired,
    NoteErased, RequestDenied, TenantCreated, TransferPosted,
};
use ledger::fields::DecodeError;
use ledger::window::WindowLimit;
use ledger::{Digest, Event, Nanos};

use crate::base64;
use crate::time::Micros;

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
        Event::AccountCreated(e) => account_created(e, &mut row),
        Event::AccountChanged(e) => account_changed(e, &mut row),
        Event::Transfer(e) => transfer(e, &mut row),
        Event::HoldExpired(e) => hold_expired(e, &mut row),
        Event::RequestDenied(e) => request_denied(e, &mut row),
        Event::BookChanged(e) => book_changed(e, &mut row),
        Event::TenantCreated(e) => tenant_created(e, &mut row),
        Event::AssetCreated(e) => asset_created(e, &mut row),
        Event::BookCreated(e) => book_created(e, &mut row),
        Event::NoteErased(e) => note_erased(e, &mut row),
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

    fn time(&mut self, name: &str, at: Nanos) {
        self.text(name, Time(at));
    }

    fn record(&mut self) {
        self.text("record", base64::encode(self.record));
    }

    fn settings(&mut self, settings: &AccountSettings) {
        self.number("flags", settings.flags.0);
        self.text_or_null("floor", settings.floor);
    }

    fn limits(&mut self, settings: &AccountSettings) {
        let [first, second] = settings.limits.map(Limit);
        self.raw("limits", format_args!("[{first},{second}]"));
    }
}

fn account_created(e: &AccountCreated, row: &mut Row<'_>) {
    row.number("asset", e.asset.0);
    row.text_or_null("ceiling", e.settings.ceiling);
    row.number("code", e.code);
    row.settings(&e.settings);
    row.text("id", e.id);
    row.text("kind", "account_created");
    row.limits(&e.settings);
    row.time("posted_at", e.posted_at);
    row.record();
    row.text("seq", e.seq);
    row.text("tags", e.settings.tags);
    row.text("user_data", e.user_data);
}

fn account_changed(e: &AccountChanged, row: &mut Row<'_>) {
    row.text("account_seq", e.account_seq);
    row.text_or_null("ceiling", e.settings.ceiling);
    row.settings(&e.settings);
    row.text("id", e.id);
    row.text("kind", "account_changed");
    row.limits(&e.settings);
    row.time("posted_at", e.posted_at);
    row.record();
    row.text("seq", e.seq);
    row.text("tags", e.settings.tags);
}

fn transfer(e: &TransferPosted, row: &mut Row<'_>) {
    let given = |digest: Digest| (digest != Digest::ZERO).then_some(digest);
    let reference = e.commitments.and_then(|made| given(made.reference));
    let metadata = e.commitments.and_then(|made| given(made.metadata));
    row.text("amount", e.amount);
    row.number("asset", e.asset.0);
    row.number("code", e.code);
    row.text("credit", e.credit);
    row.text("credit_seq", e.credit_seq);
    row.text("debit", e.debit);
    row.text("debit_seq", e.debit_seq);
    row.time("effective_at", e.effective_at);
    row.number("flags", e.flags.0);
    row.text("id", e.id);
    row.text("kind", "transfer");
    row.text_or_null("metadata", metadata);
    row.time("posted_at", e.posted_at);
    row.record();
    row.text_or_null("reference", reference);
    row.text("released", e.released);
    row.text("requested", e.requested);
    row.text("result", e.result.name());
    row.text("seq", e.seq);
    row.text("target", e.target);
    row.number("timeout", e.timeout);
    row.text("user_data", e.user_data);
}

fn hold_expired(e: &HoldExpired, row: &mut Row<'_>) {
    row.text("credit", e.credit);
    row.text("credit_seq", e.credit_seq);
    row.text("debit", e.debit);
    row.text("debit_seq", e.debit_seq);
    row.text("hold", e.hold);
    row.text("kind", "hold_expired");
    row.time("posted_at", e.posted_at);
    row.record();
    row.text("released", e.released);
    row.text("seq", e.seq);
}

fn request_denied(e: &RequestDenied, row: &mut Row<'_>) {
    let denial = &e.denial;
    row.number("book", denial.book.0);
    row.text("count", denial.count);
    row.text("kind", "request_denied");
    row.text("members", denial.members);
    row.text("operation", denial.operation.name());
    row.text("policy", denial.policy);
    row.time("posted_at", e.posted_at);
    row.text("principal", denial.principal);
    row.record();
    row.text("request", denial.request);
    row.text("result", denial.result.name());
    row.number("rule", denial.rule);
    row.text("seq", e.seq);
}

fn book_changed(e: &BookChanged, row: &mut Row<'_>) {
    row.text("change", e.change.name());
    row.time("effective_lock", e.effective_lock);
    row.text("kind", "book_changed");
    row.time("posted_at", e.posted_at);
    row.number("reason", e.reason);
    row.record();
    row.text("seq", e.seq);
}

fn tenant_created(e: &TenantCreated, row: &mut Row<'_>) {
    row.text("kind", "tenant_created");
    row.text("name", e.name);
    row.time("posted_at", e.posted_at);
    row.record();
    row.text("seq", e.seq);
    row.number("tenant", e.tenant.0);
}

fn asset_created(e: &AssetCreated, row: &mut Row<'_>) {
    row.number("asset", e.asset.0);
    row.text("code", e.code);
    row.number("exponent", e.exponent);
    row.text("kind", "asset_created");
    row.time("posted_at", e.posted_at);
    row.record();
    row.text("seq", e.seq);
}

fn book_created(e: &BookCreated, row: &mut Row<'_>) {
    row.number("book", e.book.0);
    row.raw("importing", e.importing);
    row.text("kind", "book_created");
    row.text("name", e.name);
    row.time("posted_at", e.posted_at);
    row.record();
    row.text("seq", e.seq);
    row.number("tenant", e.tenant.0);
}

fn note_erased(e: &NoteErased, row: &mut Row<'_>) {
    row.text("kind", "note_erased");
    row.time("posted_at", e.posted_at);
    row.record();
    row.text("seq", e.seq);
    row.text("target", e.target);
}

/// A time with nine digits after the point.
struct Time(Nanos);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 2^64 nanoseconds end in the year 2554, so that the time is there.
        let micros = Micros::new(self.0.0 / 1_000).unwrap_or(Micros::MAX);
        let text = micros.to_string();
        let text = text.trim_end_matches('Z');
        write!(f, "{text}{:03}Z", self.0.0 % 1_000)
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
