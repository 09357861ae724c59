//! Files verified offline: no connection is opened.

mod chain;
mod kind;
mod proof;
mod rows;
mod statement;
#[cfg(test)]
mod tests;

use std::path::Path;

use verify::AuditRow;
use verify::row::Lines;

use crate::args::{VerifyArgs, VerifyCommand};
use crate::exit::Exit;
use crate::fault::{Fault, KeyFault};
use crate::files;
use crate::output::Output;
use crate::trust::Trust;
use crate::view::verdict::{Facts, Verdict};

use kind::Kind;

/// Longest proof that is read, in bytes.
const PROOF_BYTES_MAX: u64 = 16 << 20;
/// Longest piece of the audit chain beside a proof, in bytes.
const CHAIN_BYTES_MAX: u64 = 256 << 20;

/// What a file was checked to, or why it is refused.
type Checked = Result<Facts, String>;

/// Verifies what the command line names.
pub(super) fn run(output: Output, command: &VerifyCommand) -> Result<Exit, Fault> {
    match command {
        VerifyCommand::Receipt(args) => each(output, args, &[Kind::Receipt]),
        VerifyCommand::Range(args) => each(output, args, &[Kind::Range]),
        VerifyCommand::Checkpoint(args) => each(output, args, &[Kind::Checkpoint]),
        VerifyCommand::Proof(args) => each(output, args, Kind::ALL),
        VerifyCommand::Statement(args) => statement::run(output, args),
        VerifyCommand::Chain(args) => chain::run(output, args),
    }
}

/// Verifies each file by itself.
fn each(output: Output, args: &VerifyArgs, kinds: &[Kind]) -> Result<Exit, Fault> {
    let trust = Trust::load(&args.trust)?;
    let ancestry = ancestry(args)?;
    if args.rows.is_some() && args.files.len() > 1 {
        return Err(KeyFault::RowsOfSeveral.into());
    }
    let mut exit = Exit::Success;
    for file in &args.files {
        let bytes = files::read(file, PROOF_BYTES_MAX)?;
        let kind = Kind::of(&bytes).filter(|kind| kinds.contains(kind));
        let checked = match kind {
            None => Err(format!("not {}", Kind::one_of(kinds))),
            Some(kind) => {
                let rows = args.rows.as_deref();
                let proof = proof::Proof {
                    kind,
                    bytes: &bytes,
                    rows,
                    known: args.known.as_deref(),
                    ancestry: &ancestry,
                };
                proof.verify(&trust)?
            }
        };
        exit = exit.max(show(
            output,
            kind.map_or("proof", Kind::name),
            file,
            checked,
        )?);
    }
    Ok(exit)
}

/// Says what a file was checked to.
fn show(output: Output, kind: &'static str, file: &Path, checked: Checked) -> Result<Exit, Fault> {
    let exit = match &checked {
        Ok(_) => Exit::Success,
        Err(_) => Exit::Refused,
    };
    let verdict = Verdict::new(kind, file, checked);
    output.show(&verdict, &verdict)?;
    Ok(exit)
}

/// Rows of the audit chain after the seal, where a key that was revoked since signed it.
fn ancestry(args: &VerifyArgs) -> Result<Vec<AuditRow>, Fault> {
    let Some(file) = &args.chain else {
        return Ok(Vec::new());
    };
    let bytes = files::read(file, CHAIN_BYTES_MAX)?;
    let rows: Result<_, _> = Lines(&bytes).collect();
    rows.map_err(|error| KeyFault::Row(file.clone(), error).into())
}
