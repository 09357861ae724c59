//! Names of logs.

use std::fmt;

use ledger::BookId;

use super::text;
use crate::Name;
use crate::payload::Origin;

/// Which log a checkpoint is about: `deployment/environment/epoch/book`, such as
/// `ledger.example.com/production/1/7`.
///
/// The epoch is part of the name because an approved recovery may take a log back and let it grow
/// otherwise: to a witness that is another log, of which no two roots of one size exist either.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogOrigin {
    /// Deployment, environment and epoch, as in the rows of the audit chain.
    pub origin: Origin,
    /// The book whose log it is.
    pub book: BookId,
}

impl LogOrigin {
    /// Parses a name. `None` unless [`LogOrigin`] would write it so.
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('/');
        let log = Self {
            origin: Origin {
                deployment: Name::new(parts.next()?).ok()?,
                environment: Name::new(parts.next()?).ok()?,
                epoch: text::number(parts.next()?)?,
            },
            book: BookId(text::number(parts.next()?)?.try_into().ok()?),
        };
        parts.next().is_none().then_some(log)
    }
}

impl fmt::Display for LogOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin {
            deployment,
            environment,
            epoch,
        } = &self.origin;
        write!(f, "{deployment}/{environment}/{epoch}/{}", self.book)
    }
}
