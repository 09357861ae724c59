//! The commands of an example.

use std::fs;
use std::path::Path;

use crate::outcome::Outcome;

/// One `ledgerctl` command a line; `#` starts a comment line; `"…"` keeps blanks together.
pub(crate) struct Script {
    commands: Vec<Vec<String>>,
}

impl Script {
    pub(crate) fn read(path: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}:{error}", path.display()).into())
    }

    pub(crate) fn commands(&self) -> &[Vec<String>] {
        &self.commands
    }

    fn parse(text: &str) -> Outcome<Self> {
        let mut commands = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let words = split(line).ok_or_else(|| format!("{}: a quote stays open", at + 1))?;
            commands.push(words);
        }
        if commands.is_empty() {
            Err("1: no command".into())
        } else {
            Ok(Self { commands })
        }
    }
}

/// The words of a line, or nothing when a quote stays open.
fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for (at, part) in line.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    line.matches('"').count().is_multiple_of(2).then_some(words)
}

#[cfg(test)]
mod tests;
