//! What tests build on: keys made from their names, a keyring, a chain, a book that is sealed.

use ed25519_dalek::{Signer as _, SigningKey};
use ledger::event::NoteErased;
use ledger::proof::{self, MemoryTree};
use ledger::{BookId, Digest, Event, Height, Nanos, Seq, merkle};

use crate::approval::{Approval, ApprovalSignature, Content as Wanted, Expected, Nonce, Request};
use crate::keyring::NewKey;
use crate::payload::{Content, Origin, Payload, Seal, Trace};
use crate::receipt::Receipt;
use crate::{
    Algorithm, Approver, ApproverSet, AuditRow, ChainHead, HeadLeaf, HeadsTree, Keyring, Kid,
    Micros, Name, PublicKey, SealedHead, Signature, SignedKeyring, Usage, head, payload,
};

/// 2025-11-24, in microseconds.
pub(crate) const NOON: u64 = 1_763_985_600_000_000;

/// A key pair whose secret follows from its id.
pub(crate) struct TestKey {
    pub(crate) kid: Kid,
    secret: SigningKey,
}

impl TestKey {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            kid: kid(id),
            secret: SigningKey::from_bytes(&Digest::of(id.as_bytes()).0),
        }
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey::from_ed25519(self.secret.verifying_key().as_bytes()).unwrap()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        Signature::new(self.secret.sign(message).to_bytes().to_vec()).unwrap()
    }
}

pub(crate) fn kid(id: &str) -> Kid {
    Kid::new(id).unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn micros(micros: u64) -> Micros {
    Micros::new(micros).unwrap()
}

/// Approvers `ann`, `bob`, `cid`, `dan` and `eve` with keys `approver-ann` and so on, 3 of 5.
pub(crate) fn approvers() -> ApproverSet {
    let of = |who: &&str| {
        let key = TestKey::new(&format!("approver-{who}"));
        Approver {
            kid: key.kid.clone(),
            name: name(who),
            public_key: key.public_key(),
        }
    };
    let approvers = ["ann", "bob", "cid", "dan", "eve"].iter().map(of);
    ApproverSet::new(approvers.collect(), 3).unwrap()
}

/// Active keys `seal-1`, `seal-2` and `checkpoint-1`, and a candidate `seal-3`.
pub(crate) fn keyring() -> Keyring {
    let mut keyring = Keyring::new(name("bank"), name("test"), approvers());
    for (id, usage, from) in [
        ("seal-1", Usage::Seal, 1),
        ("seal-2", Usage::Seal, 5),
        ("seal-3", Usage::Seal, 0),
        ("checkpoint-1", Usage::Checkpoint, 1),
    ] {
        let new = NewKey {
            kid: kid(id),
            public_key: TestKey::new(id).public_key(),
            usage,
            deployed_at: micros(NOON),
        };
        keyring = keyring.with_key(new).unwrap();
        if from > 0 {
            keyring = keyring.with_promoted(&kid(id), from).unwrap();
        }
    }
    keyring
}

/// Rows one after the other.
pub(crate) struct Chain {
    pub(crate) rows: Vec<AuditRow>,
    pub(crate) origin: Origin,
    pub(crate) lease: u64,
}

impl Chain {
    pub(crate) fn new() -> Self {
        Self {
            rows: Vec::new(),
            origin: Origin {
                deployment: name("bank"),
                environment: name("test"),
                epoch: 1,
            },
            lease: 1,
        }
    }

    /// `rows` seals by `seal-1`.
    pub(crate) fn of_seals(rows: usize) -> Self {
        let mut chain = Self::new();
        let key = TestKey::new("seal-1");
        for at in 0..rows {
            chain.push(&key, seal(at as u64 + 1, Digest::of(&[at as u8])));
        }
        chain
    }

    pub(crate) fn head(&self) -> ChainHead {
        self.rows.last().map_or(ChainHead::NONE, AuditRow::head)
    }

    pub(crate) fn push(&mut self, key: &TestKey, content: Content) -> &AuditRow {
        let payload = self.payload(&key.kid, content);
        self.rows.push(row(key, &payload));
        self.rows.last().unwrap()
    }

    /// The payload of the next row.
    pub(crate) fn payload(&self, kid: &Kid, content: Content) -> Payload {
        let head = self.head();
        Payload {
            alg: Algorithm::Ed25519,
            content,
            lease: self.lease,
            origin: self.origin.clone(),
            prev: (head.seq > 0).then_some(head.digest),
            seq: head.seq + 1,
            signer_kid: kid.clone(),
            trace: Trace([head.seq as u8; 16]),
            ts: micros(NOON + head.seq * 100_000),
        }
    }
}

/// A row as its key signs it.
pub(crate) fn row(key: &TestKey, payload: &Payload) -> AuditRow {
    let canonical = payload.canonical().unwrap();
    let digest = payload::digest(&canonical, payload.prev.as_ref());
    AuditRow::new(canonical, key.sign(&digest.0)).unwrap()
}

pub(crate) fn seal(books: u64, heads_root: Digest) -> Content {
    Content::Seal(Seal {
        books,
        heads_root,
        policy_set: Digest::of(b"policies"),
    })
}

pub(crate) fn revocation(revoked: &str, trusted: ChainHead) -> Content {
    Content::KeyRevoked {
        body: Digest::of(b"body"),
        kid: kid(revoked),
        trusted,
    }
}

/// Events of a book, `seq` 0 to `count`.
pub(crate) fn records(count: u64) -> Vec<Vec<u8>> {
    let record = |seq| {
        let event = Event::NoteErased(NoteErased {
            seq: Seq(seq),
            posted_at: Nanos(NOON * 1_000 + seq),
            target: Seq(seq),
        });
        let mut record = Vec::new();
        event.encode(&mut record);
        record
    };
    (0..count).map(record).collect()
}

/// The tree over `records`.
pub(crate) fn tree(records: &[Vec<u8>]) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for record in records {
        tree.push(merkle::leaf(record));
    }
    tree
}

