//! From a file to its shape, with the key and the value that do not fit.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_path_to_error::{Path as KeyPath, Segment};
use toml::{Table, Value};

use super::files::{self, TEXT_BYTES_MAX};
use super::problem::Problem;
use super::source::Keys;

/// Reads the shape of `file`, which `page` describes, and the keys that it sets.
pub(crate) fn file<T: DeserializeOwned>(file: &Path, page: &str) -> Result<(T, Keys), Problem> {
    let whole = |fault: String, advice: String| Problem {
        key: String::new(),
        value: None,
        fault,
        advice,
    };
    let bytes = files::read(file, TEXT_BYTES_MAX)
        .map_err(|fault| whole(fault.to_string(), fault.advice(file)))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| whole("not UTF-8".into(), "write it as UTF-8 text".into()))?;
    parse(&text, page)
}

/// Reads the shape of `text`.
fn parse<T: DeserializeOwned>(text: &str, page: &str) -> Result<(T, Keys), Problem> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error
            .span()
            .map_or(1, |span| 1 + text[..span.start].matches('\n').count());
        let message = error.message();
        Problem {
            key: String::new(),
            value: None,
            fault: format!("line {at} is not TOML: {message}"),
            advice: format!("see {page} for a whole file"),
        }
    })?;
    let raw = serde_path_to_error::deserialize(Value::Table(table.clone())).map_err(|error| {
        let value = find(&table, error.path()).filter(|value| !value.is_table());
        Problem {
            key: key(error.path()),
            value: value.map(ToString::to_string),
            fault: first_line(error.inner().message()),
            advice: format!("see {page} for the keys and their values"),
        }
    })?;
    Ok((raw, Keys::of(&table)))
}

fn key(path: &KeyPath) -> String {
    let text = path.to_string();
    if text == "." { String::new() } else { text }
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or("does not fit").to_owned()
}

fn find<'a>(table: &'a Table, path: &KeyPath) -> Option<&'a Value> {
    let mut segments = path.iter();
    let Some(Segment::Map { key }) = segments.next() else {
        return None;
    };
    segments.try_fold(table.get(key)?, |value, segment| match segment {
        Segment::Map { key } => value.get(key),
        Segment::Seq { index } => value.get(index),
        Segment::Enum { .. } | Segment::Unknown => None,
    })
}
