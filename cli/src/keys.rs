//! The keys of a deployment, as its daemon says they stand.

use client::ClientError;
use ledger::Digest;
use verify::{ChainHead, Keyring, Kid, SignedKeyring};
use wire::message::KeyringRequest;

use crate::fault::Fault;
use crate::session::Session;

/// The keys of a deployment. Nothing here is trusted: it is what the daemon says.
pub(crate) struct Keys {
    /// The file that the approvers signed last, if they have signed any.
    pub(crate) signed: Option<Vec<u8>>,
    /// What holds now.
    pub(crate) current: Keyring,
    /// The list for other tools.
    pub(crate) signers: Vec<u8>,
    /// The last row of the audit chain.
    pub(crate) head: ChainHead,
}

/// Rows before the last one among which a promotion may have been asked for.
const ROWS_BACK: u64 = 1_000_000;

impl Keys {
    /// Asks for them.
    pub(crate) async fn fetch(session: &Session) -> Result<Self, Fault> {
        let found = session.client.keyring(KeyringRequest {}).await?;
        let current = Keyring::decode(&found.current);
        let signed = found.keyring.into_vec();
        Ok(Self {
            signed: (!signed.is_empty()).then_some(signed),
            current: current
                .map_err(|_| ClientError::Unexpected("another thing than a keyring"))?,
            signers: found.signers.into_vec(),
            head: ChainHead {
                seq: found.head_seq,
                digest: found.head_digest,
            },
        })
    }

    /// Those of a keyring in a file, where no row of a chain is known.
    pub(crate) fn in_file(current: Keyring) -> Self {
        Self {
            signed: None,
            current,
            signers: Vec::new(),
            head: ChainHead::NONE,
        }
    }

    /// The approved keyring.
    pub(crate) fn signed(&self) -> Option<SignedKeyring> {
        SignedKeyring::decode(self.signed.as_deref()?).ok()
    }

    /// The row from which on `kid` may sign in the keyring that has this digest: the request names
    /// the digest alone, and was made at some row up to now.
    pub(crate) fn promoted_from(&self, kid: &Kid, digest: Digest) -> Option<u64> {
        let last = self.head.seq + 1;
        (last.saturating_sub(ROWS_BACK).max(1)..=last)
            .rev()
            .find(|row| {
                let next = self.current.with_promoted(kid, *row);
                next.is_ok_and(|next| next.digest() == digest)
            })
    }
}
