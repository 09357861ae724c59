//! Seals and proofs end to end: a development daemon, a real connection, and verification by the
//! public keys that the daemon wrote beside its certificates.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use client::Client;
use ledger::event::{BookChange, Records};
use ledger::{AccountId, BookId, Code, Nanos, Seq, Transfer, TransferId};
use verify::chain::Start;
use verify::checkpoint::Checkpoint;
use verify::consistency::AddCheckpoint;
use verify::keyring::{SignedKeyring, SignersJson};
use verify::ledger_proof::{LedgerProof, RowsWriter};
use verify::range::RangeProof;
use verify::receipt::Receipt;
use verify::row::AuditRow;
use verify::statement::StatementProof;
use verify::tlog_proof::TlogProof;
use verify::{ChainHead, ChainVerifier, Keyring};
use wire::message as m;

use crate::daemon::command;
use crate::harness::connection;
use crate::harness::process::Daemon;
use crate::harness::world::{
    ACME, BOOK, change_book, create_accounts, create_book, create_tenant, usd,
};

/// A development daemon on folders of its own.
struct Place {
    directory: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
        }
    }

    fn keys(&self) -> PathBuf {
        self.directory.path().join("keys")
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn start(&self) -> Daemon {
        let mut dev = command(&["dev", "--listen", "127.0.0.1:0"]);
        dev.arg("--data").arg(self.data());
        dev.arg("--keys").arg(self.keys());
        Daemon::start(dev, &self.directory.path().join("log"))
    }

    async fn connect(&self, daemon: &Daemon, name: &str) -> Client {
        let config = connection(&self.keys(), "ca.pem", name, daemon.address());
        Client::connect(&config).await.unwrap()
    }

    fn keyring(&self) -> Keyring {
        let bytes = fs::read(self.keys().join("keyring.json")).unwrap();
        let signed = SignedKeyring::decode(&bytes).unwrap();
        signed.verify(signed.keyring.approvers()).unwrap()
    }
}

/// A daemon with tenant `demo`, a book of it and two accounts.
async fn prepared(place: &Place) -> Daemon {
    let daemon = place.start();
    let operator = place.connect(&daemon, "operator").await;
    create_tenant(&operator, ACME, "demo").await;
    let asset = m::CreateAsset { asset: usd() };
    assert_eq!(
        operator.create_asset(asset).await.unwrap().code,
        Code::Created
    );
    create_book(&operator, BOOK, ACME, "main", false).await;
    let admin = place.connect(&daemon, "demo-admin").await;
    create_accounts(&admin, BOOK, 1..=2).await;
    daemon
}

fn transfers(ids: std::ops::Range<u128>) -> Vec<Transfer> {
    ids.map(|id| Transfer::new(id, 1, 2, 10, 1)).collect()
}

async fn receipts(client: &Client, seqs: &[u64]) -> Vec<Receipt> {
    let request = m::Receipts {
        seqs: seqs.iter().copied().map(Seq).collect(),
        ids: Vec::new(),
    };
    let found = client.receipts(BOOK, request).await.unwrap();
    let decode = |row: m::ReceiptFound| {
        assert_eq!(row.code, Code::Created);
        Receipt::decode(&row.receipt).unwrap()
    };
    found.rows.into_iter().map(decode).collect()
}

async fn records(client: &Client, from: u64, to: u64) -> Vec<u8> {
    let mut subscription = client.subscribe(BOOK, Seq(from)).await.unwrap();
    let mut bytes = Vec::new();
    let mut count = from;
    while count < to {
        let batch = subscription.next().await.unwrap().unwrap();
        for record in Records(batch.records.as_bytes()) {
            if count < to {
                bytes.extend_from_slice(record.unwrap());
            }
            count += 1;
        }
    }
    bytes
}

#[tokio::test]
async fn every_proof_verifies_offline_before_and_after_a_kill() {
    let place = Place::new();
    let daemon = prepared(&place).await;
    let keyring = place.keyring();
    let write = place.connect(&daemon, "demo-write").await;
    for round in 0..5 {
        let batch = transfers(round * 700 + 1..(round + 1) * 700 + 1);
        let outcomes = write.post_sealed(BOOK, &batch, &[]).await.unwrap();
        assert_eq!(outcomes.created, 700);
        // What was answered is sealed: no receipt has to be waited for.
        let status = write
            .seal_status(BOOK, m::SealStatusRequest {})
            .await
            .unwrap();
        assert!(status.sealed.height >= outcomes.height, "{status:?}");
        assert_eq!(&*status.signer, "dev-seal-1");
    }
    let before = receipts(&write, &[0, 1, 2, 3_501]).await;
    for receipt in &before {
        let verified = receipt.verify(&keyring).unwrap();
        assert_eq!((verified.book, verified.size), (BOOK, 3_502));
    }
    prove_paths(&write, &keyring).await;
    prove_statement(&write, &keyring).await;
    prove_ledger(&write, &keyring).await;
    let head = chain(&place, &daemon, &keyring, None).await;

    daemon.kill();
    let daemon = place.start();
    let write = place.connect(&daemon, "demo-write").await;
    assert_eq!(receipts(&write, &[0, 1, 2, 3_501]).await, before);
    write
        .post_sealed(BOOK, &transfers(9_001..9_002), &[])
        .await
        .unwrap();
    let after = receipts(&write, &[3_502]).await.remove(0);
    assert_eq!(after.verify(&keyring).unwrap().size, 3_503);
    chain(&place, &daemon, &keyring, Some(head)).await;
    daemon.stop();
}

