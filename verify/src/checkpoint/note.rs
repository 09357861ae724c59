//! Signed notes: text, an empty line, and lines with signatures over the text.
//! <https://c2sp.org/signed-note>

use std::fmt;

use ledger::Digest;

use crate::PublicKey;
use crate::base64;

/// Longest note, in bytes: sixteen signatures of the largest schemes fit.
pub const NOTE_BYTES_MAX: usize = 131_072;
/// Most lines of signatures.
pub const NOTE_SIGNATURES_MAX: usize = 16;

/// First four bytes of the digest that names a key in a note.
pub type NoteKeyId = [u8; 4];

/// The number of `key` under `name`: the first four bytes of SHA-256 over the name, a line feed,
/// the type of signature and the key.
pub fn note_key_id(name: &str, key: &PublicKey) -> NoteKeyId {
    let spki;
    let (kind, key): (&[u8], &[u8]) = match key.ed25519_bytes() {
        Some(key) => (&[0x01], key),
        // Types without a number of their own go by 0xff and a longer name; this is the one that
        // other logs with RSA keys use.
        None => {
            spki = key.to_spki_der();
            (b"\xffPKIX-RSA-PKCS#1v1.5", &spki)
        }
    };
    let Digest([a, b, c, d, ..]) = Digest::of_parts(&[name.as_bytes(), b"\n", kind, key]);
    [a, b, c, d]
}

/// A note taken apart; no signature is checked yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedNote<'a> {
    /// What is signed, with its last line feed.
    pub text: &'a str,
    /// The signatures, at least one.
    pub signatures: Vec<NoteSignature<'a>>,
}

/// A line with a signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoteSignature<'a> {
    /// Name of the key.
    pub name: &'a str,
    /// Number of the key.
    pub id: NoteKeyId,
    /// The signature.
    pub signature: Vec<u8>,
}

/// Why bytes are no note.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoteError {
    /// It is longer than notes may be.
    TooLong(usize),
    /// It is not text, an empty line and lines of signatures, each with its end.
    Form,
    /// It holds a control character.
    Control,
    /// A line of signatures, counted from 1, is not as such lines are.
    Signature(usize),
    /// It has more signatures than are looked at.
    TooManySignatures,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => {
                write!(f, "a note of `{bytes}` bytes, {NOTE_BYTES_MAX} are allowed")
            }
            Self::Form => f.write_str("not text, an empty line and lines of signatures"),
            Self::Control => f.write_str("a control character in a note"),
            Self::Signature(line) => write!(f, "line `{line}` of the signatures is malformed"),
            Self::TooManySignatures => {
                write!(f, "more than {NOTE_SIGNATURES_MAX} signatures in a note")
            }
        }
    }
}

impl std::error::Error for NoteError {}

impl<'a> SignedNote<'a> {
    /// Takes `note` apart.
    ///
    /// # Errors
    /// It is no note.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong(note.len()));
        }
        if note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(NoteError::Control);
        }
        let (before, after) = note.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let text = note.get(..before.len() + 1).ok_or(NoteError::Form)?;
        let lines = after.strip_suffix('\n').ok_or(NoteError::Form)?;
        let mut signatures = Vec::new();
        for (line, at) in lines.split('\n').zip(1..) {
            if at > NOTE_SIGNATURES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            let signature = NoteSignature::parse(line).ok_or(NoteError::Signature(at))?;
            signatures.push(signature);
        }
        Ok(Self { text, signatures })
    }
}

impl<'a> NoteSignature<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
            return None;
        }
        let bytes = base64::decode(signature)?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        Some(Self {
            name,
            id: *id,
            signature: signature.to_vec(),
        })
    }

    /// Appends the line.
    pub fn write(&self, out: &mut String) {
        let mut bytes = self.id.to_vec();
        bytes.extend_from_slice(&self.signature);
        out.push_str("\u{2014} ");
        out.push_str(self.name);
        out.push(' ');
        out.push_str(&base64::encode(&bytes));
        out.push('\n');
    }
}
