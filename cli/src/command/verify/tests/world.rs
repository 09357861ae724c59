//! A small deployment that is sealed, and every kind of proof of it: keys are made from their
//! names.

use std::fs;
use std::path::PathBuf;

use ed25519_dalek::{Signer as _, SigningKey};
use ledger::account::AccountSettings;
use ledger::event::{AccountCreated, TransferPosted};
use ledger::proof::{self, MemoryTree};
use ledger::{
    AccountId, AssetId, BookId, Code, Digest, Event, Height, Nanos, Seq, TransferFlags, TransferId,
    merkle,
};
use verify::approval::{Approval, ApprovalSignature, Content as Wanted, Expected, Nonce, Request};
use verify::checkpoint::{Checkpoint, LogOrigin};
use verify::consistency::{AddCheckpoint, ConsistencyProof};
use verify::keyring::NewKey;
use verify::ledger_proof::{Draft, LedgerProof, RowsWriter, UnsignedLedgerProof};
use verify::payload::{Content, Origin, Payload, Seal, Trace};
use verify::range::RangeProof;
use verify::receipt::Receipt;
use verify::statement::StatementProof;
use verify::tlog_proof::TlogProof;
use verify::{
    Algorithm, Approver, ApproverSet, AuditRow, ChainHead, HeadLeaf, HeadsTree, Keyring, Kid,
    Micros, Name, PublicKey, SealedHead, Signature, SignedKeyring, Usage, payload,
};

/// 2025-11-24, in microseconds.
const NOON: u64 = 1_763_985_600_000_000;
const BOOK: BookId = BookId(7);
/// The account that everything is posted to.
pub(super) const ACCOUNT: AccountId = AccountId(1_001);
/// Events of the book.
const EVENTS: u64 = 12;

pub(super) struct Key {
    kid: Kid,
    secret: SigningKey,
}

impl Key {
    pub(super) fn named(id: &str) -> Self {
        Self {
            kid: Kid::new(id).unwrap(),
            secret: SigningKey::from_bytes(&Digest::of(id.as_bytes()).0),
        }
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey::from_ed25519(self.secret.verifying_key().as_bytes()).unwrap()
    }

    fn sign(&self, message: &[u8]) -> Signature {
        Signature::new(self.secret.sign(message).to_bytes().to_vec()).unwrap()
    }
}

/// A folder of files as an auditor has it.
pub(super) struct World {
    folder: tempfile::TempDir,
    pub(super) chain: Vec<AuditRow>,
    records: Vec<Vec<u8>>,
    tree: MemoryTree,
}

impl World {
    /// Writes every file.
    pub(super) fn new() -> Self {
        let records: Vec<Vec<u8>> = (0..EVENTS).map(record).collect();
        let mut tree = MemoryTree::new();
        records.iter().for_each(|each| {
            tree.push(merkle::leaf(each));
        });
        let mut world = Self {
            folder: tempfile::tempdir().unwrap(),
            chain: Vec::new(),
            records,
            tree,
        };
        let old = world.seal(8);
        let sealed = world.seal(EVENTS);
        world.write_keys();
        world.write("chain.jsonl", &lines(&world.chain));
        let note = world.note(EVENTS);
        let before = world.note(8);
        world.write("old.checkpoint", before.as_bytes());
        world.write("book.checkpoint", note.as_bytes());
        world.write_paths(old, &sealed, &note);
        world.write_events(&sealed, &note);
        world
    }

