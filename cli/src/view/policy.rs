//! Policies that are being written.

mod bench;
mod check;
mod explain;
mod signed;
mod test;

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::args::Language;

pub(crate) use bench::{BenchRow, BenchView};
pub(crate) use check::CheckView;
pub(crate) use explain::ExplainView;
pub(crate) use signed::SignedView;
pub(crate) use test::TestView;

/// A policy that was begun.
#[derive(Debug, Serialize)]
pub(crate) struct BegunView {
    folder: String,
    language: &'static str,
    files: Vec<&'static str>,
    next: Vec<&'static str>,
}

impl BegunView {
    pub(crate) fn new(folder: &Path, language: Language, files: Vec<&'static str>) -> Self {
        let (name, next): (_, &[_]) = match language {
            Language::Rust => (
                "rust",
                &["cargo build --release --target wasm32-unknown-unknown"],
            ),
            Language::Js => ("js", &["npm ci", "npm run build"]),
            Language::Python => (
                "python",
                &[
                    "python3 -m venv venv",
                    "venv/bin/pip install -r requirements.txt",
                    "venv/bin/componentize-py -d wit -w ledger-policy componentize policy \
                     --stub-wasi -o policy.wasm",
                ],
            ),
        };
        let next = next.iter().copied().chain(["ledgerctl policy test"]);
        Self {
            folder: folder.display().to_string(),
            language: name,
            files,
            next: next.collect(),
        }
    }
}

impl fmt::Display for BegunView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "`{}` has {} files. In it:",
            self.folder,
            self.files.len()
        )?;
        let lines: Vec<String> = self.next.iter().map(|line| format!("  {line}")).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Bytes in units that people read.
fn bytes(count: u64) -> String {
    const KIB: f64 = 1024.0;
    let count = count as f64;
    if count < KIB {
        format!("{count} B")
    } else if count < KIB * KIB {
        format!("{:.0} KiB", count / KIB)
    } else {
        format!("{:.1} MiB", count / KIB / KIB)
    }
}
