//! How far an import is: a bar where somebody looks, lines where nobody does.

use std::fmt::Display;
use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::note;

/// How far an import is.
pub(crate) enum Progress {
    /// A bar, on a terminal.
    Bar(ProgressBar),
    /// A line for every tenth of the file.
    Lines {
        /// Bytes of the file.
        total: u64,
        /// Tenths that were said.
        said: u64,
    },
}

impl Progress {
    /// The start of a file of `total` bytes.
    pub(crate) fn new(total: u64) -> Self {
        if !stderr().is_terminal() {
            return Self::Lines { total, said: 0 };
        }
        let bar = ProgressBar::new(total);
        let shape = "{bar:40} {percent:>3} %  {bytes}/{total_bytes}  {msg}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(shape) {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    /// `bytes` are read and `rows` of them done.
    pub(crate) fn at(&mut self, bytes: u64, rows: u64) {
        match self {
            Self::Bar(bar) => {
                bar.set_position(bytes);
                bar.set_message(format!("{rows} rows"));
            }
            Self::Lines { total, said } => {
                let tenths = bytes.saturating_mul(10) / (*total).max(1);
                if tenths > *said {
                    *said = tenths;
                    note(format_args!(
                        "{} % read, {rows} rows done",
                        tenths.min(10) * 10
                    ));
                }
            }
        }
    }

    /// Says something without tearing the bar.
    pub(crate) fn note(&self, text: impl Display) {
        match self {
            Self::Bar(bar) => bar.suspend(|| note(text)),
            Self::Lines { .. } => note(text),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
