//! How long it takes to make and to verify proofs over a million events, on one core:
//! `cargo run --release -p ledgerd-verify --example speed`.

#![expect(
    clippy::unwrap_used,
    reason = "whoever runs it wants to see why it stops"
)]

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Instant;

use ed25519_dalek::{Signer as _, SigningKey};
use ledger::event::TransferPosted;
use ledger::proof::{self, MemoryTree};
use ledger::{AccountId, AssetId, BookId, Code, Digest, Event, Height, Nanos, Seq, merkle};
use ledger::{TransferFlags, TransferId};
use verify::keyring::NewKey;
use verify::ledger_proof::{row_json, row_record};
use verify::payload::{Content, Origin, Payload, Seal, Trace};
use verify::range::RangeProof;
use verify::statement::StatementProof;
use verify::{Algorithm, Approver, ApproverSet, AuditRow, HeadLeaf, Keyring, Kid, Micros, Name};
use verify::{PublicKey, SealedHead, Signature, Usage};

const EVENTS: u64 = 1_000_000;
const BEFORE: u64 = 12_345;

fn main() {
    let events: Vec<u8> = (0..BEFORE + EVENTS + 99).flat_map(record).collect();
    let records = || ledger::event::Records(&events).map(Result::unwrap);
    let mut tree: MemoryTree = records().map(merkle::leaf).collect();
    let (sealed, keyring) = seal(&mut tree);
    let (lo, hi) = (BEFORE, BEFORE + EVENTS);
    let rows = &events[lo as usize * TransferPosted::BYTES..hi as usize * TransferPosted::BYTES];

    let proof = timed("range: make", 1, || {
        RangeProof::build(&mut tree, lo..hi, sealed.clone()).unwrap()
    });
    println!("range: {} bytes without events", proof.encode().len());
    let verified = timed("range: verify without events", 1, || {
        proof.verify(&keyring).unwrap()
    });
    timed("range: verify events", EVENTS, || {
        let mut verifier = verified.events();
        for chunk in rows.chunks(1 << 20) {
            verifier.push(chunk).unwrap();
        }
        verifier.finish().unwrap();
    });

    let part = rows[..10_000 * TransferPosted::BYTES].to_vec();
    let proof = timed("statement of 10,000: make", 10_000, || {
        StatementProof::build(&mut tree, AccountId(1), part, sealed).unwrap()
    });
    timed("statement of 10,000: verify", 10_000, || {
        proof.verify(&keyring).unwrap()
    });

    let some: Vec<&[u8]> = records().take(100_000).collect();
    let lines: Vec<String> = timed("rows: write", 100_000, || {
        some.iter()
            .map(|record| row_json(record).unwrap())
            .collect()
    });
    timed("rows: read", 100_000, || {
        for line in &lines {
            row_record(line).unwrap();
        }
    });
}

fn timed<T>(what: &str, items: u64, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let made = work();
    let elapsed = started.elapsed();
    let rate = items as f64 / elapsed.as_secs_f64();
    println!("{what}: {elapsed:?}, {rate:.0}/s");
    made
}

fn record(at: u64) -> Vec<u8> {
    let mut record = Vec::with_capacity(TransferPosted::BYTES);
    Event::Transfer(TransferPosted {
        flags: TransferFlags::NONE,
        code: 1,
        result: Code::Created,
        asset: AssetId(1),
        timeout: 0,
        seq: Seq(at),
        posted_at: Nanos(at),
        effective_at: Nanos(at),
        user_data: 0,
        debit_seq: at + 1,
        credit_seq: at + 1,
        id: TransferId(u128::from(at) + 1),
        debit: AccountId(1),
        credit: AccountId(2),
        amount: 100,
        requested: 100,
        released: 0,
        target: TransferId(0),
        commitments: None,
    })
    .encode(&mut record);
    record
}

/// The head of all of `tree`, sealed by a key that was made now.
fn seal(tree: &mut MemoryTree) -> (SealedHead, Keyring) {
    let [seal, approver] = [(); 2].map(|()| secret());
    let public = |key: &SigningKey| PublicKey::from_ed25519(key.verifying_key().as_bytes());
    let name = |text| Name::new(text).unwrap();
    let kid = |text| Kid::new(text).unwrap();
    let approver = Approver {
        kid: kid("approver"),
        name: name("approver"),
        public_key: public(&approver).unwrap(),
    };
    let approvers = ApproverSet::new(vec![approver], 1).unwrap();
    let keyring = Keyring::new(name("example"), name("dev"), approvers)
        .with_key(NewKey {
            kid: kid("seal"),
            public_key: public(&seal).unwrap(),
            usage: Usage::Seal,
            deployed_at: Micros::new(0).unwrap(),
        })
        .unwrap();
    let head = HeadLeaf {
        salt: [0; 16],
        book: BookId(1),
        size: tree.size(),
        height: Height(1),
        root: proof::root(tree, tree.size()).unwrap(),
        block_hash: Digest::ZERO,
    };
    let payload = Payload {
        alg: Algorithm::Ed25519,
        content: Content::Seal(Seal {
            books: 1,
            heads_root: head.hash(),
            policy_set: Digest::ZERO,
        }),
        lease: 1,
        origin: Origin {
            deployment: name("example"),
            environment: name("dev"),
            epoch: 1,
        },
        prev: None,
        seq: 1,
        signer_kid: kid("seal"),
        trace: Trace([1; 16]),
        ts: Micros::new(1).unwrap(),
    };
    let canonical = payload.canonical().unwrap();
    let digest = verify::payload::digest(&canonical, None);
    let signature = Signature::new(seal.sign(&digest.0).to_bytes().to_vec()).unwrap();
    let sealed = SealedHead {
        head,
        position: 0,
        path: Vec::new(),
        row: AuditRow::new(canonical, signature).unwrap(),
    };
    (sealed, keyring.with_promoted(&kid("seal"), 1).unwrap())
}

fn secret() -> SigningKey {
    let mut seed = [0; 32];
    for part in seed.chunks_exact_mut(8) {
        part.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
    }
    SigningKey::from_bytes(&seed)
}
