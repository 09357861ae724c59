//! One proof in one file.

use std::path::Path;

use verify::checkpoint::Checkpoint;
use verify::consistency::{AddCheckpoint, ConsistencyProof};
use verify::ledger_proof::LedgerProof;
use verify::range::RangeProof;
use verify::receipt::Receipt;
use verify::statement::StatementProof;
use verify::tlog_proof::TlogProof;
use verify::{AuditRow, SealedHead};

use super::kind::Kind;
use super::rows;
use super::{Checked, PROOF_BYTES_MAX, statement};
use crate::fault::Fault;
use crate::files;
use crate::trust::Trust;
use crate::view::verdict::Facts;

/// A proof, and what stands beside it.
pub(super) struct Proof<'a> {
    pub(super) kind: Kind,
    pub(super) bytes: &'a [u8],
    /// The events or rows that it is about.
    pub(super) rows: Option<&'a Path>,
    /// A signed note from before.
    pub(super) known: Option<&'a Path>,
    /// Rows of the audit chain.
    pub(super) ancestry: &'a [AuditRow],
}

impl Proof<'_> {
    pub(super) fn verify(&self, trust: &Trust) -> Result<Checked, Fault> {
        let checked = match self.kind {
            Kind::Receipt => self.receipt(trust),
            Kind::Range => return self.range(trust),
            Kind::Consistency => self.consistency(trust),
            Kind::Growth => return self.growth(trust),
            Kind::Statement => {
                let page = StatementProof::decode(self.bytes).map_err(|error| error.to_string());
                page.and_then(|page| statement::page(trust, &page, self.ancestry))
                    .map(|(facts, _)| facts)
            }
            Kind::Ledger => return self.ledger(trust),
            Kind::Inclusion => return self.inclusion(trust),
            Kind::Checkpoint => self.checkpoint(trust),
        };
        Ok(checked.map(|facts| facts.with("keyring", &trust.anchor)))
    }

    fn receipt(&self, trust: &Trust) -> Checked {
        let receipt =
            Receipt::decode(self.bytes).map_err(|error| format!("not a receipt: {error}"))?;
        let seal = receipt.sealed.row.seq();
        let after = self.ancestry.partition_point(|row| row.seq() <= seal);
        let after = self.ancestry.get(after..).unwrap_or_default();
        let verified = receipt.verify_with(&trust.keyring, after).map_err(text)?;
        let facts = Facts::default()
            .with("book", verified.book)
            .with_event(&receipt.record, &verified.event);
        Ok(sealed(facts, &receipt.sealed)
            .without("what came after the event, a reversal for example"))
    }

    fn range(&self, trust: &Trust) -> Result<Checked, Fault> {
        let proof = match RangeProof::decode(self.bytes) {
            Ok(proof) => proof,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let verified = match proof.verify_with(&trust.keyring, self.ancestry) {
            Ok(verified) => verified,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let facts = Facts::default()
            .with("book", proof.sealed.head.book)
            .with(
                "events",
                format!("{} to {}", proof.lo, proof.hi.saturating_sub(1)),
            )
            .with("number", proof.hi - proof.lo);
        let facts = sealed(facts, &proof.sealed).with("keyring", &trust.anchor);
        let Some(file) = self.rows else {
            return Ok(Ok(
                facts.without("what the events are: give them with `--rows`")
            ));
        };
        let mut verifier = verified.events();
        let fed = rows::feed(file, |piece| verifier.push(piece))?;
        let checked = fed.and_then(|()| verifier.finish());
        Ok(checked
            .map(|()| facts.with("rows", "complete, in order, unaltered"))
            .map_err(text))
    }

    fn consistency(&self, trust: &Trust) -> Checked {
        let proof = ConsistencyProof::decode(self.bytes).map_err(text)?;
        proof
            .verify_with(&trust.keyring, self.ancestry)
            .map_err(text)?;
        let facts = Facts::default()
            .with("book", proof.new.head.book)
            .with("from size", proof.old.head.size)
            .with("from root", proof.old.head.root);
        Ok(sealed(facts, &proof.new))
    }

    fn growth(&self, trust: &Trust) -> Result<Checked, Fault> {
        let Some(file) = self.known else {
            let needs = "it begins with a size that you know: give its signed note with `--known`";
            return Ok(Err(needs.to_owned()));
        };
        let known = files::read(file, PROOF_BYTES_MAX)?;
        let checked = std::str::from_utf8(self.bytes)
            .map_err(text)
            .and_then(|proof| {
                let proof = AddCheckpoint::decode(proof).map_err(text)?;
                let known = std::str::from_utf8(&known).map_err(text)?;
                let known = Checkpoint::verify(known, &trust.keyring)
                    .map_err(|error| format!("the note that is known is refused: {error}"))?;
                let new = proof
                    .verify((known.size, &known.root), &trust.keyring)
                    .map_err(text)?;
                if new.origin != known.origin {
                    return Err("the two notes are of different logs".to_owned());
                }
                let facts = Facts::default()
                    .with("from size", known.size)
                    .with("from root", known.root);
                Ok(noted(facts, &new).with("keyring", &trust.anchor))
            });
        Ok(checked)
    }

    fn checkpoint(&self, trust: &Trust) -> Checked {
        let note = std::str::from_utf8(self.bytes).map_err(text)?;
        let checkpoint = Checkpoint::verify(note, &trust.keyring).map_err(text)?;
        Ok(noted(Facts::default(), &checkpoint).without("that it is the newest size"))
    }

    fn inclusion(&self, trust: &Trust) -> Result<Checked, Fault> {
        let Some(file) = self.rows else {
            return Ok(Err(
                "it needs the event's record: give it with `--rows`".to_owned()
            ));
        };
        let record = files::read(file, PROOF_BYTES_MAX)?;
        let proof = std::str::from_utf8(self.bytes)
            .map_err(text)
            .and_then(|proof| TlogProof::decode(proof).map_err(text));
        let checked = proof.and_then(|proof| {
            let (event, checkpoint) = proof.verify(&record, &trust.keyring).map_err(text)?;
            let facts = Facts::default().with_event(&record, &event);
            Ok(noted(facts, &checkpoint).with("keyring", &trust.anchor))
        });
        Ok(checked)
    }

    fn ledger(&self, trust: &Trust) -> Result<Checked, Fault> {
        let decoded = LedgerProof::decode(self.bytes);
        let proof = match decoded {
            Ok(proof) => proof,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let verified = match proof.verify(&trust.keyring) {
            Ok(verified) => verified,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let facts = Facts::default()
            .with("from", proof.from)
            .with("to", proof.to)
            .with(
                "events",
                format!("{} from {} on", proof.num_rows, proof.first),
            )
            .with("signed by", &proof.signer_kid);
        let facts = noted(facts, &verified.checkpoint).with("keyring", &trust.anchor);
        let Some(file) = self.rows else {
            return Ok(Ok(
                facts.without("what the rows say: give them with `--rows`")
            ));
        };
        let mut verifier = verified.rows();
        let fed = rows::feed(file, |piece| verifier.push(piece))?;
        let checked = fed.and_then(|()| verifier.finish());
        Ok(checked
            .map(|()| facts.with("rows", "complete, in order, unaltered"))
            .map_err(text))
    }
}

/// What a seal says.
pub(super) fn sealed(facts: Facts, sealed: &SealedHead) -> Facts {
    let (head, row) = (&sealed.head, &sealed.row);
    let origin = &row.payload().origin;
    facts
        .with("log", format!("{} events, root {}", head.size, head.root))
        .with("sealed by", format!("row {} of the audit chain", row.seq()))
        .with("row digest", row.digest())
        .with("sealed at", row.created_at())
        .with("signed by", row.signer_kid())
        .with(
            "deployment",
            format!("{}, {}", origin.deployment, origin.environment),
        )
}

/// What a signed note says.
fn noted(facts: Facts, checkpoint: &Checkpoint) -> Facts {
    facts
        .with("log", &checkpoint.origin)
        .with("size", checkpoint.size)
        .with("root", checkpoint.root)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