async fn prove_paths(write: &Client, keyring: &Keyring) {
    let request = m::ProveRange {
        from: Seq(100),
        to: Seq(3_000),
    };
    let found = write.prove_range(BOOK, request).await.unwrap();
    let proof = RangeProof::decode(&found.proof).unwrap();
    let mut events = proof.verify(keyring).unwrap().events();
    let bytes = records(write, 100, 3_000).await;
    events.push(&bytes).unwrap();
    events.finish().unwrap();

    let request = m::ProveConsistency {
        from_size: 702,
        to_size: 0,
    };
    let found = write.prove_consistency(BOOK, request).await.unwrap();
    let text = String::from_utf8(found.proof.to_vec()).unwrap();
    let body = AddCheckpoint::decode(&text).unwrap();
    let checkpoint = Checkpoint::verify(&body.checkpoint, keyring).unwrap();
    assert_eq!((body.old_size, checkpoint.size), (702, 3_502));

    let request = m::CheckpointRequest { size: 0 };
    let found = write.checkpoint(BOOK, request).await.unwrap();
    let note = String::from_utf8(found.proof.to_vec()).unwrap();
    assert_eq!(Checkpoint::verify(&note, keyring).unwrap(), checkpoint);

    let request = m::TlogProofRequest { seq: Seq(7) };
    let found = write.tlog_proof(BOOK, request).await.unwrap();
    let text = String::from_utf8(found.proof.to_vec()).unwrap();
    let proof = TlogProof::decode(&text).unwrap();
    let record = records(write, 7, 8).await;
    proof.verify(&record, keyring).unwrap();
    let unknown = m::TlogProofRequest { seq: Seq(99_999) };
    let error = write.tlog_proof(BOOK, unknown).await.unwrap_err();
    assert!(error.to_string().contains("no event"), "{error}");
}

async fn prove_statement(write: &Client, keyring: &Keyring) {
    let mut from_seq = 1;
    let mut changes = 0;
    loop {
        let request = m::ProveStatement {
            account: AccountId(2),
            from_seq,
            to_seq: 0,
        };
        let page = write.prove_statement(BOOK, request).await.unwrap();
        let proof = StatementProof::decode(&page.proof).unwrap();
        let statement = proof.verify(keyring).unwrap();
        assert_eq!(statement.account, AccountId(2));
        changes += u64::from(proof.count);
        if page.next == 0 {
            break;
        }
        from_seq = page.next;
    }
    assert_eq!(changes, 3_500);
}

async fn prove_ledger(write: &Client, keyring: &Keyring) {
    let request = m::ProveLedger {
        from_posted_at: Nanos(1_000_000_000_000_000_000),
        to_posted_at: Nanos(4_000_000_000_000_000_000),
    };
    let found = write.prove_ledger(BOOK, request).await.unwrap();
    let proof = LedgerProof::decode(&found.proof).unwrap();
    assert_eq!((proof.first, proof.num_rows), (0, 3_502));
    let mut rows = proof.verify(keyring).unwrap().rows();
    let mut writer = RowsWriter::new();
    for record in Records(&records(write, 0, 3_502).await) {
        let line = writer.line(record.unwrap()).unwrap();
        rows.push(line.as_bytes()).unwrap();
    }
    rows.finish().unwrap();
    assert_eq!(writer.finish(), (proof.hash, 3_502));
}

/// Reads the whole chain as an auditor and verifies it; gives its head.
async fn chain(
    place: &Place,
    daemon: &Daemon,
    keyring: &Keyring,
    known: Option<ChainHead>,
) -> ChainHead {
    let auditor = place.connect(daemon, "auditor").await;
    let mut verifier = ChainVerifier::new(keyring, Start::Genesis, known);
    let mut from_seq = 1;
    while from_seq != 0 {
        let request = m::AuditRows { from_seq, limit: 3 };
        let page = auditor.audit_rows(request).await.unwrap();
        for row in page.rows {
            let mut line = row.to_vec();
            line.push(b'\n');
            verifier
                .push(&AuditRow::decode_line(&line).unwrap())
                .unwrap();
        }
        from_seq = page.next;
    }
    let head = verifier.head();
    verifier.finish().unwrap();
    let found = auditor.keyring(m::KeyringRequest {}).await.unwrap();
    assert!(found.head_seq >= head.seq);
    assert_eq!(
        SignersJson::decode(&found.signers).unwrap().signers.len(),
        1
    );
    head
}

