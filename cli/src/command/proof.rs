//! Proofs, fetched into files.

mod events;
mod receipts;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use client::ClientError;
use ledger::Seq;
use verify::ledger_proof::{LedgerProof, row_json};
use verify::range::RangeProof;
use wire::message::{
    AuditRows, CheckpointRequest, ProofFound, ProveConsistency, ProveLedger, ProveRange,
    ProveStatement, SealStatusRequest, TlogProofRequest,
};

use crate::args::{LedgerProofArgs, ProofCommand, RangeArgs, StatementProofArgs};
use crate::exit::Exit;
use crate::fault::Fault;
use crate::files;
use crate::session::Session;
use crate::view::proof::FetchedView;
use crate::view::sealing::SealingView;

pub(super) async fn run(session: &Session, command: &ProofCommand) -> Result<Exit, Fault> {
    let client = &session.client;
    match command {
        ProofCommand::Status => status(session).await,
        ProofCommand::Receipt(args) => receipts::run(session, args).await,
        ProofCommand::Range(args) => range(session, args).await,
        ProofCommand::Statement(args) => statement(session, args).await,
        ProofCommand::Consistency(args) => {
            let request = ProveConsistency {
                from_size: args.from,
                to_size: args.to.unwrap_or(0),
            };
            let found = client.prove_consistency(session.book().await?, request);
            keep(session, "consistency", &found.await?, &args.out)
        }
        ProofCommand::Checkpoint(args) => {
            let size = args.size.unwrap_or(0);
            let found = client.checkpoint(session.book().await?, CheckpointRequest { size });
            keep(session, "checkpoint", &found.await?, &args.out)
        }
        ProofCommand::Inclusion(args) => {
            let (book, seq) = (session.book().await?, Seq(args.seq));
            let found = client.tlog_proof(book, TlogProofRequest { seq }).await?;
            if let Some(rows) = &args.rows {
                events::records(session, book, seq.0..seq.0.saturating_add(1), rows).await?;
            }
            keep(session, "inclusion", &found, &args.out)
        }
        ProofCommand::Ledger(args) => ledger(session, args).await,
        ProofCommand::Chain(args) => chain(session, args.from, &args.out).await,
    }
}

/// Shows how far seals have come. Fails if nothing is sealed any more, or postings wait for it.
async fn status(session: &Session) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let status = session.client.seal_status(book, SealStatusRequest {});
    let view = SealingView::from(&status.await?);
    session.output.line(&view)?;
    Ok(if view.is_well() {
        Exit::Success
    } else {
        Exit::Refused
    })
}

/// Writes a proof into its file and says so.
fn keep(session: &Session, what: &str, found: &ProofFound, out: &Path) -> Result<Exit, Fault> {
    files::write(out, &found.proof)?;
    let view = FetchedView::new(what, out, found.proof.len()).with_seal(&found.sealed);
    session.output.line(&view)?;
    Ok(Exit::Success)
}

async fn range(session: &Session, args: &RangeArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let request = ProveRange {
        from: Seq(args.from),
        to: Seq(args.to.unwrap_or(0)),
    };
    let found = session.client.prove_range(book, request).await?;
    if let Some(rows) = &args.rows {
        let proof = RangeProof::decode(&found.proof)
            .map_err(|_| unreadable("another thing than a range proof"))?;
        events::records(session, book, proof.lo..proof.hi, rows).await?;
    }
    keep(session, "range", &found, &args.out)
}

async fn ledger(session: &Session, args: &LedgerProofArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let request = ProveLedger {
        from_posted_at: args.from,
        to_posted_at: args.to,
    };
    let found = session.client.prove_ledger(book, request).await?;
    if let Some(rows) = &args.rows {
        let proof = LedgerProof::decode(&found.proof);
        let proof = proof.map_err(|_| unreadable("another thing than a ledger proof"))?;
        events::copy(
            session,
            book,
            proof.first..proof.end(),
            rows,
            |record, out| {
                let row = row_json(record).map_err(std::io::Error::other)?;
                writeln!(out, "{row}")
            },
        )
        .await?;
    }
    keep(session, "ledger", &found, &args.out)
}

/// What the server sent in place of a proof.
fn unreadable(what: &'static str) -> Fault {
    Fault::Client(ClientError::Unexpected(what))
}

async fn statement(session: &Session, args: &StatementProofArgs) -> Result<Exit, Fault> {
    let book = session.book().await?;
    let mut from_seq = args.from;
    let mut page = 1;
    loop {
        let request = ProveStatement {
            account: args.account.id,
            from_seq,
            to_seq: args.to.unwrap_or(0),
        };
        let found = session.client.prove_statement(book, request).await?;
        let out = page_file(&args.out, page);
        files::write(&out, &found.proof)?;
        let view = FetchedView::new("statement", &out, found.proof.len());
        session.output.line(&view.with_seal(&found.sealed))?;
        if found.next == 0 {
            return Ok(Exit::Success);
        }
        if found.next <= from_seq {
            return Err(Fault::EndlessList);
        }
        (from_seq, page) = (found.next, page + 1);
    }
}

/// `FILE`, then `FILE.2`, `FILE.3` …
fn page_file(out: &Path, page: u32) -> PathBuf {
    if page == 1 {
        return out.to_owned();
    }
    let mut name = out.as_os_str().to_owned();
    name.push(format!(".{page}"));
    name.into()
}

async fn chain(session: &Session, from: u64, out: &Path) -> Result<Exit, Fault> {
    let unwritable = |error| Fault::Unwritable(out.to_owned(), error);
    let mut file = BufWriter::new(files::create(out)?);
    let (mut from_seq, mut bytes) = (from, 0);
    loop {
        let page = session.client.audit_rows(AuditRows { from_seq, limit: 0 });
        let page = page.await?;
        for row in &page.rows {
            file.write_all(row)
                .and_then(|()| file.write_all(b"\n"))
                .map_err(unwritable)?;
            bytes += row.len() + 1;
        }
        if page.next == 0 {
            break;
        }
        if page.next <= from_seq {
            return Err(Fault::EndlessList);
        }
        from_seq = page.next;
    }
    file.flush().map_err(unwritable)?;
    session
        .output
        .line(&FetchedView::new("chain", out, bytes))?;
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stand_beside_the_first() {
        let names = [1, 2, 3].map(|page| page_file(Path::new("a/s.proof"), page));
        assert_eq!(
            names,
            ["a/s.proof", "a/s.proof.2", "a/s.proof.3"].map(PathBuf::from)
        );
    }
}