    /// Where a file of this name is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn root(&mut self, size: u64) -> Digest {
        proof::root(&mut self.tree, size).unwrap()
    }

    /// Seals the book at `size` with the next row.
    fn seal(&mut self, size: u64) -> SealedHead {
        let head = HeadLeaf {
            salt: [5; 16],
            book: BOOK,
            size,
            height: Height(size),
            root: self.root(size),
            block_hash: Digest::of(b"block"),
        };
        let mut heads = HeadsTree::new();
        heads.set(0, merkle::leaf(b"system book")).unwrap();
        heads.set(1, head.hash()).unwrap();
        let seal = Seal {
            books: 2,
            heads_root: heads.commit(),
            policy_set: Digest::of(b"rules"),
        };
        SealedHead {
            head,
            position: 1,
            path: heads.path(1).unwrap(),
            row: self.push(Content::Seal(seal)),
        }
    }

    fn push(&mut self, content: Content) -> AuditRow {
        let key = Key::named("seal-1");
        let head = self.chain.last().map_or(ChainHead::NONE, AuditRow::head);
        let payload = Payload {
            alg: Algorithm::Ed25519,
            content,
            lease: 1,
            origin: origin(),
            prev: (head.seq > 0).then_some(head.digest),
            seq: head.seq + 1,
            signer_kid: key.kid.clone(),
            trace: Trace([3; 16]),
            ts: at(head.seq),
        };
        let canonical = payload.canonical().unwrap();
        let digest = payload::digest(&canonical, payload.prev.as_ref());
        let row = AuditRow::new(canonical, key.sign(&digest.0)).unwrap();
        self.chain.push(row.clone());
        row
    }

    fn note(&mut self, size: u64) -> String {
        let checkpoint = Checkpoint {
            origin: LogOrigin {
                origin: origin(),
                book: BOOK,
            },
            size,
            root: self.root(size),
        };
        let key = Key::named("checkpoint-1");
        checkpoint.note(&key.public(), &key.sign(checkpoint.text().as_bytes()))
    }

    fn write_keys(&self) {
        let keyring = keyring();
        self.write("current.json", &keyring.encode());
        self.write(
            "keyring.json",
            &signed(&keyring, &["ann", "bob"]).encode().unwrap(),
        );
        let by_strangers = Keyring::new(name("bank"), name("test"), approvers(&["eve", "mallory"]));
        self.write("strangers.json", &by_strangers.encode());
    }

    fn write_paths(&mut self, old: SealedHead, sealed: &SealedHead, note: &str) {
        let receipt = Receipt {
            record: self.records[3].clone(),
            seq: Seq(3),
            path: proof::inclusion(&mut self.tree, 3, EVENTS).unwrap(),
            sealed: sealed.clone(),
        };
        self.write("event.receipt", &receipt.encode());
        self.write("event.record", &self.records[3]);
        let tree = &mut self.tree;
        let inclusion = TlogProof::build(tree, 3, EVENTS, note.to_owned()).unwrap();
        let grown = ConsistencyProof::build(tree, old, sealed.clone()).unwrap();
        let witness = AddCheckpoint::build(tree, 8, EVENTS, note.to_owned()).unwrap();
        self.write("grown.witness", witness.encode().as_bytes());
        self.write("event.tlog-proof", inclusion.encode().as_bytes());
        self.write("grown.consistency", &grown.encode());
    }

    fn write_events(&mut self, sealed: &SealedHead, note: &str) {
        let range = RangeProof::build(&mut self.tree, 2..9, sealed.clone()).unwrap();
        self.write("some.range", &range.encode());
        self.write("some.events", &self.records[2..9].concat());
        for (file, part) in [("a.statement", 0..5), ("a.statement.2", 5..12)] {
            let records = self.records[part].concat();
            let page = StatementProof::build(&mut self.tree, ACCOUNT, records, sealed.clone());
            self.write(file, &page.unwrap().encode());
        }
        let (proof, rows) = self.ledger(note);
        self.write("proof.json", &proof.encode().unwrap());
        self.write("ledger_rows.jsonl", rows.as_bytes());
    }

    fn ledger(&mut self, note: &str) -> (LedgerProof, String) {
        let mut writer = RowsWriter::new();
        let rows: String = self.records[4..9]
            .iter()
            .map(|record| writer.line(record).unwrap())
            .collect();
        let (hash, num_rows) = writer.finish();
        let key = Key::named("bundle-1");
        let draft = Draft {
            proof_id: name("proof-1"),
            from: at(4),
            to: at(9),
            first: 4,
            num_rows,
            before: Some(self.records[3].clone()),
            after: Some(self.records[9].clone()),
            hash,
            signature: key.sign(&hash.0),
            alg: Algorithm::Ed25519,
            signer_kid: key.kid.clone(),
            ts: at(20),
            checkpoint: note.to_owned(),
            size: EVENTS,
        };
        let unsigned = UnsignedLedgerProof::build(&mut self.tree, draft).unwrap();
        let signature = key.sign(&unsigned.digest().unwrap().0);
        (unsigned.signed(signature), rows)
    }
}

