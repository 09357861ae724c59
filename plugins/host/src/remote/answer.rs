//! What a policy answered, as bytes.

use ledger::fields::{DecodeError, Reader, Write};
use ledger::limits::BATCH_TRANSFERS_MAX;

use crate::contract::PolicyError;
use crate::fault::{BadOutput, Fault};
use crate::limits::TEXT_BYTES_MAX;
use crate::verdict::{MemberDenial, Verdict};

/// What a policy answered, or why it did not.
pub type Answer = Result<Verdict, Fault>;

const ALLOW: u8 = 0;
const ALLOW_EXCEPT: u8 = 1;
const DENY: u8 = 2;
const TRAPPED: u8 = 16;
const TIMED_OUT: u8 = 17;
const OUT_OF_MEMORY: u8 = 18;
const BAD_OUTPUT: u8 = 19;
const BREAKER_OPEN: u8 = 20;
const FAILED: u8 = 21;
const UNAVAILABLE: u8 = 22;

/// Appends an answer.
pub fn encode(answer: &Answer, out: &mut Vec<u8>) {
    match answer {
        Ok(Verdict::Allow) => out.push(ALLOW),
        Ok(Verdict::AllowExcept(denials)) => {
            out.push(ALLOW_EXCEPT);
            out.put_u32(u32::try_from(denials.len()).unwrap_or(u32::MAX));
            for denial in denials {
                out.put_u32(denial.index);
                out.put_u16(denial.rule);
            }
        }
        Ok(Verdict::Deny(rule)) => {
            out.push(DENY);
            out.put_u16(*rule);
        }
        Err(Fault::Trapped) => out.push(TRAPPED),
        Err(Fault::TimedOut) => out.push(TIMED_OUT),
        Err(Fault::OutOfMemory) => out.push(OUT_OF_MEMORY),
        Err(Fault::BadOutput(bad)) => {
            out.push(BAD_OUTPUT);
            let (kind, value) = match bad {
                BadOutput::Malformed => (0, 0),
                BadOutput::Empty => (1, 0),
                BadOutput::OutOfRange(index) => (2, *index),
                BadOutput::NotRising(index) => (3, *index),
                BadOutput::UnknownRule(rule) => (4, u32::from(*rule)),
            };
            out.push(kind);
            out.put_u32(value);
        }
        Err(Fault::BreakerOpen) => out.push(BREAKER_OPEN),
        Err(Fault::Failed(error)) => {
            out.push(FAILED);
            let (kind, text) = match error {
                PolicyError::BadConfig(text) => (0, text),
                PolicyError::Unsupported(text) => (1, text),
                PolicyError::Internal(text) => (2, text),
            };
            out.push(kind);
            let text = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
            out.put_u16(text.len() as u16);
            out.put(text.as_bytes());
        }
        Err(Fault::Unavailable) => out.push(UNAVAILABLE),
    }
}

/// Reads exactly one answer. Whether a verdict is one about what was asked is not looked at here.
///
/// # Errors
/// The bytes are not one.
pub fn decode(bytes: &[u8]) -> Result<Answer, DecodeError> {
    let mut r = Reader::new(bytes);
    let answer = match r.u8()? {
        ALLOW => Ok(Verdict::Allow),
        ALLOW_EXCEPT => Ok(Verdict::AllowExcept(get_denials(&mut r)?)),
        DENY => Ok(Verdict::Deny(r.u16()?)),
        TRAPPED => Err(Fault::Trapped),
        TIMED_OUT => Err(Fault::TimedOut),
        OUT_OF_MEMORY => Err(Fault::OutOfMemory),
        BAD_OUTPUT => Err(Fault::BadOutput(get_bad(&mut r)?)),
        BREAKER_OPEN => Err(Fault::BreakerOpen),
        FAILED => Err(Fault::Failed(get_error(&mut r)?)),
        UNAVAILABLE => Err(Fault::Unavailable),
        kind => return Err(DecodeError::UnknownKind(kind)),
    };
    r.end()?;
    Ok(answer)
}

fn get_denials(r: &mut Reader<'_>) -> Result<Vec<MemberDenial>, DecodeError> {
    let count = r.u32()? as usize;
    if count > BATCH_TRANSFERS_MAX {
        return Err(DecodeError::BadField("denials"));
    }
    let mut rows = Reader::new(r.take(count * 6)?);
    let mut denials = Vec::with_capacity(count);
    for _ in 0..count {
        denials.push(MemberDenial {
            index: rows.u32()?,
            rule: rows.u16()?,
        });
    }
    Ok(denials)
}

fn get_bad(r: &mut Reader<'_>) -> Result<BadOutput, DecodeError> {
    let bad = DecodeError::BadField("bad output");
    Ok(match (r.u8()?, r.u32()?) {
        (0, 0) => BadOutput::Malformed,
        (1, 0) => BadOutput::Empty,
        (2, index) => BadOutput::OutOfRange(index),
        (3, index) => BadOutput::NotRising(index),
        (4, rule) => BadOutput::UnknownRule(u16::try_from(rule).map_err(|_| bad)?),
        _ => return Err(bad),
    })
}

fn get_error(r: &mut Reader<'_>) -> Result<PolicyError, DecodeError> {
    let kind = r.u8()?;
    let length = usize::from(r.u16()?);
    if length > TEXT_BYTES_MAX {
        return Err(DecodeError::BadField("text"));
    }
    let text = std::str::from_utf8(r.take(length)?);
    let text = text.map_err(|_| DecodeError::BadField("text"))?.to_owned();
    Ok(match kind {
        0 => PolicyError::BadConfig(text),
        1 => PolicyError::Unsupported(text),
        2 => PolicyError::Internal(text),
        _ => return Err(DecodeError::BadField("error")),
    })
}
