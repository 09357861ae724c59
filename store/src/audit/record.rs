//! Records: what a segment is made of. `docs/formats/audit.md` has the layout.

use ledger::Digest;
use ledger::fields::{DecodeError, Reader, Write};
use verify::Signature;

use super::error::AuditFault;
use super::intent::{Body, Intent};
pub(super) use crate::embedded::frame::{PADDING, SECTOR, has_unwritten_sector, is_zero};

/// Bytes of a record's head.
pub(super) const HEAD_BYTES: usize = 4 + 1 + 1 + 2 + 8 + 8 + 4 + 4 + 4;
/// Bytes of the head that its crc covers.
const COVERED: usize = HEAD_BYTES - 4;
const MAGIC: [u8; 4] = *b"LGRA";
const VERSION: u8 = 1;

const _: () = assert!(
    HEAD_BYTES <= SECTOR,
    "a head is written whole or not at all"
);

/// What a record is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The secret that salts are drawn from: the first record.
    Secret = 1,
    /// The log was opened to be written; the subject is the epoch.
    Lease = 2,
    /// A segment begins; the subject is its length.
    Segment = 3,
    /// What is to be signed as the row of this sequence.
    Intent = 4,
    /// The signature of the row of this sequence.
    Row = 5,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Secret,
        Self::Lease,
        Self::Segment,
        Self::Intent,
        Self::Row,
    ];

    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// The head of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head {
    pub(super) kind: Kind,
    /// Dense from 1 over all segments.
    pub(super) number: u64,
    /// Sequence of the row, or what the kind says.
    pub(super) subject: u64,
    /// Bytes of the body.
    pub(super) bytes: u32,
    crc: u32,
}

impl Head {
    /// Bytes of the whole record, padding included.
    pub(super) fn extent(&self) -> u64 {
        extent_of(self.bytes as usize)
    }

    /// Reads the head at the start of `bytes`.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, AuditFault> {
        let head = bytes.get(..HEAD_BYTES).ok_or(AuditFault::Short)?;
        if bytes.get(..SECTOR).unwrap_or(head).iter().all(|b| *b == 0) {
            return Err(AuditFault::Unwritten);
        }
        let mut r = Reader::new(head);
        if r.array::<4>()? != MAGIC {
            return Err(AuditFault::Magic);
        }
        let covered = head.get(..COVERED).unwrap_or_default();
        let (version, kind, reserved) = (r.u8()?, r.u8()?, r.u16()?);
        let (number, subject, bytes) = (r.u64()?, r.u64()?, r.u32()?);
        let (crc, head_crc) = (r.u32()?, r.u32()?);
        if crc32fast::hash(covered) != head_crc {
            return Err(AuditFault::HeadCrc);
        }
        if version != VERSION {
            return Err(AuditFault::Version(version));
        }
        if reserved != 0 {
            return Err(DecodeError::BadField("reserved").into());
        }
        let kind = Kind::from_byte(kind).ok_or(DecodeError::UnknownKind(kind))?;
        Ok(Self {
            kind,
            number,
            subject,
            bytes,
            crc,
        })
    }
}

fn extent_of(body: usize) -> u64 {
    ((HEAD_BYTES + body) as u64).next_multiple_of(SECTOR as u64)
}

/// Reads the record at the start of `bytes`, which may go on behind it; every byte is checked.
pub(super) fn decode(bytes: &[u8]) -> Result<(Head, &[u8]), AuditFault> {
    let head = Head::decode(bytes)?;
    let extent = usize::try_from(head.extent()).ok();
    let record = extent.and_then(|extent| bytes.get(..extent));
    let record = record.ok_or(AuditFault::Short)?;
    if has_unwritten_sector(record) {
        return Err(AuditFault::Torn);
    }
    let body_end = HEAD_BYTES + head.bytes as usize;
    let (body, padding) = (
        record.get(HEAD_BYTES..body_end).unwrap_or_default(),
        record.get(body_end..).unwrap_or_default(),
    );
    if crc32fast::hash(body) != head.crc {
        return Err(AuditFault::BodyCrc);
    }
    if padding.iter().any(|byte| *byte != PADDING) {
        return Err(AuditFault::Padding);
    }
    Ok((head, body))
}

