//! Seeds of proofs: a small log, sealed and signed by keys that are made now and forgotten.

use std::fs::File;
use std::io::Read as _;

use ed25519_dalek::{Signer as _, SigningKey};
use fuzz_bodies::proof::{KEYS, ORIGIN, keyring, kind};
use ledger::event::NoteErased;
use ledger::proof::{self, MemoryTree};
use ledger::{AccountId, BookId, Digest, Event, Height, Nanos, Seq, merkle};
use verify::checkpoint::{Checkpoint, LogOrigin};
use verify::consistency::{AddCheckpoint, ConsistencyProof};
use verify::ledger_proof::{Draft, RowsWriter, UnsignedLedgerProof, row_json};
use verify::payload::{Content, Origin, Payload, Seal, Trace};
use verify::range::RangeProof;
use verify::receipt::Receipt;
use verify::statement::StatementProof;
use verify::tlog_proof::TlogProof;
use verify::{
    Algorithm, AuditRow, HeadLeaf, Kid, Micros, Name, PublicKey, SealedHead, Signature, payload,
};

use crate::{folder, write};

const SIZE: u64 = 11;
const BOOK: BookId = BookId(3);
/// Of the transfer that the log begins with.
const ACCOUNT: AccountId = AccountId(1001);
const SECOND: u64 = 1_000_000_000;

/// Keys are fresh each time, so seeds that are there stay.
pub(crate) fn write_once() {
    if folder("proof").join("ok-range").exists() {
        return;
    }
    let mut log = Log::new();
    let [small, whole] = [5, SIZE].map(|size| log.sealed(size));
    let (note, root) = (log.note(), log.root(5).0);
    let record = log.records[5].clone();

    let receipt = Receipt {
        path: proof::inclusion(&mut log.tree, 5, SIZE).unwrap(),
        record: record.clone(),
        seq: Seq(5),
        sealed: whole.clone(),
    };
    log.write("receipt", &receipt.encode());
    let range = RangeProof::build(&mut log.tree, 3..9, whole.clone()).unwrap();
    log.write("range", &range.encode());
    let first = log.records[0].clone();
    let statement = StatementProof::build(&mut log.tree, ACCOUNT, first, whole.clone());
    log.write("statement", &statement.unwrap().encode());
    let consistency = ConsistencyProof::build(&mut log.tree, small, whole).unwrap();
    log.write("consistency", &consistency.encode());
    log.write("checkpoint", note.as_bytes());
    let tlog = TlogProof::build(&mut log.tree, 5, SIZE, note.clone()).unwrap();
    log.write("tlog", &[tlog.encode().as_bytes(), &[0], &record].concat());
    let growth = AddCheckpoint::build(&mut log.tree, 5, SIZE, note.clone()).unwrap();
    log.write("growth", &[&root, growth.encode().as_bytes()].concat());
    log.write("row", row_json(&record).unwrap().as_bytes());
    let document = keyring(&log.public()).unwrap().encode();
    log.write("keyring", &document);
    let ledger = log.ledger(note);
    log.write("ledger", &ledger);
}

struct Log {
    keys: [SigningKey; 3],
    records: Vec<Vec<u8>>,
    tree: MemoryTree,
}

impl Log {
    fn new() -> Self {
        let records: Vec<Vec<u8>> = (0..SIZE).map(record).collect();
        let leaves = records.iter().map(|record| merkle::leaf(record));
        Self {
            keys: [(); 3].map(|()| secret()),
            tree: leaves.collect(),
            records,
        }
    }

    fn public(&self) -> [u8; 96] {
        let keys = self.keys.each_ref();
        let keys = keys.map(|key| key.verifying_key().to_bytes());
        keys.concat().try_into().unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let kind = kind(name).unwrap();
        write(
            "proof",
            name,
            &[&[kind], &self.public()[..], bytes].concat(),
        );
    }

    fn sign(&self, key: usize, message: &[u8]) -> Signature {
        Signature::new(self.keys[key].sign(message).to_bytes().to_vec()).unwrap()
    }

