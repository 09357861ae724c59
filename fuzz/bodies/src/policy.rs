//! What comes over the internal plane of policies, at either end, and components.

use ledger::fields::DecodeError;
use plugins_host::outline::Outline;
use plugins_host::remote::answer;
use plugins_host::remote::call::{self, Call};
use plugins_host::{AccountColumns, Context, Needs, TransferColumns};
use wire::field::{self, Field};
use wire::frame::{FrameDecoder, encode_frame};
use wire::policy::{Chunk, Echo, Header, Load, Loaded, Refused, Turned, Want};

use crate::Verdict;

/// The first byte says what the rest is.
pub fn body(data: &[u8]) -> Verdict {
    let Some((kind, rest)) = data.split_first() else {
        return Verdict::Refused;
    };
    match kind % 10 {
        0 => frames(rest),
        1 => message::<Load>(rest),
        2 => message::<Chunk>(rest),
        3 => message::<Want>(rest),
        4 => message::<Loaded>(rest),
        5 => message::<Refused>(rest),
        6 => message::<Turned>(rest),
        7 => evaluation(rest),
        8 => decided(rest),
        _ => component(rest),
    }
}

fn frames(stream: &[u8]) -> Verdict {
    let mut decoder = FrameDecoder::<Header>::new();
    decoder.push(bytes::Bytes::copy_from_slice(stream));
    let mut again = Vec::new();
    let end = loop {
        match decoder.next_frame() {
            Ok(Some(frame)) => encode_frame(frame.header, &mut again, |out| {
                out.extend_from_slice(&frame.body);
            }),
            Ok(None) => break Ok(decoder.is_mid_frame()),
            Err(error) => break Err(error.to_string()),
        }
    };
    assert!(stream.starts_with(&again), "a frame has another encoding");
    Verdict::of(end == Ok(false))
}

fn message<T: Field>(body: &[u8]) -> Verdict {
    match field::decode::<T>(body) {
        Ok(message) => {
            let mut again = Vec::new();
            message.put(&mut again);
            assert_eq!(again, body, "a message has two encodings");
            Verdict::Accepted
        }
        Err(error) => {
            let _ = error.to_string();
            Verdict::Refused
        }
    }
}

/// What a host is asked.
fn evaluation(body: &[u8]) -> Verdict {
    let Ok((_, passed)) = Echo::split(body) else {
        return Verdict::Refused;
    };
    let mut call = Call::default();
    let read: Result<(), DecodeError> = call.read(passed);
    if let Err(error) = read {
        let _ = error.to_string();
        return Verdict::Refused;
    }
    let again = call.pass(again);
    assert_eq!(again, passed, "a call has two encodings");
    Verdict::Accepted
}

fn again(context: &Context<'_>, accounts: &AccountColumns, batch: &TransferColumns) -> Vec<u8> {
    let mut needs = Needs::TIME | Needs::REQUEST_ID | Needs::ACCOUNTS;
    for (is_there, need) in [
        (!batch.amount_low.is_empty(), Needs::TRANSFERS),
        (!batch.id_low.is_empty(), Needs::TRANSFER_IDS),
        (!batch.timeout.is_empty(), Needs::TRANSFER_DETAILS),
    ] {
        if is_there {
            needs = needs | need;
        }
    }
    let mut out = Vec::new();
    let written = call::encode(needs, context, accounts, batch, &mut out);
    assert!(written.is_ok(), "what was read cannot be written");
    out
}

/// What a daemon is answered.
fn decided(body: &[u8]) -> Verdict {
    let Ok((_, rest)) = Echo::split(body) else {
        return Verdict::Refused;
    };
    match answer::decode(rest) {
        Ok(answer) => {
            let mut again = Vec::new();
            answer::encode(&answer, &mut again);
            assert_eq!(again, rest, "an answer has two encodings");
            Verdict::Accepted
        }
        Err(error) => {
            let _ = error.to_string();
            Verdict::Refused
        }
    }
}

/// A component of whoever it may be, as far as it is read before it is checked.
fn component(bytes: &[u8]) -> Verdict {
    let outline = Outline::of(bytes);
    Verdict::of(outline.problem.is_none())
}