/// A whole record, ready to be written. `None` if it would hold a sector of zeros, or too much.
pub(super) fn encode(kind: Kind, number: u64, subject: u64, body: &[u8]) -> Option<Vec<u8>> {
    let bytes = u32::try_from(body.len()).ok()?;
    let extent = usize::try_from(extent_of(body.len())).ok()?;
    let mut out = Vec::with_capacity(extent);
    out.put(&MAGIC);
    out.put_u8(VERSION);
    out.put_u8(kind as u8);
    out.put_u16(0);
    out.put_u64(number);
    out.put_u64(subject);
    out.put_u32(bytes);
    out.put_u32(crc32fast::hash(body));
    let crc = crc32fast::hash(&out);
    out.put_u32(crc);
    out.put(body);
    out.resize(extent, PADDING);
    // A sector of zeros stands for one that was never written.
    (!has_unwritten_sector(&out)).then_some(out)
}

/// What of an intent can be had without reading its payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct IntentHead {
    /// The last sequence that the row takes back; 0 if it takes none back.
    pub(super) abandons: u64,
    /// Digest before; zero in the first row.
    pub(super) prev: Digest,
    pub(super) digest: Digest,
    pub(super) has_body: bool,
}

/// The body of an intent's record.
pub(super) fn encode_intent(intent: &Intent, abandons: u64) -> Vec<u8> {
    let body = intent.body();
    let canonical = intent.canonical();
    let body_len = body.map_or(0, |body| body.bytes.len());
    let mut out = Vec::with_capacity(128 + canonical.len() + body_len + intent.heads().len());
    out.put_u64(abandons);
    out.put_u64(intent.covered_cycle());
    out.put(&intent.prev().unwrap_or(Digest::ZERO).0);
    out.put(&intent.digest().0);
    out.put_u8(u8::from(body.is_some()));
    out.put_u32(canonical.len() as u32);
    out.put(canonical);
    if let Some(body) = body {
        out.put(&body.salt);
        out.put_u32(body.bytes.len() as u32);
        out.put(&body.bytes);
    }
    out.put(intent.heads());
    out
}

/// An intent's record, in pieces.
pub(super) struct IntentParts<'a> {
    pub(super) head: IntentHead,
    pub(super) covered_cycle: u64,
    pub(super) canonical: &'a [u8],
    pub(super) body: Option<([u8; 16], &'a [u8])>,
    pub(super) heads: &'a [u8],
}

/// Reads the body of an intent's record.
pub(super) fn decode_intent(body: &[u8]) -> Result<IntentParts<'_>, DecodeError> {
    let mut r = Reader::new(body);
    let (abandons, covered_cycle) = (r.u64()?, r.u64()?);
    let (prev, digest) = (Digest(r.array()?), Digest(r.array()?));
    let has_body = match r.u8()? {
        0 => false,
        1 => true,
        _ => return Err(DecodeError::BadField("body")),
    };
    let len = r.u32()?;
    let canonical = r.take(len as usize)?;
    let body = if has_body {
        let salt = r.array()?;
        let len = r.u32()?;
        Some((salt, r.take(len as usize)?))
    } else {
        None
    };
    Ok(IntentParts {
        head: IntentHead {
            abandons,
            prev,
            digest,
            has_body,
        },
        covered_cycle,
        canonical,
        body,
        heads: r.rest(),
    })
}

impl IntentParts<'_> {
    /// What the row is about, unless it is a seal.
    pub(super) fn body(&self) -> Option<Body> {
        self.body.map(|(salt, bytes)| Body {
            salt,
            bytes: bytes.to_vec(),
        })
    }

    /// The intent.
    pub(super) fn intent(&self) -> Result<Intent, AuditFault> {
        let intent = Intent::new(
            self.canonical.to_vec(),
            self.body(),
            self.covered_cycle,
            self.heads.to_vec(),
        );
        intent.map_err(AuditFault::Row)
    }
}

/// The body of a row's record.
pub(super) fn encode_row(digest: &Digest, signature: &Signature) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 + signature.as_bytes().len());
    out.put(&digest.0);
    out.put(signature.as_bytes());
    out
}

/// Reads the body of a row's record.
pub(super) fn decode_row(body: &[u8]) -> Result<(Digest, &[u8]), DecodeError> {
    let mut r = Reader::new(body);
    Ok((Digest(r.array()?), r.rest()))
}
