//! A deployment in memory: a ledger whose books move, a simulated disk for the audit log, a clock
//! set by hand, and signers that do what the test says.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::batch::Origin as Asker;
use ledger::event::BookChange;
use ledger::ledger::Context;
use ledger::snapshot::Heads;
use ledger::{BookId, Digest, Ledger, Nanos, TenantId};
use signing::batch::BatchLimits;
use signing::{LocalDev, Signer, SignerConfig};
use store::audit::{AuditLog, AuditOptions};
use store::disk::SimDisk;
use store::memory::Memory;
use store::{Cycle, Journal};
use verify::approval::{Approval, ApprovalSignature, Content, Expected, Nonce, Request};
use verify::chain::Start;
use verify::keyring::{NewKey, SignedKeyring};
use verify::row::AuditRow;
use verify::{
    Approver, ApproverSet, ChainHead, ChainVerifier, Keyring, Kid, Micros, Name, PublicKey, Usage,
};

use crate::directory::Directory;
use crate::moved::events;
use crate::prover::NoteKeys;
use crate::seal_window::{SealWindow, SealWindowLimits};
use crate::signer::anchor::Anchor;
use crate::signer::chain::{Answer, Ask, Chain};
use crate::signer::emergency::Emergency;
use crate::signer::positions::Positions;
use crate::signer::start::{Ground, Known, SealStartError, Sealing};

pub(super) const SECOND: u64 = 1_000_000_000;
const BEGIN: u64 = 1_700_000_000 * SECOND;
const OPTIONS: AuditOptions = AuditOptions {
    segment_bytes: 64 << 10,
};

pub(super) fn kid(text: &str) -> Kid {
    Kid::new(text).expect("a key id")
}

pub(super) fn name(text: &str) -> Name {
    Name::new(text).expect("a name")
}

/// The key that `seed` stands for.
pub(super) fn public(seed: u8) -> PublicKey {
    let key = LocalDev::from_seed([seed; 32]);
    PublicKey::from_ed25519(&key.public_bytes()).expect("a key")
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(future)
}

pub(super) fn signer(kid_text: &str, seed: u8) -> Arc<Signer> {
    let config = SignerConfig::LocalDev(LocalDev::from_seed([seed; 32]));
    let signer = block_on(Signer::connect(&config, kid(kid_text), public(seed)));
    Arc::new(signer.expect("a development key connects"))
}

/// Everything that outlives a process.
pub(super) struct World {
    pub(super) disk: SimDisk,
    pub(super) journal: Memory,
    pub(super) ledger: Ledger,
    pub(super) heads: Heads,
    pub(super) now: Nanos,
    pub(super) cycle: u64,
    pub(super) keyring: SignedKeyring,
    pub(super) known: Vec<Known>,
    pub(super) recovery: Option<Approval>,
    pub(super) emergency: Option<Emergency>,
    pub(super) window: SealWindowLimits,
    /// Digests that each key was asked to sign, by epoch and sequence: an equivocation shows here.
    pub(super) signed: BTreeMap<(Kid, u64, u64), Digest>,
    pub(super) signers: Vec<Arc<Signer>>,
}

impl World {
    /// A deployment with seal keys `seal-1` and `seal-2`, of which the first is active, and one
    /// approver who must sign.
    pub(super) fn new(seed: u64) -> Self {
        let mut world = Self {
            disk: SimDisk::new(seed),
            journal: Memory::new(),
            ledger: Ledger::new([1, 2]),
            heads: Heads::new(),
            now: Nanos(BEGIN),
            cycle: 0,
            keyring: keyring(),
            known: Vec::new(),
            recovery: None,
            emergency: None,
            window: SealWindowLimits::default(),
            signed: BTreeMap::new(),
            signers: vec![signer("seal-1", 1), signer("seal-2", 2)],
        };
        let ctx = world.context();
        world.ledger.create_tenant(&ctx, TenantId(1), "acme");
        for book in [7, 3, 5] {
            world.create_book(book);
        }
        world
    }

    pub(super) fn create_book(&mut self, book: u32) {
        let ctx = self.context();
        let name = format!("book-{book}");
        let code = self
            .ledger
            .create_book(&ctx, BookId(book), TenantId(1), &name, false);
        assert_eq!(code, ledger::Code::Created);
    }

    fn context(&self) -> Context {
        Context {
            now: self.now,
            origin: Asker::daemon(),
        }
    }

    pub(super) fn pass(&mut self, millis: u64) {
        self.now = Nanos(self.now.0 + millis * 1_000_000);
    }

    /// One event in each of the books becomes durable, and the chain is told of it.
    pub(super) fn post(&mut self, books: &[u32], chain: &Chain) {
        for book in books {
            let ctx = self.context();
            let lock = Nanos(self.ledger.book(BookId(*book)).unwrap().next_seq().0 + 1);
            let code = self
                .ledger
                .change_book(&ctx, BookId(*book), BookChange::Locked, 1, lock);
            assert_eq!(code, ledger::Code::Created);
        }
        let cycle = self.close();
        chain.window.committed(events(&cycle), self.now);
        chain.moved.note(&cycle);
    }

    /// Makes what the ledger decided durable.
    fn close(&mut self) -> Cycle {
        self.cycle += 1;
        let mut blocks = Vec::new();
        for (book, open) in self.ledger.close_blocks() {
            let block = self.heads.entry(book).or_default().seal(book, open);
            blocks.push(Arc::new(block.unwrap()));
        }
        let cycle = Cycle {
            number: self.cycle,
            blocks,
        };
        self.journal.append(&cycle).unwrap();
        cycle
    }

