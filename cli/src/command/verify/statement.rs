//! Pages of a statement: each verified, and each going on where the one before ended.

use ledger::{AccountId, BookId};
use verify::AuditRow;
use verify::statement::StatementProof;

use super::proof::sealed;
use super::{PROOF_BYTES_MAX, ancestry, show};
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::files;
use crate::key;
use crate::output::Output;
use crate::trust::Trust;
use crate::view::verdict::Facts;

/// Where a page ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Edge {
    book: BookId,
    account: AccountId,
    first: u64,
    last: u64,
}

pub(super) fn run(output: Output, args: &VerifyArgs) -> Result<Exit, Fault> {
    let trust = Trust::load(&args.trust)?;
    let ancestry = ancestry(args)?;
    let mut exit = Exit::Success;
    let mut before: Option<Edge> = None;
    for file in &args.files {
        let bytes = files::read(file, PROOF_BYTES_MAX)?;
        let checked = StatementProof::decode(&bytes).map_err(|error| error.to_string());
        let checked = checked.and_then(|proof| page(&trust, &proof, &ancestry));
        let joined = checked.and_then(|(facts, edge)| {
            follows(before, edge)?;
            before = Some(edge);
            Ok(facts.with("keyring", &trust.anchor))
        });
        exit = exit.max(show(output, "statement", file, joined)?);
    }
    Ok(exit)
}

/// Verifies one page.
pub(super) fn page(
    trust: &Trust,
    proof: &StatementProof,
    ancestry: &[AuditRow],
) -> Result<(Facts, Edge), String> {
    let statement = proof.verify_with(&trust.keyring, ancestry);
    let statement = statement.map_err(|error| error.to_string())?;
    let edge = Edge {
        book: proof.sealed.head.book,
        account: statement.account,
        first: statement.first,
        last: statement.last,
    };
    let sums = &statement.sums;
    let mut facts = Facts::default()
        .with("book", edge.book)
        .with("account", key::show(edge.account.0))
        .with("changes", format!("{} to {}", edge.first, edge.last))
        .with("posted debits", sums.debits)
        .with("posted credits", sums.credits);
    if let Some(closing) = statement.closing() {
        facts = facts.with("balance", format!("{} minor units", closing.posted()));
    }
    let facts = sealed(facts, &proof.sealed);
    Ok((
        facts.without("that nothing was posted to the account after the last of them"),
        edge,
    ))
}

/// Whether a page goes on where the one before ended.
fn follows(before: Option<Edge>, page: Edge) -> Result<(), String> {
    match before {
        Some(before) if (before.book, before.account) != (page.book, page.account) => {
            Err("it is about another account than the page before".to_owned())
        }
        Some(before) if before.last + 1 != page.first => Err(format!(
            "it begins with change {} of the account, and the page before ends with {}",
            page.first, before.last
        )),
        _ => Ok(()),
    }
}
