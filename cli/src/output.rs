//! Output: results on standard output, everything else on standard error.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

use crate::args::Global;
use crate::fault::Fault;

/// How results are printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Output {
    /// Tables and sentences, for people.
    People,
    /// A JSON value a line, for scripts.
    Json,
}

impl Output {
    /// As the options say.
    pub(crate) fn of(global: &Global) -> Self {
        if global.json {
            Self::Json
        } else {
            Self::People
        }
    }

    /// Prints a result.
    pub(crate) fn show(self, view: &impl Serialize, text: impl Display) -> Result<(), Fault> {
        let mut out = io::stdout().lock();
        let printed = match self {
            Self::People => write!(out, "{text}").and_then(|()| out.flush()),
            Self::Json => serde_json::to_writer(&mut out, view)
                .map_err(io::Error::from)
                .and_then(|()| writeln!(out)),
        };
        printed.map_err(Fault::Output)
    }

    /// Prints a result of one line.
    pub(crate) fn line(self, view: &(impl Serialize + Display)) -> Result<(), Fault> {
        self.show(view, format_args!("{view}\n"))
    }
}

/// Says something that is not a result.
pub(crate) fn note(text: impl Display) {
    // Whoever closed standard error does not want to know.
    let _ = writeln!(io::stderr(), "{text}");
}
