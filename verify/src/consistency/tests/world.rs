//! A small deployment with keys made at run time: a book with events, seals and a keyring.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use ed25519_dalek::{Signer as _, SigningKey};
use ledger::account::AccountSettings;
use ledger::event::transfer::Commitments;
use ledger::event::{AccountChanged, AccountCreated, HoldExpired, TransferPosted};
use ledger::proof::{self, MemoryTree};
use ledger::{AccountId, AssetId, BookId, Code, Digest, Event, Height, Nanos, Seq, merkle};
use ledger::{TransferFlags, TransferId};

use crate::approver::{Approver, ApproverSet};
use crate::checkpoint::{Checkpoint, LogOrigin};
use crate::head::HeadLeaf;
use crate::key::{Algorithm, Kid, PublicKey, Signature, Usage};
use crate::keyring::{Keyring, NewKey};
use crate::name::Name;
use crate::payload::{self, Content, Origin, Payload, Seal, Trace};
use crate::row::AuditRow;
use crate::sealed_head::SealedHead;
use crate::time::Micros;

pub(crate) struct TestKey {
    secret: SigningKey,
    pub(crate) kid: Kid,
    pub(crate) public: PublicKey,
}

impl TestKey {
    pub(crate) fn new(kid: &str) -> Self {
        let mut seed = [0; 32];
        for part in seed.chunks_exact_mut(8) {
            let random = RandomState::new().build_hasher().finish();
            part.copy_from_slice(&random.to_le_bytes());
        }
        let secret = SigningKey::from_bytes(&seed);
        let public = PublicKey::from_ed25519(&secret.verifying_key().to_bytes()).unwrap();
        Self {
            secret,
            kid: Kid::new(kid).unwrap(),
            public,
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        Signature::new(self.secret.sign(message).to_bytes().to_vec()).unwrap()
    }
}

pub(crate) struct World {
    pub(crate) seal: TestKey,
    pub(crate) checkpoint: TestKey,
    pub(crate) bundle: TestKey,
    pub(crate) keyring: Keyring,
    pub(crate) book: BookId,
    pub(crate) records: Vec<Vec<u8>>,
    pub(crate) tree: MemoryTree,
}

/// When the first event was posted; each later one a second after the one before.
pub(crate) const START: u64 = 1_780_272_000_000_000_000;
pub(crate) const SECOND: u64 = 1_000_000_000;

impl World {
    pub(crate) fn new(events: u64) -> Self {
        let [seal, checkpoint, bundle] = ["seal-1", "checkpoint-1", "bundle-1"].map(TestKey::new);
        let keyring = keyring(&[
            (&seal, Usage::Seal),
            (&checkpoint, Usage::Checkpoint),
            (&bundle, Usage::Bundle),
        ]);
        let records = records(events);
        let tree = records.iter().map(|record| merkle::leaf(record)).collect();
        Self {
            seal,
            checkpoint,
            bundle,
            keyring,
            book: BookId(7),
            records,
            tree,
        }
    }

    /// The records from `lo` to before `hi`, one after the other.
    pub(crate) fn bytes(&self, lo: usize, hi: usize) -> Vec<u8> {
        self.records[lo..hi].concat()
    }

    pub(crate) fn root(&mut self, size: u64) -> Digest {
        proof::root(&mut self.tree, size).unwrap()
    }

    pub(crate) fn head(&mut self, size: u64) -> HeadLeaf {
        HeadLeaf {
            salt: [9; 16],
            book: self.book,
            size,
            height: Height(size / 4),
            root: self.root(size),
            block_hash: Digest::of(b"block"),
        }
    }

    /// The head at `size`, sealed by row `size` + 2 as the second of three.
    pub(crate) fn sealed(&mut self, size: u64) -> SealedHead {
        let head = self.head(size);
        self.sealed_head(head)
    }

    pub(crate) fn sealed_head(&self, head: HeadLeaf) -> SealedHead {
        let leaves = [Digest::of(b"a"), head.hash(), Digest::of(b"c")];
        let mut heads: MemoryTree = leaves.into_iter().collect();
        let content = Content::Seal(Seal {
            books: 3,
            heads_root: proof::root(&mut heads, 3).unwrap(),
            policy_set: Digest::of(b"policies"),
        });
        SealedHead {
            head,
            position: 1,
            path: proof::inclusion(&mut heads, 1, 3).unwrap(),
            row: row(&self.seal, content, head.size + 2),
        }
    }