    /// A process starts.
    pub(super) fn start(&self) -> Result<Chain, SealStartError> {
        let disk = Arc::new(self.disk.clone());
        let (log, found) = AuditLog::open(disk, OPTIONS, [9; 32]).map_err(SealStartError::Audit)?;
        let sealing = Sealing {
            log,
            found,
            deployment: name("ledger"),
            environment: name("test"),
            signers: self.signers.clone(),
            notes: NoteKeys::default(),
            keyring: self.keyring.clone(),
            anchor: Anchor::Signer,
            known: self.known.clone(),
            recovery: self.recovery.clone(),
            emergency: self.emergency.clone(),
            batch: BatchLimits::default(),
            window: self.window,
            policy_set: Digest::of(b"policies"),
            salts: [[1; 16], [2; 16]],
        };
        let reader = self.journal.reader();
        let ground = Ground {
            reader: &reader,
            heads: &self.heads,
            last_cycle: self.cycle,
            positions: Positions::new(Directory::of(self.ledger.registry())),
        };
        Chain::start(sealing, ground, self.now)
    }

    /// Has a question answered as its signer does.
    pub(super) fn sign(&mut self, ask: Ask) -> Answer {
        let payload = ask.intent.payload();
        let kid = payload.signer_kid.clone();
        let place = (kid, payload.origin.epoch, payload.seq);
        let digest = ask.intent.digest();
        // INVARIANT: a key has one digest for a place of the chain, for ever.
        let first = *self.signed.entry(place.clone()).or_insert(digest);
        assert_eq!(first, digest, "two digests for row {place:?}");
        block_on(ask.answer())
    }

    /// Takes steps, and has everything signed, until nothing is left to be done.
    pub(super) fn settle(&mut self, chain: &mut Chain) {
        for _ in 0..100 {
            chain.sealed.want();
            let step = chain.step(self.now).unwrap();
            for ask in step.asks {
                let answer = self.sign(ask);
                chain.answered(answer, self.now).unwrap();
            }
            if chain.flights.is_empty() && chain.moved.events() == 0 {
                return;
            }
            self.pass(100);
        }
        panic!("the chain does not settle");
    }

    /// Every published row, verified as an auditor would.
    pub(super) fn verify(&self, chain: &Chain, keyring: &Keyring) -> Vec<AuditRow> {
        let rows = chain.log.reader().rows(1, 10_000).unwrap();
        let mut verifier = ChainVerifier::new(keyring, Start::Genesis, None);
        for row in &rows {
            verifier.push(row).unwrap();
        }
        let last = rows.last().map_or(ChainHead::NONE, AuditRow::head);
        assert_eq!(verifier.head(), last);
        rows
    }

    /// The window of a chain.
    pub(super) fn is_full(&self, window: &SealWindow) -> bool {
        window.is_full(self.now)
    }

    /// An approval that the one approver signed.
    pub(super) fn approve(&self, content: Content, keyring: &Keyring, nonce: u8) -> Approval {
        approve(content, keyring, micros(self.now), nonce)
    }
}

pub(super) fn micros(now: Nanos) -> Micros {
    Micros::new(now.0 / 1_000).unwrap()
}

pub(super) fn request(content: Content, keyring: &Keyring, now: Micros, nonce: u8) -> Request {
    Request {
        content,
        environment: name("test"),
        expires_at: Micros::new(now.get() + 3_600_000_000).unwrap(),
        nonce: Nonce([nonce; 16]),
        origin: name("ledger"),
        requested_at: now,
        requested_by: kid("olga"),
        state: keyring.digest(),
    }
}

pub(super) fn sign_request(request: &Request) -> ApprovalSignature {
    let key = signer("approver-1", 3);
    let signature = block_on(key.sign_canonical(&request.encode())).unwrap();
    ApprovalSignature {
        signer: name("anna"),
        kid: kid("approver-1"),
        alg: key.algorithm(),
        signature,
    }
}

fn approve(content: Content, keyring: &Keyring, now: Micros, nonce: u8) -> Approval {
    let request = request(content, keyring, now, nonce);
    let signature = sign_request(&request);
    let mut approval = Approval::new(request, 1);
    approval
        .add(signature, &Expected::of(keyring, now))
        .unwrap();
    approval
}

fn keyring() -> SignedKeyring {
    let approver = Approver {
        kid: kid("approver-1"),
        name: name("anna"),
        public_key: public(3),
    };
    let approvers = ApproverSet::new(vec![approver], 1).unwrap();
    let empty = Keyring::new(name("ledger"), name("test"), approvers);
    let at = micros(Nanos(BEGIN));
    let key = |kid_text: &str, seed| NewKey {
        kid: kid(kid_text),
        public_key: public(seed),
        usage: Usage::Seal,
        deployed_at: at,
    };
    let keyring = empty.with_key(key("seal-1", 1)).unwrap();
    let keyring = keyring.with_promoted(&kid("seal-1"), 1).unwrap();
    let policy = NewKey {
        usage: Usage::Policy,
        ..key("policy-1", 14)
    };
    let keyring = keyring.with_key(policy).unwrap();
    let keyring = keyring.with_promoted(&kid("policy-1"), 1).unwrap();
    let content = Content::Keyring {
        keyring: keyring.digest(),
        serial: keyring.serial(),
    };
    SignedKeyring {
        approval: approve(content, &empty, at, 0),
        keyring,
        revocations: Vec::new(),
    }
}
