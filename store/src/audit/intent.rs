//! Intents: rows before they are signed.

use ledger::Digest;
use verify::Kid;
use verify::payload::{self, Content, Payload};
use verify::row::RowError;

/// What an operator's row is about. The row itself holds only a salted commitment to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Body {
    /// Drawn at random.
    pub salt: [u8; 16],
    /// Canonical JSON.
    pub bytes: Vec<u8>,
}

impl Body {
    /// The commitment that stands in the row's payload.
    pub fn commitment(&self) -> Digest {
        payload::body_commitment(&self.salt, &self.bytes)
    }
}

/// A row that is to be signed, with what is kept beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Intent {
    payload: Payload,
    canonical: Vec<u8>,
    digest: Digest,
    body: Option<Body>,
    covered_cycle: u64,
    heads: Vec<u8>,
}

impl Intent {
    /// The intent of the row with these canonical bytes.
    ///
    /// `covered_cycle` is the last cycle of the journal whose heads a seal covers. `heads` is
    /// whatever the maker of a seal wants to find beside it again; it may be empty.
    ///
    /// # Errors
    /// The bytes are no payload.
    pub fn new(
        canonical: Vec<u8>,
        body: Option<Body>,
        covered_cycle: u64,
        heads: Vec<u8>,
    ) -> Result<Self, RowError> {
        let payload = Payload::decode(&canonical)?;
        let digest = payload::digest(&canonical, payload.prev.as_ref());
        Ok(Self {
            payload,
            canonical,
            digest,
            body,
            covered_cycle,
            heads,
        })
    }

    /// What the row says.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The bytes that are hashed and signed.
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// What is signed.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Number of the row.
    pub fn seq(&self) -> u64 {
        self.payload.seq
    }

    /// Digest of the row before; none for row 1.
    pub fn prev(&self) -> Option<Digest> {
        self.payload.prev
    }

    /// The key that is to sign.
    pub fn signer_kid(&self) -> &Kid {
        &self.payload.signer_kid
    }

    /// What the row is about, unless it is a seal.
    pub fn body(&self) -> Option<&Body> {
        self.body.as_ref()
    }

    /// The last cycle whose heads the row covers.
    pub fn covered_cycle(&self) -> u64 {
        self.covered_cycle
    }

    /// What its maker keeps beside it.
    pub fn heads(&self) -> &[u8] {
        &self.heads
    }

    /// Whether the body is the one that the payload commits to.
    pub(super) fn has_its_body(&self) -> bool {
        self.payload.content.body().copied() == self.body.as_ref().map(Body::commitment)
    }

    /// Whether the row revokes a key and takes back everything after the row before it.
    pub(super) fn is_revocation(&self) -> bool {
        match &self.payload.content {
            Content::KeyRevoked { trusted, .. } => {
                trusted.seq + 1 == self.seq()
                    && trusted.digest == self.prev().unwrap_or(Digest::ZERO)
            }
            _ => false,
        }
    }
}
