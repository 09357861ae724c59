//! Names of logs.

use std::fmt;

use ledger::BookId;

use super::text;
use crate::Name;

/// Which log a checkpoint is about: `deployment/environment/epoch/book`, such as
/// `ledger.example.com/production/1/7`.
///
/// The epoch is part of the name because an approved recovery may take a log back and let it grow
/// otherwise: to a witness that is another log, of which no two roots of one size exist either.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogOrigin {
    /// The deployment.
    pub deployment: Name,
    /// Its environment.
    pub environment: Name,
    /// Its origin epoch.
    pub epoch: u64,
    /// The book whose log it is.
    pub book: BookId,
}

impl LogOrigin {
    /// Parses a name. `None` unless [`LogOrigin`] would write it so.
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('/');
        let origin = Self {
            deployment: Name::new(parts.next()?).ok()?,
            environment: Name::new(parts.next()?).ok()?,
            epoch: text::number(parts.next()?)?,
            book: BookId(text::number(parts.next()?)?.try_into().ok()?),
        };
        parts.next().is_none().then_some(origin)
    }
}

impl fmt::Display for LogOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            deployment,
            environment,
            epoch,
            book,
        } = self;
        write!(f, "{deployment}/{environment}/{epoch}/{book}")
    }
}