#[tokio::test]
async fn a_book_may_require_that_answers_wait_for_their_seal() {
    let place = Place::new();
    let daemon = prepared(&place).await;
    let operator = place.connect(&daemon, "operator").await;
    let code = change_book(&operator, BOOK, BookChange::SealedRequired, Nanos(0)).await;
    assert_eq!(code, Code::Created);
    let write = place.connect(&daemon, "demo-write").await;
    for id in 1..4 {
        let outcomes = write.post(BOOK, &transfers(id..id + 1), &[]).await.unwrap();
        let status = write
            .seal_status(BOOK, m::SealStatusRequest {})
            .await
            .unwrap();
        assert!(status.sealed.height >= outcomes.height, "{status:?}");
    }
    // Receipts by id, and what there is none of.
    let request = m::Receipts {
        seqs: vec![Seq(999)],
        ids: vec![TransferId(2), TransferId(77)],
    };
    let found = write.receipts(BOOK, request).await.unwrap();
    let codes: Vec<Code> = found.rows.iter().map(|row| row.code).collect();
    assert_eq!(codes, [Code::NotFound, Code::Created, Code::NotFound]);
    daemon.stop();
}

#[tokio::test]
async fn a_journal_behind_its_anchor_is_refused() {
    let place = Place::new();
    let daemon = prepared(&place).await;
    let write = place.connect(&daemon, "demo-write").await;
    write
        .post_sealed(BOOK, &transfers(1..50), &[])
        .await
        .unwrap();
    daemon.stop();
    let copy = place.directory.path().join("copy");
    copy_folder(&place.data().join("journal"), &copy);
    let daemon = place.start();
    let write = place.connect(&daemon, "demo-write").await;
    write
        .post_sealed(BOOK, &transfers(50..99), &[])
        .await
        .unwrap();
    daemon.stop();
    // The journal, its audit log with it, comes back from an older copy; the anchor does not.
    fs::remove_dir_all(place.data().join("journal")).unwrap();
    copy_folder(&copy, &place.data().join("journal"));
    let mut dev = command(&["dev", "--listen", "127.0.0.1:0"]);
    dev.arg("--data").arg(place.data());
    dev.arg("--keys").arg(place.keys());
    let ended = crate::daemon::end(dev);
    assert_eq!(ended.code, Some(65), "{}", ended.complaint);
    assert!(
        ended.complaint.contains("older copy"),
        "{}",
        ended.complaint
    );
    assert!(ended.complaint.contains("anchor"), "{}", ended.complaint);
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test]
async fn ledger_proofs_of_one_moment_do_not_wait_for_each_other() {
    let place = Place::new();
    let daemon = prepared(&place).await;
    let write = place.connect(&daemon, "demo-write").await;
    write
        .post_sealed(BOOK, &transfers(1..100), &[])
        .await
        .unwrap();
    let request = m::ProveLedger {
        from_posted_at: Nanos(0),
        to_posted_at: Nanos(4_000_000_000_000_000_000),
    };
    let prove = || write.prove_ledger(BOOK, request);
    let proofs = async { tokio::join!(prove(), prove(), prove(), prove()) };
    let proofs = tokio::time::timeout(Duration::from_secs(15), proofs).await;
    let (a, b, c, d) = proofs.unwrap();
    for proof in [a, b, c, d] {
        let proof = LedgerProof::decode(&proof.unwrap().proof).unwrap();
        assert_eq!(proof.num_rows, 2 + 99);
    }
}

#[tokio::test]
async fn nobody_waits_for_what_is_not_there() {
    let place = Place::new();
    let daemon = prepared(&place).await;
    let operator = place.connect(&daemon, "operator").await;
    create_book(&operator, BookId(77), ACME, "empty", false).await;
    let write = place.connect(&daemon, "demo-write").await;
    let begun = std::time::Instant::now();
    let beyond = m::ProveRange {
        from: Seq(0),
        to: Seq(1_000_000),
    };
    let code = |error: client::ClientError| error.code();
    let refused = write.prove_range(BOOK, beyond).await.unwrap_err();
    assert_eq!(code(refused), Code::NotFound);
    let checkpoint = m::CheckpointRequest { size: 1 };
    let refused = write.checkpoint(BookId(77), checkpoint).await.unwrap_err();
    assert_eq!(code(refused), Code::BookNotFound);
    // All of it is refused, so that the book has no block that a seal could cover.
    let refused = write.post_sealed(BookId(77), &transfers(1..2), &[]).await;
    assert_eq!(refused.unwrap().created, 0);
    assert!(begun.elapsed() < Duration::from_secs(10));
}
