//! What a file was verified to show, or why it is refused.

use std::fmt;
use std::path::Path;

use ledger::Event;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use verify::ledger_proof::row_json;

use crate::key;
use crate::table::Pairs;

/// What was proven, by name and in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    proven: Vec<(&'static str, String)>,
    /// The event, as it stands in files of rows.
    event: Option<Value>,
    /// What this does not show.
    unproven: Vec<&'static str>,
}

impl Facts {
    /// The same with another fact.
    pub(crate) fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.proven.push((name, value.to_string()));
        self
    }

    /// The same with an event.
    pub(crate) fn with_event(mut self, record: &[u8], event: &Event) -> Self {
        let row = row_json(record).ok();
        self.event = row.and_then(|row| serde_json::from_str(&row).ok());
        self.with("event", format!("{}: {}", event.seq(), summary(event)))
    }

    /// The same with something that it does not show.
    pub(crate) fn without(mut self, what: &'static str) -> Self {
        self.unproven.push(what);
        self
    }
}

/// What a file was verified to show, or why it is refused.
#[derive(Debug)]
pub(crate) struct Verdict {
    kind: &'static str,
    file: String,
    checked: Result<Facts, String>,
}

impl Verdict {
    pub(crate) fn new(kind: &'static str, file: &Path, checked: Result<Facts, String>) -> Self {
        Self {
            kind,
            file: file.display().to_string(),
            checked,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = match &self.checked {
            Err(refused) => return writeln!(f, "{}: refused: {refused}", self.file),
            Ok(facts) => facts,
        };
        writeln!(f, "{}: {} verified", self.file, self.kind)?;
        let pairs = facts
            .proven
            .iter()
            .map(|(name, value)| (*name, value.clone()));
        let unproven = facts
            .unproven
            .iter()
            .map(|what| ("not shown", (*what).to_owned()));
        Pairs(pairs.chain(unproven).collect()).fmt(f)
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", self.kind)?;
        map.serialize_entry("file", &self.file)?;
        map.serialize_entry("verified", &self.checked.is_ok())?;
        match &self.checked {
            Err(refused) => map.serialize_entry("refused", refused)?,
            Ok(facts) => {
                map.serialize_entry("proven", &Named(&facts.proven))?;
                if let Some(event) = &facts.event {
                    map.serialize_entry("event", event)?;
                }
                map.serialize_entry("not_proven", &facts.unproven)?;
            }
        }
        map.end()
    }
}

/// Facts as an object, their names written as scripts like them.
struct Named<'a>(&'a [(&'static str, String)]);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named =
            |(name, value): &(&'static str, String)| (name.replace(' ', "_"), value.clone());
        serializer.collect_map(self.0.iter().map(named))
    }
}

/// An event in a few words: offline nobody knows an asset's digits, so amounts are minor units.
fn summary(event: &Event) -> String {
    let id = |id: u128| key::show(id);
    match event {
        Event::Transfer(t) => format!(
            "transfer {} of {} minor units of asset {} from {} to {}",
            id(t.id.0),
            t.amount,
            t.asset,
            id(t.debit.0),
            id(t.credit.0)
        ),
        Event::AccountCreated(e) => format!("account {} created", id(e.id.0)),
        Event::AccountChanged(e) => format!("account {} changed", id(e.id.0)),
        Event::HoldExpired(e) => format!("hold {} expired", id(e.hold.0)),
        Event::RequestDenied(e) => format!(
            "{} by rule {}: {}",
            e.denial.operation.name(),
            e.denial.rule,
            e.denial.result
        ),
        Event::BookChanged(e) => format!("book {}", e.change.name()),
        Event::TenantCreated(e) => format!("tenant {} created", e.name),
        Event::AssetCreated(e) => format!("asset {} created", e.code),
        Event::BookCreated(e) => format!("book {} created", e.name),
        Event::NoteErased(e) => format!("note of event {} erased", e.target),
    }
}