/// Rows as the lines of a file.
pub(super) fn lines(rows: &[AuditRow]) -> Vec<u8> {
    let mut lines = Vec::new();
    rows.iter().for_each(|row| row.encode_line(&mut lines));
    lines
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn origin() -> Origin {
    Origin {
        deployment: name("bank"),
        environment: name("test"),
        epoch: 1,
    }
}

fn at(second: u64) -> Micros {
    Micros::new(NOON + second * 1_000_000).unwrap()
}

/// The account comes to be, then one transfer after the other gives it 100 minor units.
fn record(seq: u64) -> Vec<u8> {
    let (seq_in_book, posted_at) = (Seq(seq), Nanos(at(seq).get() * 1_000));
    let event = if seq == 0 {
        Event::AccountCreated(AccountCreated {
            seq: seq_in_book,
            posted_at,
            id: ACCOUNT,
            asset: AssetId(840),
            code: 1,
            user_data: 0,
            settings: AccountSettings::default(),
        })
    } else {
        Event::Transfer(TransferPosted {
            flags: TransferFlags::NONE,
            code: 1,
            result: Code::Created,
            asset: AssetId(840),
            timeout: 0,
            seq: seq_in_book,
            posted_at,
            effective_at: posted_at,
            user_data: 0,
            debit_seq: seq,
            credit_seq: seq,
            id: TransferId(500 + u128::from(seq)),
            debit: AccountId(1_002),
            credit: ACCOUNT,
            amount: 100,
            requested: 100,
            released: 0,
            target: TransferId(0),
            commitments: None,
        })
    };
    let mut record = Vec::new();
    event.encode(&mut record);
    record
}

fn approvers(names: &[&str]) -> ApproverSet {
    let approver = |who: &&str| {
        let key = Key::named(&format!("approver-{who}"));
        Approver {
            kid: key.kid.clone(),
            name: name(who),
            public_key: key.public(),
        }
    };
    ApproverSet::new(names.iter().map(approver).collect(), 2).unwrap()
}

fn keyring() -> Keyring {
    let mut keyring = Keyring::new(
        name("bank"),
        name("test"),
        approvers(&["ann", "bob", "cid"]),
    );
    for (id, usage) in [
        ("seal-1", Usage::Seal),
        ("checkpoint-1", Usage::Checkpoint),
        ("bundle-1", Usage::Bundle),
    ] {
        let key = Key::named(id);
        let new = NewKey {
            public_key: key.public(),
            kid: key.kid,
            usage,
            deployed_at: at(0),
        };
        let kid = new.kid.clone();
        keyring = keyring
            .with_key(new)
            .unwrap()
            .with_promoted(&kid, 1)
            .unwrap();
    }
    keyring
}

fn signed(keyring: &Keyring, by: &[&str]) -> SignedKeyring {
    let request = Request {
        content: Wanted::Keyring {
            keyring: keyring.digest(),
            serial: keyring.serial(),
        },
        environment: name("test"),
        expires_at: at(3_600),
        nonce: Nonce([9; 16]),
        origin: name("bank"),
        requested_at: at(0),
        requested_by: Kid::new("zoe").unwrap(),
        state: keyring.digest(),
    };
    let mut approval = Approval::new(request.clone(), 2);
    for who in by {
        let key = Key::named(&format!("approver-{who}"));
        let signature = ApprovalSignature {
            signer: name(who),
            kid: key.kid.clone(),
            alg: Algorithm::Ed25519,
            signature: key.sign(&request.digest().0),
        };
        let expected = Expected::of(keyring, at(1));
        approval.add(signature, &expected).unwrap();
    }
    SignedKeyring {
        keyring: keyring.clone(),
        approval,
        revocations: Vec::new(),
    }
}
