//! The words after a command.

use std::str::FromStr;

use crate::outcome::Outcome;

/// Words of the command line that no option has claimed yet.
pub(crate) struct Args {
    words: Vec<String>,
    rest: Vec<String>,
}

impl Args {
    /// Splits at the first `--`: what follows belongs to the program that xtask calls.
    pub(crate) fn new(words: impl Iterator<Item = String>) -> Self {
        let mut words: Vec<String> = words.collect();
        let rest = match words.iter().position(|word| word == "--") {
            Some(at) => words.drain(at..).skip(1).collect(),
            None => Vec::new(),
        };
        Self { words, rest }
    }

    pub(crate) fn asks_for_help(&self) -> bool {
        self.words
            .iter()
            .any(|word| word == "-h" || word == "--help")
    }

    /// Takes `name` if it was given.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Takes `name` if it is the next word.
    pub(crate) fn word(&mut self, name: &str) -> bool {
        let is_next = self.words.first().is_some_and(|word| word == name);
        if is_next {
            self.words.remove(0);
        }
        is_next
    }

    /// Takes every `name VALUE` and `name=VALUE`, in order.
    pub(crate) fn values(&mut self, name: &str) -> Outcome<Vec<String>> {
        let mut values = Vec::new();
        let mut left = Vec::new();
        let mut words = std::mem::take(&mut self.words).into_iter();
        while let Some(word) = words.next() {
            if word == name {
                let value = words
                    .next()
                    .ok_or_else(|| format!("`{name}` needs a value"))?;
                values.push(value);
            } else if let Some(value) = word
                .strip_prefix(name)
                .and_then(|tail| tail.strip_prefix('='))
            {
                values.push(value.to_owned());
            } else {
                left.push(word);
            }
        }
        self.words = left;
        Ok(values)
    }

    /// Takes `name VALUE`, at most once, as a `T`.
    pub(crate) fn value<T: FromStr>(&mut self, name: &str) -> Outcome<Option<T>> {
        let values = self.values(name)?;
        match values.as_slice() {
            [] => Ok(None),
            [value] => match value.parse() {
                Ok(parsed) => Ok(Some(parsed)),
                Err(_) => Err(format!("`{name}` cannot be `{value}`").into()),
            },
            _ => Err(format!("`{name}` was given {} times", values.len()).into()),
        }
    }

    /// What stood after `--`.
    pub(crate) fn take_rest(&mut self) -> Vec<String> {
        std::mem::take(&mut self.rest)
    }

    /// Refuses what nothing has claimed.
    pub(crate) fn finish(self) -> Outcome<()> {
        match self.words.first().or(self.rest.first()) {
            Some(word) => Err(format!("unknown argument `{word}`, see --help").into()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
