use super::*;
use crate::embedded::encoder::Encoder;
use crate::journal::Cycle;
use ledger::block::{Head, OpenBlock};
use ledger::event::{BookChange, BookChanged, NoteErased};
use ledger::{BatchEntry, BookId, Event, Nanos, Origin, Seq};
use proptest::prelude::*;
use std::sync::Arc;

/// The smallest records, whose fields are mostly zero: the nearest to a sector of zeros.
fn cycle(number: u64, sizes: &[u32]) -> Cycle {
    let blocks = sizes.iter().zip(1..).map(|(events, book)| {
        let mut open = OpenBlock::default();
        for seq in 0..u64::from(*events) {
            let (seq, posted_at) = (Seq(seq), Nanos(0));
            open.push(&match seq.0 % 2 {
                0 => Event::NoteErased(NoteErased {
                    seq,
                    posted_at,
                    target: Seq(0),
                }),
                _ => Event::BookChanged(BookChanged {
                    seq,
                    posted_at,
                    change: BookChange::Halted,
                    reason: 0,
                    effective_lock: Nanos(0),
                }),
            });
        }
        let origin = Origin {
            request_id: 0,
            ..Origin::daemon()
        };
        open.batches = vec![
            BatchEntry {
                origin,
                first: 0,
                count: *events
            };
            *events as usize / 3
        ];
        Arc::new(Head::default().seal(BookId(book), open).unwrap())
    });
    Cycle {
        number,
        blocks: blocks.collect(),
    }
}

fn encode(cycle: &Cycle, previous: Digest, notes: Option<NotesExtent>) -> (FrameHeader, Vec<u8>) {
    let mut encoder = Encoder::default();
    let header = encoder.encode(cycle, previous, notes);
    let bytes = encoder
        .slices(cycle)
        .iter()
        .flat_map(|part| part.to_vec())
        .collect();
    (header, bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_frame_reads_back_and_has_no_empty_sector(
        sizes in prop::collection::vec(1u32..400, 0..5),
        number in 1u64..,
    ) {
        let cycle = cycle(number, &sizes);
        let notes = Some(NotesExtent { file: 3, bytes: 9, offset: 8192 });
        let (header, bytes) = encode(&cycle, Digest::of(b"x"), notes);
        prop_assert_eq!(bytes.len() as u64, header.extent());
        prop_assert!(!has_unwritten_sector(&bytes));
        let frame = decode(&bytes).unwrap();
        prop_assert_eq!(frame.header, header);
        prop_assert_eq!(frame.blocks.len(), cycle.blocks.len());
        for (found, block) in frame.blocks.iter().zip(&cycle.blocks) {
            prop_assert_eq!(found.header, block.header);
            prop_assert_eq!(found.batches, &block.batches[..]);
            prop_assert_eq!(found.events, &block.events[..]);
            prop_assert_eq!(decode_block_at(&bytes, found.offset).unwrap(), *found);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..9000)) {
        let _ = decode(&bytes);
        let _ = decode_block_at(&bytes, 7);
        // Past the magic and the crc, so that the fields are reached.
        if bytes.len() >= HEADER_BYTES {
            bytes[..8].copy_from_slice(&MAGIC);
            bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
            let crc = crc32fast::hash(&bytes[..HEADER_BYTES - 4]);
            bytes[HEADER_BYTES - 4..HEADER_BYTES].copy_from_slice(&crc.to_le_bytes());
            let _ = decode(&bytes);
        }
    }
}

#[test]
fn every_flipped_bit_is_seen() {
    let (_, bytes) = encode(&cycle(1, &[5, 9]), Digest::ZERO, None);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(decode(&damaged).is_err(), "byte {at}");
    }
    for len in [0, 1, HEADER_BYTES, bytes.len() - 1] {
        assert!(
            matches!(decode(&bytes[..len]), Err(FrameFault::Short { .. })),
            "{len}"
        );
    }
    assert_eq!(decode(&vec![0; 4_096]), Err(FrameFault::Unwritten));
}

#[test]
fn a_later_version_is_told_from_damage() {
    let (_, mut bytes) = encode(&cycle(1, &[5]), Digest::ZERO, None);
    bytes[8] = 2;
    let crc = crc32fast::hash(&bytes[..HEADER_BYTES - 4]);
    bytes[HEADER_BYTES - 4..HEADER_BYTES].copy_from_slice(&crc.to_le_bytes());
    assert_eq!(decode(&bytes), Err(FrameFault::Version(2)));
}

/// Offsets are part of the format.
#[test]
fn the_layout_is_fixed() {
    let notes = NotesExtent {
        file: 0x0102,
        bytes: 0x0304,
        offset: 0x5000,
    };
    let (header, bytes) = encode(&cycle(0x0a0b, &[3]), Digest([7; 32]), Some(notes));
    assert_eq!(&bytes[..12], b"LGRCYCLE\x01\0\0\0");
    assert_eq!(bytes[12..16], [1, 0, 0, 0]);
    assert_eq!(bytes[16..24], [0x0b, 0x0a, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[24..32], header.body.to_le_bytes());
    assert_eq!(bytes[32..64], [7; 32]);
    assert_eq!(bytes[64..72], [2, 1, 0, 0, 4, 3, 0, 0]);
    assert_eq!(bytes[72..80], [0, 0x50, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        bytes[80..84],
        crc32fast::hash(&bytes[88..104]).to_le_bytes()
    );
    assert_eq!(bytes[84..88], crc32fast::hash(&bytes[..84]).to_le_bytes());
    assert_eq!(bytes[88..92], [0xb0, 1, 0, 0]);
    assert_eq!(bytes[92..96], 122u32.to_le_bytes());
    assert_eq!(
        bytes[96..100],
        (2 * NoteErased::BYTES as u32 + 29).to_le_bytes()
    );
    let end = HEADER_BYTES + header.body as usize;
    assert_eq!(
        bytes[100..104],
        crc32fast::hash(&bytes[104..end]).to_le_bytes()
    );
    assert_eq!(bytes[104..106], [1, 0]);
    assert!(bytes[end..].iter().all(|byte| *byte == 0xff));
    assert_eq!(header.digest(), Digest::of(&bytes[..88]));
}
