//! Which proofs are asked for, and how often each.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

/// Kinds of proofs with their weights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mix(Vec<(Kind, u32)>);

/// A kind of proof.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// That one event is sealed.
    Receipt,
    /// That a range of events is all there is.
    Range,
    /// That the postings of an account have no gap.
    Statement,
    /// Size and root of a book's log as a signed note.
    Checkpoint,
}

/// Weights that say nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MixError(String);

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [
        Self::Receipt,
        Self::Range,
        Self::Statement,
        Self::Checkpoint,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Range => "range",
            Self::Statement => "statement",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl Mix {
    /// The kind that a random number stands for.
    pub fn draw(&self, random: u64) -> Kind {
        let all: u64 = self.0.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = random % all.max(1);
        for (kind, weight) in &self.0 {
            match left.checked_sub(u64::from(*weight)) {
                Some(rest) => left = rest,
                None => return *kind,
            }
        }
        Kind::Receipt
    }
}

impl FromStr for Mix {
    type Err = MixError;

    fn from_str(text: &str) -> Result<Self, MixError> {
        let mut mix = Vec::new();
        for part in text.split(',') {
            let bad = || MixError(part.to_owned());
            let (name, weight) = part.split_once('=').ok_or_else(bad)?;
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
            let kind = kind.ok_or_else(bad)?;
            let weight: u32 = weight.parse().map_err(|_| bad())?;
            if mix.iter().any(|(other, _)| *other == kind) {
                return Err(bad());
            }
            mix.push((kind, weight));
        }
        if mix.iter().all(|(_, weight)| *weight == 0) {
            return Err(MixError(text.to_owned()));
        }
        Ok(Self(mix))
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.0.iter();
        let parts = parts.map(|(kind, weight)| format!("{}={weight}", kind.name()));
        f.write_str(&parts.collect::<Vec<_>>().join(","))
    }
}

impl fmt::Display for MixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no mix; give each of `receipt`, `range`, `statement` and `checkpoint` at most \
             one weight, such as `receipt=90,range=10`",
            self.0
        )
    }
}

impl std::error::Error for MixError {}
