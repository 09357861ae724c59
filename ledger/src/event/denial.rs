//! The record that policy denied requests, or transfers of them.

use crate::code::Code;
use crate::digest::Digest;
use crate::event::{VERSION, kind};
use crate::fields::{DecodeError, Reader, Write};
use crate::id::{BookId, Nanos, Seq};
use crate::operation::Operation;

/// What was denied, by what, and how often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Denial {
    /// What was asked for.
    pub operation: Operation,
    /// The answer: `denied`, or why there was no verdict.
    pub result: Code,
    /// Number of the rule that denied it; 0 if no rule of a policy did.
    pub rule: u16,
    /// The book that the request named; of the last one, if it stands for several.
    pub book: BookId,
    /// SHA-256 of the SPIFFE ID of who asked.
    pub principal: Digest,
    /// Digest of the request; of the last one, if it stands for several.
    pub request: Digest,
    /// SHA-256 of the policy's component; zeros if no policy was asked.
    pub policy: Digest,
    /// How many requests it stands for, at least 1.
    pub count: u64,
    /// How many of their transfers were denied while the others went on; 0 if the requests were
    /// denied as a whole.
    pub members: u64,
}

/// Requests were denied, or transfers of requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RequestDenied {
    /// Position in the book.
    pub seq: Seq,
    /// When it was decided that it is recorded.
    pub posted_at: Nanos,
    /// What was denied.
    pub denial: Denial,
}

impl RequestDenied {
    /// Bytes of the record.
    pub const BYTES: usize = 2 + 8 + 8 + 1 + 2 + 2 + 4 + 3 * 32 + 8 + 8;

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let denial = &self.denial;
        out.put(&[kind::REQUEST_DENIED, VERSION]);
        out.put_u64(self.seq.0);
        out.put_u64(self.posted_at.0);
        out.put_u8(denial.operation as u8);
        out.put_u16(denial.result.number());
        out.put_u16(denial.rule);
        out.put_u32(denial.book.0);
        out.put(&denial.principal.0);
        out.put(&denial.request.0);
        out.put(&denial.policy.0);
        out.put_u64(denial.count);
        out.put_u64(denial.members);
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let event = Self {
            seq: Seq(r.u64()?),
            posted_at: Nanos(r.u64()?),
            denial: Denial {
                operation: Operation::from_number(r.u8()?)
                    .ok_or(DecodeError::BadField("operation"))?,
                result: Code::from_number(r.u16()?)
                    .filter(|code| code.is_denial())
                    .ok_or(DecodeError::BadField("result"))?,
                rule: r.u16()?,
                book: BookId(r.u32()?),
                principal: Digest(r.array()?),
                request: Digest(r.array()?),
                policy: Digest(r.array()?),
                count: r.u64()?,
                members: r.u64()?,
            },
        };
        if event.denial.count == 0 {
            return Err(DecodeError::BadField("count"));
        }
        Ok(event)
    }
}
