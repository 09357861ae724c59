//! The lines of an example.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::outcome::Outcome;

/// One line each; `#` starts a comment line; `"…"` keeps blanks together.
pub(crate) struct Script {
    lines: Vec<Line>,
}

/// What a line does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A `ledgerctl` command, and the code that it ends with: 0, unless `:exit CODE` stands before
    /// it.
    Command { words: Vec<String>, code: u8 },
    /// `:alter FILE`: turns one bit over in the middle of a file.
    Alter { file: String },
}

impl Script {
    pub(crate) fn read(path: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}:{error}", path.display()).into())
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    fn parse(text: &str) -> Outcome<Self> {
        let mut lines = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let line = Line::parse(line).map_err(|problem| format!("{}: {problem}", at + 1))?;
            lines.push(line);
        }
        if lines.is_empty() {
            Err("1: no command".into())
        } else {
            Ok(Self { lines })
        }
    }
}

impl Line {
    fn parse(line: &str) -> Result<Self, String> {
        let words = split(line).ok_or("a quote stays open")?;
        let command = |words: &[String], code| match words {
            [] => Err("no command".to_owned()),
            words => Ok(Self::Command {
                words: words.to_vec(),
                code,
            }),
        };
        match words.first().map(String::as_str) {
            Some(":alter") => match words.as_slice() {
                [_, file] => Ok(Self::Alter { file: file.clone() }),
                _ => Err("`:alter` takes one file".to_owned()),
            },
            Some(":exit") => {
                let code = words.get(1).and_then(|code| code.parse().ok());
                let code = code.ok_or("`:exit` takes a code and a command")?;
                command(words.get(2..).unwrap_or_default(), code)
            }
            Some(word) if word.starts_with(':') => {
                Err(format!("no step `{word}`, there are: :alter, :exit"))
            }
            _ => command(&words, 0),
        }
    }
}

/// As it is shown before it runs.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { words, .. } => write!(f, "$ ledgerctl {}", words.join(" ")),
            Self::Alter { file } => write!(f, "# now with one bit of {file} turned over"),
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