    fn root(&mut self, size: u64) -> Digest {
        proof::root(&mut self.tree, size).unwrap()
    }

    fn sealed(&mut self, size: u64) -> SealedHead {
        let head = HeadLeaf {
            salt: [9; 16],
            book: BOOK,
            size,
            height: Height(size),
            root: self.root(size),
            block_hash: Digest::of(b"block"),
        };
        let mut heads: MemoryTree = [Digest::ZERO, head.hash()].into_iter().collect();
        let payload = Payload {
            alg: Algorithm::Ed25519,
            content: Content::Seal(Seal {
                books: 2,
                heads_root: proof::root(&mut heads, 2).unwrap(),
                policy_set: Digest::ZERO,
            }),
            lease: 1,
            origin: origin(),
            prev: Some(Digest::ZERO),
            seq: size + 1,
            signer_kid: Kid::new(KEYS[0].0).unwrap(),
            trace: Trace([1; 16]),
            ts: Micros::new(size).unwrap(),
        };
        let canonical = payload.canonical().unwrap();
        let digest = payload::digest(&canonical, payload.prev.as_ref());
        SealedHead {
            head,
            position: 1,
            path: proof::inclusion(&mut heads, 1, 2).unwrap(),
            row: AuditRow::new(canonical, self.sign(0, &digest.0)).unwrap(),
        }
    }

    fn note(&mut self) -> String {
        let checkpoint = Checkpoint {
            origin: LogOrigin {
                origin: origin(),
                book: BOOK,
            },
            size: SIZE,
            root: self.root(SIZE),
        };
        let key = self.keys[1].verifying_key().to_bytes();
        let signature = self.sign(1, checkpoint.text().as_bytes());
        checkpoint.note(&PublicKey::from_ed25519(&key).unwrap(), &signature)
    }

    fn ledger(&mut self, checkpoint: String) -> Vec<u8> {
        let mut writer = RowsWriter::new();
        for record in &self.records[3..7] {
            writer.line(record).unwrap();
        }
        let (hash, num_rows) = writer.finish();
        let draft = Draft {
            proof_id: Name::new("ledger-proof-1").unwrap(),
            from: Micros::new(3 * SECOND / 1_000).unwrap(),
            to: Micros::new(7 * SECOND / 1_000).unwrap(),
            first: 3,
            num_rows,
            before: Some(self.records[2].clone()),
            after: Some(self.records[7].clone()),
            hash,
            signature: self.sign(2, &hash.0),
            alg: Algorithm::Ed25519,
            signer_kid: Kid::new(KEYS[2].0).unwrap(),
            ts: Micros::new(1).unwrap(),
            checkpoint,
            size: SIZE,
        };
        let unsigned = UnsignedLedgerProof::build(&mut self.tree, draft).unwrap();
        let signature = self.sign(2, &unsigned.digest().unwrap().0);
        unsigned.signed(signature).encode().unwrap()
    }
}

fn origin() -> Origin {
    Origin {
        deployment: Name::new(ORIGIN.0).unwrap(),
        environment: Name::new(ORIGIN.1).unwrap(),
        epoch: 1,
    }
}

/// The vector of a transfer as the first event, then small events.
fn record(at: u64) -> Vec<u8> {
    let event = if at == 0 {
        let vector = std::fs::read_to_string(crate::root().join("ledger/vectors/transfer.hex"));
        match Event::decode(&crate::unhex(&vector.unwrap())).unwrap() {
            Event::Transfer(transfer) => Event::Transfer(ledger::event::TransferPosted {
                seq: Seq(0),
                posted_at: Nanos(0),
                ..transfer
            }),
            other => other,
        }
    } else {
        Event::NoteErased(NoteErased {
            seq: Seq(at),
            posted_at: Nanos(at * SECOND),
            target: Seq(0),
        })
    };
    let mut record = Vec::new();
    event.encode(&mut record);
    record
}

fn secret() -> SigningKey {
    let mut seed = [0; 32];
    let mut random = File::open("/dev/urandom").unwrap();
    random.read_exact(&mut seed).unwrap();
    SigningKey::from_bytes(&seed)
}
