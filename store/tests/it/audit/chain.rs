//! Makes rows such as a signer makes: each continues the last.

use ledger::Digest;
use store::audit::{AuditLog, AuditState, Body, Intent};
use verify::key::{Algorithm, Kid, Signature};
use verify::payload::{Action, Content, Origin, Payload, Seal, Trace};
use verify::row::AuditRow;
use verify::{ChainHead, Micros, Name};

/// What the next row continues.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) last: ChainHead,
    pub(crate) lease: u64,
    pub(crate) now: u64,
}

impl Chain {
    /// The chain of a log that was just opened.
    pub(crate) fn of(state: &AuditState) -> Self {
        let mut chain = Self {
            last: ChainHead::NONE,
            lease: state.lease,
            now: 1_764_000_000_000_000,
        };
        if let Some(last) = &state.last {
            chain.last = last.row.head();
            chain.now = last.row.created_at().get();
        }
        if let Some(intent) = state.unpublished.last() {
            chain.last = head(intent);
            chain.now = intent.payload().ts.get();
        }
        chain
    }

    /// The next seal, which covers so many cycles.
    pub(crate) fn seal(&mut self, covered_cycle: u64) -> Intent {
        let seal = Seal {
            books: 3,
            heads_root: Digest::of(&self.now.to_le_bytes()),
            policy_set: Digest::ZERO,
        };
        self.next(Content::Seal(seal), None, covered_cycle)
    }

    /// The next row of an operator, with a body of so many bytes.
    pub(crate) fn action(&mut self, bytes: usize) -> Intent {
        let body = body(self.last.seq, bytes);
        let content = Content::Action {
            action: Action::Operator,
            body: body.commitment(),
        };
        self.next(content, Some(body), 0)
    }

    /// The row that revokes a key and trusts what is up to `trusted`.
    pub(crate) fn revocation(&mut self, trusted: ChainHead) -> Intent {
        let body = body(trusted.seq, 100);
        let content = Content::KeyRevoked {
            body: body.commitment(),
            kid: Kid::new("seal-0").unwrap(),
            trusted,
        };
        self.last = trusted;
        self.next(content, Some(body), 0)
    }

    fn next(&mut self, content: Content, body: Option<Body>, covered_cycle: u64) -> Intent {
        self.now += 7;
        let payload = Payload {
            alg: Algorithm::Ed25519,
            content,
            lease: self.lease,
            origin: Origin {
                deployment: Name::new("bank").unwrap(),
                environment: Name::new("test").unwrap(),
                epoch: 1,
            },
            prev: (self.last.seq > 0).then_some(self.last.digest),
            seq: self.last.seq + 1,
            signer_kid: Kid::new("seal-1").unwrap(),
            trace: Trace([1; 16]),
            ts: Micros::new(self.now).unwrap(),
        };
        let heads = vec![9; covered_cycle as usize % 3_000];
        let canonical = payload.canonical().unwrap();
        let intent = Intent::new(canonical, body, covered_cycle, heads).unwrap();
        self.last = head(&intent);
        intent
    }
}

fn body(seed: u64, bytes: usize) -> Body {
    Body {
        salt: [seed as u8 | 1; 16],
        bytes: vec![b'x'; bytes],
    }
}

pub(crate) fn head(intent: &Intent) -> ChainHead {
    ChainHead {
        seq: intent.seq(),
        digest: intent.digest(),
    }
}

/// The row of an intent, with a signature that stands for one: the log takes any.
pub(crate) fn row(intent: &Intent) -> AuditRow {
    let bytes = [intent.digest().0, intent.digest().0].concat();
    AuditRow::new(intent.canonical().to_vec(), Signature::new(bytes).unwrap()).unwrap()
}

/// Persists and publishes.
pub(crate) fn add(log: &mut AuditLog, intent: &Intent) -> AuditRow {
    log.persist_intent(intent).unwrap();
    let row = row(intent);
    log.publish(&row).unwrap();
    row
}
