use ledger::{Code, Operation, Seq, Transfer, TransferId};
use proptest::prelude::*;

use super::*;
use crate::arb::{Arb, Gen};
use crate::limits::FRAME_BODY_MAX;

fn encoded<T: Field>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    value.put(&mut out);
    out
}

/// Every cut of the body is refused, and so is a byte after it.
fn is_whole(body: &[u8], reads: impl Fn(&[u8]) -> bool) -> bool {
    let longer = [body, &[0]].concat();
    reads(body) && !reads(&longer) && (0..body.len()).all(|cut| !reads(&body[..cut]))
}

proptest! {
    #[test]
    fn requests_and_answers_read_back_whole_and_no_other_way(seed in any::<u64>()) {
        let mut g = Gen(seed);
        for &operation in Operation::ALL {
            let request = Request::arb(operation, &mut g);
            let mut body = Vec::new();
            request.encode(&mut body);
            let read = Request::decode(operation, &body);
            prop_assert_eq!(read, Ok(request));
            prop_assert!(is_whole(&body, |b| Request::decode(operation, b).is_ok()));

            let answer = Answer::arb(operation, &mut g);
            let mut body = Vec::new();
            answer.encode(&mut body);
            let read = Answer::decode(operation, &body);
            prop_assert_eq!(read, Ok(answer));
        }
    }

    #[test]
    fn failures_and_events_read_back(seed in any::<u64>()) {
        let mut g = Gen(seed);
        let failure = Failure::arb(&mut g);
        prop_assert_eq!(field::decode(&encoded(&failure)), Ok(failure));
        let events = EventBatch::arb(&mut g);
        prop_assert_eq!(field::decode(&encoded(&events)), Ok(events));
    }

    /// Whatever is accepted is the one encoding of what was understood.
    #[test]
    fn a_changed_byte_is_refused_or_means_something_else(
        seed in any::<u64>(),
        at in any::<prop::sample::Index>(),
        flip in 1u8..,
    ) {
        let mut g = Gen(seed);
        for &operation in Operation::ALL {
            let mut body = Vec::new();
            Request::arb(operation, &mut g).encode(&mut body);
            if body.is_empty() {
                continue;
            }
            let at = at.index(body.len());
            body[at] ^= flip;
            if let Ok(request) = Request::decode(operation, &body) {
                let mut again = Vec::new();
                request.encode(&mut again);
                prop_assert_eq!(&again, &body, "{:?}", operation);
            }
        }
    }

    #[test]
    fn garbage_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for &operation in Operation::ALL {
            let _ = Request::decode(operation, &bytes);
            let _ = Answer::decode(operation, &bytes);
        }
    }
}

#[test]
fn a_full_batch_fits_a_frame() {
    let transfers = vec![Transfer::new(1, 2, 3, 4, 5); 8_190];
    let mut body = Vec::new();
    encode_post(&transfers, &[], &mut body);
    assert_eq!(body.len(), 8 + 1_048_320);
    assert!(body.len() <= FRAME_BODY_MAX);
    let view = PostView::new(&body).unwrap();
    assert_eq!(view.count(), 8_190);
    assert!(view.iter().all(|transfer| transfer == Ok(transfers[0])));
    body[0..4].copy_from_slice(&8_191u32.to_le_bytes());
    assert_eq!(PostView::new(&body).unwrap_err().code(), Code::TooLarge);
}

#[test]
fn notes_name_a_transfer_each_in_order() {
    let note = |index: u32, reference: &str| ItemNote {
        index,
        reference: reference.as_bytes().to_vec(),
        metadata: Vec::new(),
    };
    let decoded = |notes: Vec<ItemNote>| {
        let transfers = vec![Transfer::new(1, 2, 3, 4, 5); 2];
        field::decode::<Post>(&encoded(&Post { transfers, notes }))
    };
    assert!(decoded(vec![note(0, "a"), note(1, "b")]).is_ok());
    assert_eq!(
        decoded(vec![note(1, "a"), note(0, "b")]),
        Err(MessageError::bad("note index"))
    );
    assert_eq!(
        decoded(vec![note(0, "a"), note(0, "b")]),
        Err(MessageError::bad("note index"))
    );
    assert_eq!(
        decoded(vec![note(2, "a")]),
        Err(MessageError::bad("note index"))
    );
    assert_eq!(decoded(vec![note(0, "")]), Err(MessageError::bad("note")));
    let three = decoded(vec![note(0, "a"), note(1, "b"), note(1, "c")]);
    assert_eq!(three, Err(MessageError::TooMany { count: 3, max: 2 }));
    let empty = field::decode::<Post>(&[0; 8]);
    assert_eq!(empty, Err(MessageError::bad("count")));
}