/// The head of book 3 over `size` events, at its position among `books` books.
pub(crate) fn sealed_head(chain: &mut Chain, key: &TestKey, size: u64, books: usize) -> SealedHead {
    let root = proof::root(&mut tree(&records(size)), size).unwrap();
    let head = HeadLeaf {
        salt: head::salt(&[7; 32], BookId(3), size),
        book: BookId(3),
        size,
        height: Height(size / 2),
        root,
        block_hash: Digest::of(b"block"),
    };
    let mut heads = HeadsTree::new();
    let position = 3.min(books - 1);
    for at in 0..books {
        let other = merkle::leaf(&at.to_le_bytes());
        heads
            .set(at, if at == position { head.hash() } else { other })
            .unwrap();
    }
    let root = heads.commit();
    SealedHead {
        head,
        position: position as u32,
        path: heads.path(position).unwrap(),
        row: chain.push(key, seal(books as u64, root)).clone(),
    }
}

/// The receipt of event `seq` among `size`, sealed as the next row of `chain`.
pub(crate) fn receipt(chain: &mut Chain, key: &TestKey, seq: u64, size: u64) -> Receipt {
    let records = records(size);
    Receipt {
        record: records[seq as usize].clone(),
        seq: Seq(seq),
        path: proof::inclusion(&mut tree(&records), seq, size).unwrap(),
        sealed: sealed_head(chain, key, size, 7),
    }
}

/// A request of `zoe` that builds on `keyring`.
pub(crate) fn request(keyring: &Keyring, content: Wanted) -> Request {
    Request {
        content,
        environment: keyring.environment().clone(),
        expires_at: micros(NOON + 3_600_000_000),
        nonce: Nonce([9; 16]),
        origin: keyring.deployment().clone(),
        requested_at: micros(NOON),
        requested_by: kid("zoe"),
        state: keyring.digest(),
    }
}

/// The signature of the approver called `who`.
pub(crate) fn approves(who: &str, request: &Request) -> ApprovalSignature {
    let key = TestKey::new(&format!("approver-{who}"));
    ApprovalSignature {
        signer: name(who),
        kid: key.kid.clone(),
        alg: Algorithm::Ed25519,
        signature: key.sign(&request.digest().0),
    }
}

/// `next` approved by `who`, as those who trust `before` need it.
pub(crate) fn signed(before: &Keyring, next: Keyring, who: &[&str]) -> SignedKeyring {
    let content = Wanted::Keyring {
        keyring: next.digest(),
        serial: next.serial(),
    };
    let mut approval = Approval::new(request(before, content), before.approvers().threshold());
    for who in who {
        let signature = approves(who, approval.request());
        let expected = Expected::of(before, micros(NOON + 1));
        approval.add(signature, &expected).unwrap();
    }
    SignedKeyring {
        keyring: next,
        approval,
        revocations: Vec::new(),
    }
}

/// Every change of one byte of `bytes`: each bit by itself, and all bits at once.
pub(crate) fn mutations(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    let masks = (0..8).map(|bit| 1u8 << bit).chain([0xff]);
    (0..bytes.len()).flat_map(move |at| {
        masks.clone().map(move |mask| {
            let mut changed = bytes.to_vec();
            changed[at] ^= mask;
            (at, changed)
        })
    })
}

mod tests;
