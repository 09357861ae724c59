//! What a file holds, told by its first bytes.

/// A kind of proof. Each has one encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A receipt.
    Receipt,
    /// A range.
    Range,
    /// Two heads of a log.
    Consistency,
    /// A signed note whose log begins with one that is known, as witnesses read it.
    Growth,
    /// A page of a statement.
    Statement,
    /// What a book posted between two times.
    Ledger,
    /// An event in the log of a signed note.
    Inclusion,
    /// A signed note.
    Checkpoint,
}

impl Kind {
    /// Every kind.
    pub(super) const ALL: &'static [Self] = &[
        Self::Receipt,
        Self::Range,
        Self::Consistency,
        Self::Growth,
        Self::Statement,
        Self::Ledger,
        Self::Inclusion,
        Self::Checkpoint,
    ];

    /// The kind that these bytes claim to be.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let begins = |start: &str| bytes.starts_with(start.as_bytes());
        Some(match () {
            () if begins("LGRRCPT") => Self::Receipt,
            () if begins("LGRRANG") => Self::Range,
            () if begins("LGRCONS") => Self::Consistency,
            () if begins("old ") => Self::Growth,
            () if begins("LGRSTMT") => Self::Statement,
            () if begins("{") => Self::Ledger,
            () if begins("c2sp.org/tlog-proof@") => Self::Inclusion,
            () if has_three_lines(bytes) => Self::Checkpoint,
            () => return None,
        })
    }

    /// Name for people and scripts.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Range => "range",
            Self::Consistency | Self::Growth => "consistency",
            Self::Statement => "statement",
            Self::Ledger => "ledger",
            Self::Inclusion => "inclusion",
            Self::Checkpoint => "checkpoint",
        }
    }

    /// What a file should have been.
    pub(super) fn one_of(kinds: &[Self]) -> String {
        match kinds {
            [kind] => format!("a proof of kind `{}`", kind.name()),
            _ => "a proof of any kind".to_owned(),
        }
    }
}

/// Whether the bytes are text like that of a signed note: three lines, an empty one, signatures.
fn has_three_lines(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let mut lines = text.split('\n');
        let body = lines.by_ref().take(3).filter(|line| !line.is_empty());
        body.count() == 3 && lines.next() == Some("")
    })
}