    pub(crate) fn note(&mut self, size: u64) -> String {
        let checkpoint = Checkpoint {
            origin: LogOrigin {
                origin: origin(),
                book: self.book,
            },
            size,
            root: self.root(size),
        };
        let signature = self.checkpoint.sign(checkpoint.text().as_bytes());
        checkpoint.note(&self.checkpoint.public, &signature)
    }
}

pub(crate) fn origin() -> Origin {
    Origin {
        deployment: Name::new("ledger.example.com").unwrap(),
        environment: Name::new("production").unwrap(),
        epoch: 1,
    }
}

pub(crate) fn keyring(keys: &[(&TestKey, Usage)]) -> Keyring {
    let approver = Approver {
        kid: Kid::new("approver-1").unwrap(),
        name: Name::new("alice").unwrap(),
        public_key: TestKey::new("approver-1").public,
    };
    let Origin {
        deployment,
        environment,
        ..
    } = origin();
    let approvers = ApproverSet::new(vec![approver], 1).unwrap();
    let mut keyring = Keyring::new(deployment, environment, approvers);
    for (key, usage) in keys {
        let new = NewKey {
            kid: key.kid.clone(),
            public_key: key.public.clone(),
            usage: *usage,
            deployed_at: Micros::new(0).unwrap(),
        };
        keyring = keyring.with_key(new).unwrap();
        keyring = keyring.with_promoted(&key.kid, 1).unwrap();
    }
    keyring
}

pub(crate) fn row(key: &TestKey, content: Content, seq: u64) -> AuditRow {
    let payload = Payload {
        alg: Algorithm::Ed25519,
        content,
        lease: 1,
        origin: origin(),
        prev: Some(Digest::of(b"before")),
        seq,
        signer_kid: key.kid.clone(),
        trace: Trace([7; 16]),
        ts: Micros::new(1_780_272_000_000_000 + seq).unwrap(),
    };
    let canonical = payload.canonical().unwrap();
    let digest = payload::digest(&canonical, payload.prev.as_ref());
    AuditRow::new(canonical, key.sign(&digest.0)).unwrap()
}

/// Every way to flip one bit that `masks` name, one byte less, and one more.
pub(crate) fn mutations<'a>(
    bytes: &'a [u8],
    masks: &'a [u8],
) -> impl Iterator<Item = Vec<u8>> + 'a {
    let flipped = (0..bytes.len()).flat_map(move |at| {
        masks.iter().map(move |mask| {
            let mut bytes = bytes.to_vec();
            bytes[at] ^= mask;
            bytes
        })
    });
    let shorter = bytes[..bytes.len() - 1].to_vec();
    let longer = [bytes, &[0]].concat();
    flipped.chain([shorter, longer])
}

pub(crate) const EVERY_BIT: &[u8] = &[1, 2, 4, 8, 16, 32, 64, 128];
/// For text: another letter, another case, no ASCII.
pub(crate) const OF_TEXT: &[u8] = &[1, 0x20, 0x80];

/// Three accounts, then transfers between them, with a hold, its expiry and a change of settings
/// now and then.
fn records(count: u64) -> Vec<Vec<u8>> {
    let mut seqs: BTreeMap<u128, u64> = BTreeMap::new();
    let mut next = |account: u128| {
        let seq = seqs.entry(account).or_default();
        *seq += 1;
        *seq
    };
    let settings = AccountSettings {
        floor: Some(-5),
        ..AccountSettings::default()
    };
    (0..count)
        .map(|at| {
            let (seq, posted_at) = (Seq(at), Nanos(START + at * SECOND));
            let id = u128::from(at);
            let (debit, credit) = (1 + id % 3, 1 + (id + 1) % 3);
            let event = match at {
                0..3 => Event::AccountCreated(AccountCreated {
                    seq,
                    posted_at,
                    id: AccountId(id + 1),
                    asset: AssetId(1),
                    code: 1,
                    user_data: 0,
                    settings,
                }),
                _ if at % 11 == 0 => Event::AccountChanged(AccountChanged {
                    seq,
                    posted_at,
                    id: AccountId(debit),
                    account_seq: next(debit),
                    settings,
                }),
                _ if at % 7 == 0 => Event::HoldExpired(HoldExpired {
                    seq,
                    posted_at,
                    hold: TransferId(id - 1),
                    debit: AccountId(debit),
                    credit: AccountId(credit),
                    // Never more than was held.
                    released: if at > 20 { 5 } else { 0 },
                    debit_seq: next(debit),
                    credit_seq: next(credit),
                }),
                _ => Event::Transfer(transfer(seq, posted_at, debit, credit, &mut next)),
            };
            let mut record = Vec::new();
            event.encode(&mut record);
            record
        })
        .collect()
}

fn transfer(
    seq: Seq,
    posted_at: Nanos,
    debit: u128,
    credit: u128,
    next: &mut impl FnMut(u128) -> u64,
) -> TransferPosted {
    let is_hold = seq.0.is_multiple_of(5);
    let commitments = Commitments {
        reference: Digest::of(b"reference"),
        metadata: Digest::ZERO,
    };
    TransferPosted {
        flags: if is_hold {
            TransferFlags::HOLD
        } else {
            TransferFlags::NONE
        },
        code: 3,
        result: Code::Created,
        asset: AssetId(1),
        timeout: 0,
        seq,
        posted_at,
        effective_at: posted_at,
        user_data: u64::MAX,
        debit_seq: next(debit),
        credit_seq: next(credit),
        id: TransferId(u128::from(seq.0) + 1),
        debit: AccountId(debit),
        credit: AccountId(credit),
        amount: 100,
        requested: 100,
        released: 0,
        target: TransferId(0),
        commitments: seq.0.is_multiple_of(4).then_some(commitments),
    }
}
