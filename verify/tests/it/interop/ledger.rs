use std::path::Path;

use ledger::event::NoteErased;
use ledger::proof::MemoryTree;
use ledger::{AccountId, Event, Nanos, Seq, merkle};
use verify::ledger_proof::{Draft, LedgerProof, RowsWriter, UnsignedLedgerProof};
use verify::statement::StatementProof;
use verify::{Micros, Name, Usage};

use super::key::{Key, keyring};
use super::log::Log;
use super::rows::Files;
use super::scratch::{Scratch, altered, altered_in};
use super::seals::sealed;
use super::tool::{Verdict, node, npm};

const START: u64 = 1_763_985_600_000_000_000;

/// A log of events that are a second apart, or of a transfer now and then.
fn log(size: u64) -> Log {
    let mut log = Log::new(size);
    for (record, seq) in log.records.iter_mut().zip(0..) {
        let posted_at = START + seq * 1_000_000_000;
        if record[0] == 3 {
            record[24..32].copy_from_slice(&posted_at.to_le_bytes());
            // Sequences in the accounts, dense from 1.
            record[48..56].copy_from_slice(&(seq / 2 + 1).to_le_bytes());
            record[56..64].copy_from_slice(&(seq / 2 + 1).to_le_bytes());
        } else {
            record.clear();
            let event = NoteErased {
                seq: Seq(seq),
                posted_at: Nanos(posted_at),
                target: Seq(0),
            };
            Event::NoteErased(event).encode(record);
        }
    }
    let leaves = log.records.iter().map(|record| merkle::leaf(record));
    log.tree = leaves.collect::<MemoryTree>();
    log
}

fn proof(log: &mut Log, bundle: &Key, checkpoint: &Key) -> (LedgerProof, String) {
    let (first, end, size) = (5, 14, log.records.len() as u64);
    let mut writer = RowsWriter::new();
    let rows = log.records[first..end].iter();
    let rows: String = rows.map(|record| writer.line(record).unwrap()).collect();
    let (hash, num_rows) = writer.finish();
    let at = |seq: usize| Micros::new(START / 1_000 + seq as u64 * 1_000_000).unwrap();
    let draft = Draft {
        proof_id: Name::new("ledger-proof-1").unwrap(),
        from: at(first),
        to: at(end),
        first: first as u64,
        num_rows,
        before: Some(log.records[first - 1].clone()),
        after: Some(log.records[end].clone()),
        hash,
        signature: bundle.sign_digest(&hash),
        alg: bundle.algorithm(),
        signer_kid: bundle.kid.clone(),
        ts: at(100),
        checkpoint: log.checkpoint(size, checkpoint),
        size,
    };
    let unsigned = UnsignedLedgerProof::build(&mut log.tree, draft).unwrap();
    let signature = bundle.sign_digest(&unsigned.digest().unwrap());
    (unsigned.signed(signature), rows)
}

fn runbook(key: &Key, proof: &[u8], rows: Option<&str>) -> Verdict {
    let scratch = Scratch::new();
    let (pem, proof) = (key.pem(), scratch.write("proof.json", proof));
    let mut words = vec![("public-key", pem), ("proof", proof)];
    words.extend(rows.map(|rows| ("rows", scratch.write("rows", rows))));
    node("runbook-verify.mjs", &words)
}

#[test]
fn ledger_proofs_are_accepted_by_scripts_from_the_page_until_they_are_altered() {
    let checkpoint = Key::ed25519();
    for bundle in Key::one_of_each() {
        let mut log = log(21);
        let (proof, rows) = proof(&mut log, &bundle, &checkpoint);
        let bytes = proof.encode().unwrap();
        let files = Files::new(std::slice::from_ref(&bundle));
        let judge = |proof: &[u8], rows: &[u8]| {
            let (proof, rows) = (
                files.scratch.write("proof.json", proof),
                files.scratch.write("ledger_rows.jsonl", rows),
            );
            let (modules, key) = (npm(), checkpoint.pem());
            let words: [(&str, &Path); 5] = [
                ("modules", &modules),
                ("key", &key),
                ("signers", &files.signers),
                ("proof", &proof),
                ("rows", &rows),
            ];
            node("ledger-verify.mjs", &words)
        };
        let said = judge(&bytes, rows.as_bytes()).accepted();
        assert_eq!(said, "9 events of example/dev/1/7 at 21");
        for member in [
            "ledger-proof-1",
            "2025-11-24",
            "\"first\":5",
            "{\"inner\":[\"",
        ] {
            judge(&altered_in(&bytes, member), rows.as_bytes()).refused();
        }
        for at in (0..rows.len()).step_by(997) {
            judge(&bytes, &altered(rows.as_bytes(), at)).refused();
        }

        runbook(&bundle, &bytes, None).accepted();
        runbook(&checkpoint, &bytes, None).refused();
        let hash = altered_in(&bytes, &proof.hash.to_string());
        runbook(&bundle, &hash, None).refused();
        if bundle.algorithm() != checkpoint.algorithm() {
            runbook(&bundle, &bytes, Some(&rows)).accepted();
            runbook(&bundle, &bytes, Some(&rows[1..])).refused();
        }
    }
}

#[test]
fn statements_are_accepted_by_a_script_from_the_page_until_a_byte_is_altered() {
    let keys = [Key::ed25519()];
    let keyring = keyring(&keys, Usage::Seal);
    let files = Files::new(&keys);
    let mut log = log(60);
    let transfers = log.records.iter().filter(|record| record[0] == 3);
    let transfers: Vec<Vec<u8>> = transfers.cloned().collect();
    for (from, to) in [(0, transfers.len()), (3, 4), (4, 11)] {
        let sealed = sealed(&mut log, 60, 2, &keys[0], 1);
        let records = transfers[from..to].concat();
        let proof = StatementProof::build(&mut log.tree, AccountId(1001), records, sealed);
        let bytes = proof.unwrap().encode();
        let statement = StatementProof::decode(&bytes).unwrap();
        assert_eq!(statement.verify(&keyring).unwrap().last, to as u64);
        let file = files.scratch.write("statement", &bytes);
        let words: [(&str, &Path); 3] = [
            ("statement", &file),
            ("signers", &files.signers),
            ("alter", Path::new("1")),
        ];
        let said = node("statement-verify.mjs", &words).accepted();
        assert!(
            said.starts_with(&format!("{} to {to} of", from + 1)),
            "{said}"
        );
    }
}
