//! Checkpoints: the size and root of a book's log as a signed note that foreign tools read.
//! <https://c2sp.org/tlog-checkpoint>
//!
//! The name of the key in the note is the log's origin. Notes may carry signatures of others, such
//! as witnesses; one of a known key must verify, and one of a known key that does not spoils all.

mod note;
mod origin;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use std::fmt;

use ledger::Digest;

use crate::base64;
use crate::key::{PublicKey, Signature, Usage};
use crate::keyring::{KeyEntry, Keyring, State};

pub use note::{
    NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, NoteError, NoteKeyId, NoteSignature, SignedNote,
    note_key_id,
};
pub use origin::LogOrigin;

/// The size and root of a book's log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Which log.
    pub origin: LogOrigin,
    /// Leaves.
    pub size: u64,
    /// Root of the tree of so many leaves.
    pub root: Digest,
}

/// Why a checkpoint is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckpointError {
    /// It is no signed note.
    Note(NoteError),
    /// The signed text is not origin, size and root.
    Text,
    /// The log belongs to another deployment or environment than the keyring.
    Origin,
    /// No signature is by a key that may sign checkpoints of this log.
    NoKnownKey,
    /// A signature by a known key does not verify.
    BadSignature,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => error.fmt(f),
            Self::Text => f.write_str("the signed text is not origin, size and root"),
            Self::Origin => {
                f.write_str("the log belongs to another deployment or environment than the keyring")
            }
            Self::NoKnownKey => f.write_str(
                "no signature is by a key that may sign checkpoints of this log: is it the right \
                 keyring",
            ),
            Self::BadSignature => f.write_str("the signature of a known key does not verify"),
        }
    }
}

impl std::error::Error for CheckpointError {}

impl From<NoteError> for CheckpointError {
    fn from(error: NoteError) -> Self {
        Self::Note(error)
    }
}

impl Checkpoint {
    /// The text that is signed: origin, size and root, a line each. For Ed25519 the text is the
    /// message, for RSA its SHA-256 is.
    pub fn text(&self) -> String {
        let root = base64::encode(&self.root.0);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// The signed note, once `key` has signed [`Checkpoint::text`].
    pub fn note(&self, key: &PublicKey, signature: &Signature) -> String {
        let name = self.origin.to_string();
        let line = NoteSignature {
            name: &name,
            id: note_key_id(&name, key),
            signature: signature.as_bytes().to_vec(),
        };
        let mut note = self.text();
        note.push('\n');
        line.write(&mut note);
        note
    }

    /// Reads the signed text of a note.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let checkpoint = Self {
            origin: LogOrigin::parse(lines.next()?)?,
            size: text::number(lines.next()?)?,
            root: text::digest(lines.next()?)?,
        };
        lines.next().is_none().then_some(checkpoint)
    }

    /// Reads a signed note without checking its signatures: for showing what it claims.
    ///
    /// # Errors
    /// It is no checkpoint.
    pub fn claimed(note: &str) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(note)?;
        Self::parse(note.text).ok_or(CheckpointError::Text)
    }

    /// The checkpoint of a signed note, whose signature by a key of `keyring` verifies.
    ///
    /// # Errors
    /// It is no checkpoint of the keyring's deployment and environment, no key of the keyring
    /// signed it, or the signature of one does not verify.
    pub fn verify(note: &str, keyring: &Keyring) -> Result<Self, CheckpointError> {
        let keys = unchained_keys(keyring, Usage::Checkpoint).map(|key| &key.public_key);
        let checkpoint = Self::verify_by(note, keys)?;
        let origin = &checkpoint.origin.origin;
        let (deployment, environment) = (keyring.deployment(), keyring.environment());
        if origin.deployment == *deployment && origin.environment == *environment {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::Origin)
        }
    }

    /// The checkpoint of a signed note, whose signature by one of `keys` verifies: for those who
    /// have a key and no keyring. Whether the log is the right one is theirs to say.
    ///
    /// # Errors
    /// It is no checkpoint, none of the keys signed it, or the signature of one does not verify.
    pub fn verify_by<'k>(
        note: &str,
        keys: impl IntoIterator<Item = &'k PublicKey>,
    ) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(note)?;
        let checkpoint = Self::parse(note.text).ok_or(CheckpointError::Text)?;
        let name = checkpoint.origin.to_string();
        let mut is_signed = false;
        for key in keys {
            let id = note_key_id(&name, key);
            let by_key = |line: &&NoteSignature<'_>| line.name == name && line.id == id;
            for line in note.signatures.iter().filter(by_key) {
                let text = note.text.as_bytes();
                Signature::new(line.signature.clone())
                    .and_then(|signature| key.verify_note(text, &signature).ok())
                    .ok_or(CheckpointError::BadSignature)?;
                is_signed = true;
            }
        }
        if is_signed {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::NoKnownKey)
        }
    }
}

/// The keys whose signatures of `usage` count outside the chain, where nothing says when they were
/// made: no candidates, and none that are revoked.
pub(crate) fn unchained_keys(keyring: &Keyring, usage: Usage) -> impl Iterator<Item = &KeyEntry> {
    let counts = |state| matches!(state, State::Active | State::Retiring | State::Retired);
    keyring
        .keys()
        .filter(move |key| key.usage == usage && counts(key.state))
}
