//! The audit chain, row by row.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use verify::chain::{ChainReport, ChainVerifier, Start};
use verify::limits::ROW_LINE_BYTES_MAX;
use verify::{AuditRow, ChainHead};

use super::show;
use crate::args::{ChainVerifyArgs, HeadText};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::output::Output;
use crate::trust::Trust;
use crate::view::verdict::Facts;

pub(super) fn run(output: Output, args: &ChainVerifyArgs) -> Result<Exit, Fault> {
    let trust = Trust::load(&args.trust)?;
    let head = |head: HeadText| ChainHead {
        seq: head.row,
        digest: head.digest,
    };
    let start = args
        .after
        .map_or(Start::Genesis, |after| Start::After(head(after)));
    let known = args.head.map(head);
    let mut verifier = ChainVerifier::new(&trust.keyring, start, known);
    for file in &args.files {
        if let Err(refused) = feed(file, &mut verifier)? {
            return show(output, "chain", file, Err(refused));
        }
    }
    let checked = verifier.finish();
    let checked = checked
        .map(|report| facts(&report, known).with("keyring", &trust.anchor))
        .map_err(|fault| fault.to_string());
    let last = args.files.last().map_or_else(PathBuf::new, PathBuf::clone);
    show(output, "chain", &last, checked)
}

/// Gives the rows of a file to the verifier, until it refuses one.
fn feed(file: &Path, verifier: &mut ChainVerifier<'_>) -> Result<Result<(), String>, Fault> {
    let unreadable = |error| Fault::Unreadable(file.to_owned(), error);
    let mut input = BufReader::new(File::open(file).map_err(unreadable)?);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let most = ROW_LINE_BYTES_MAX as u64 + 1;
        let read = input.by_ref().take(most).read_until(b'\n', &mut line);
        if read.map_err(unreadable)? == 0 {
            break;
        }
        let row = AuditRow::decode_line(&line).map_err(|error| error.to_string());
        let pushed = row.and_then(|row| verifier.push(&row).map_err(|fault| fault.to_string()));
        if let Err(refused) = pushed {
            return Ok(Err(format!("line {number}: {refused}")));
        }
    }
    Ok(Ok(()))
}

fn facts(report: &ChainReport, known: Option<ChainHead>) -> Facts {
    let facts = Facts::default()
        .with(
            "rows",
            format!("{} to {}", report.first.seq, report.last.seq),
        )
        .with("seals", report.seals)
        .with("from", report.from)
        .with("to", report.to)
        .with("last row", report.last)
        .with("epoch", report.epoch);
    let kids = report
        .kids
        .iter()
        .map(|(kid, of)| format!("{kid} ({} rows, {} to {})", of.rows, of.first, of.last));
    let facts = facts.with("signed by", kids.collect::<Vec<_>>().join(", "));
    match known {
        Some(known) => facts.with("known row", known),
        None => facts.without("that rows after the last one are missing: give `--head`"),
    }
}
