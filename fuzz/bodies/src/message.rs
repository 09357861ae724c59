//! Bodies of frames: requests and answers of every operation, failures, events.

use ledger::{Event, Operation};
use wire::message::{EventBatch, PostView};
use wire::{Answer, Failure, Field, MessageError, Request, field};

use crate::Verdict;

/// The kinds of message that stand beside the requests and answers of operations.
const OTHERS: usize = 2;

/// Which kind of message an input is, from its first byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A request of an operation.
    Request(Operation),
    /// An answer of an operation.
    Answer(Operation),
    /// A failure.
    Failure,
    /// Events of a subscription.
    Events,
}

impl Kind {
    /// The kind that a first byte stands for.
    pub fn of(byte: u8) -> Self {
        let at = usize::from(byte) % (2 * Operation::ALL.len() + OTHERS);
        match (Operation::ALL.get(at / 2), at % 2) {
            (Some(operation), 0) => Self::Request(*operation),
            (Some(operation), _) => Self::Answer(*operation),
            (None, 0) => Self::Failure,
            (None, _) => Self::Events,
        }
    }

    /// The first byte that stands for this kind.
    pub fn byte(self) -> Option<u8> {
        (0..=u8::MAX).find(|byte| Self::of(*byte) == self)
    }
}

/// The first byte names the kind of message, see [`Kind`]; the rest is the message.
pub fn body(data: &[u8]) -> Verdict {
    let Some((kind, bytes)) = data.split_first() else {
        return Verdict::Refused;
    };
    let mut again = Vec::new();
    let done = encode_again(Kind::of(*kind), bytes, &mut again);
    if let Err(error) = &done {
        let _ = (error.code(), error.to_string());
        return Verdict::Refused;
    }
    assert_eq!(again, bytes, "a message has another encoding");
    Verdict::Accepted
}

fn encode_again(kind: Kind, bytes: &[u8], again: &mut Vec<u8>) -> Result<(), MessageError> {
    match kind {
        Kind::Request(operation) => {
            let decoded = Request::decode(operation, bytes);
            if matches!(operation, Operation::Post | Operation::DryRun) {
                assert_eq!(decoded.is_ok(), view(bytes).is_ok(), "the view disagrees");
            }
            let request = decoded?;
            assert_eq!(request.operation(), operation);
            request.encode(again);
        }
        Kind::Answer(operation) => {
            let answer = Answer::decode(operation, bytes)?;
            assert_eq!(answer.operation(), operation);
            answer.encode(again);
        }
        Kind::Failure => field::decode::<Failure>(bytes)?.put(again),
        Kind::Events => {
            let batch = field::decode::<EventBatch>(bytes)?;
            for record in batch.records.iter() {
                let _ = Event::decode(record);
            }
            batch.put(again);
        }
    }
    Ok(())
}

/// As the daemon reads a request to post: without decoding all of it at once.
fn view(bytes: &[u8]) -> Result<(), MessageError> {
    let view = PostView::new(bytes)?;
    let mut transfers = Vec::new();
    view.transfers_into(&mut transfers)?;
    assert_eq!(transfers.len(), view.count());
    view.notes()?;
    Ok(())
}