#[test]
fn a_long_reference_is_left_to_the_ledger() {
    let note = ItemNote {
        index: 0,
        reference: vec![b'a'; 200],
        metadata: vec![0; 5_000],
    };
    let post = Post {
        transfers: vec![Transfer::new(1, 2, 3, 4, 5)],
        notes: vec![note],
    };
    assert_eq!(field::decode(&encoded(&post)), Ok(post));
}

#[test]
fn outcomes_say_how_each_item_was_decided() {
    use Code::{BelowFloor, Created, Exists};
    let outcomes = Outcomes {
        height: 4.into(),
        first_seq: Seq(100),
        posted_at: 9.into(),
        created: 3,
        exceptions: vec![
            Exception {
                index: 1,
                code: Exists,
                seq: Some(Seq(7)),
            },
            Exception {
                index: 3,
                code: BelowFloor,
                seq: None,
            },
        ],
    };
    let codes: Vec<_> = (0..5).map(|i| outcomes.code(i)).collect();
    assert_eq!(codes, [Created, Exists, Created, BelowFloor, Created]);
    let seqs: Vec<_> = (0..6).map(|i| outcomes.seq(i).map(|seq| seq.0)).collect();
    assert_eq!(seqs, [Some(100), Some(7), Some(101), None, Some(102), None]);
    assert_eq!(outcomes.count(), 5);
}

#[test]
fn events_are_whole_records_and_not_too_many() {
    let mut g = Gen(1);
    let records = EventRecords::arb(&mut g);
    let cut = records.as_bytes()[..records.as_bytes().len() - 1].to_vec();
    assert!(EventRecords::new(cut).is_err());
    assert_eq!(
        EventRecords::new(vec![3; 65_537]).unwrap_err().code(),
        Code::TooLarge
    );
    assert!(records.iter().count() >= 2);
}

#[test]
fn rows_know_their_length() {
    let mut g = Gen(7);
    for _ in 0..50 {
        let row = TransferRow::arb(&mut g);
        assert_eq!(row_bytes(&row), encoded(&row).len());
    }
}

#[test]
fn reads_and_the_dry_run_leave_nothing_behind() {
    let writing: Vec<_> = Operation::ALL.iter().filter(|op| writes(**op)).collect();
    use Operation::*;
    assert_eq!(
        writing,
        [
            &CreateTenant,
            &CreateAsset,
            &CreateBook,
            &ChangeBook,
            &CreateAccounts,
            &ChangeAccounts,
            &Post,
            &EraseNote,
            &ChangeSigners,
            &Approve,
            &RequestApproval,
            &PushPolicy,
            &ShadowPolicy,
            &ActivatePolicy,
        ]
    );
}

#[test]
fn receipts_are_asked_for_in_bounds() {
    let checked = |seqs, ids| {
        let request = Receipts {
            seqs: vec![Seq(1); seqs],
            ids: vec![TransferId(1); ids],
        };
        request.check().map_err(|error| error.code())
    };
    assert_eq!(checked(0, 0), Err(Code::Malformed));
    assert_eq!(checked(0, 1), Ok(()));
    assert_eq!(checked(200, 56), Ok(()));
    assert_eq!(checked(200, 57), Err(Code::TooLarge));
}

#[test]
fn names_of_signers_read_back() {
    for action in SignerAction::ALL {
        assert_eq!(SignerAction::parse(action.name()), Some(*action));
    }
    for usage in KeyUsage::ALL {
        assert_eq!(KeyUsage::parse(usage.name()), Some(*usage));
    }
    for algorithm in KeyAlgorithm::ALL {
        assert_eq!(KeyAlgorithm::parse(algorithm.name()), Some(*algorithm));
    }
    assert_eq!(KeyUsage::parse("seals"), None);
}

#[test]
fn every_operation_has_its_messages() {
    let listed: Vec<_> = MESSAGES.iter().map(|(operation, ..)| *operation).collect();
    assert_eq!(listed, Operation::ALL);
}
