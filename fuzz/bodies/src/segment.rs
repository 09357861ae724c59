//! Frames of cycles, as a segment of the journal holds them.

use ledger::batch::BatchEntry;
use ledger::event::Records;
use ledger::fields::Reader;
use store::embedded::frame::{
    self, BlockSlices, FrameHeader, HEADER_BYTES, PRELUDE_BYTES, Prelude, aligned,
};

use crate::Verdict;

/// The bytes as they are, and again with checksums made to fit, since no mutation would find them.
pub fn body(data: &[u8]) -> Verdict {
    let verdict = check(data);
    let mut fitted = data.to_vec();
    fit(&mut fitted);
    check(&fitted);
    verdict
}

fn check(data: &[u8]) -> Verdict {
    let header = FrameHeader::decode(data);
    let decoded = frame::decode(data);
    let frame = match decoded {
        Ok(frame) => frame,
        Err(fault) => {
            let _ = fault.to_string();
            return Verdict::Refused;
        }
    };
    assert_eq!(header, Ok(frame.header));
    let whole = data.get(..length(&frame.header)).unwrap_or_default();
    if frame.blocks.iter().all(has_whole_records) {
        assert!(!frame::has_unwritten_sector(whole), "a sector of zeros");
    }

    let mut again = Vec::new();
    frame.header.encode(&mut again);
    for block in &frame.blocks {
        encode_block(block, &mut again);
    }
    again.resize(length(&frame.header), frame::PADDING);
    assert!(data.starts_with(&again), "a cycle has another encoding");
    for block in &frame.blocks {
        let at = frame::decode_block_at(data, block.offset);
        assert_eq!(at.map(|block| block.header), Ok(block.header));
    }
    Verdict::Accepted
}

fn length(header: &FrameHeader) -> usize {
    usize::try_from(header.extent()).unwrap_or(usize::MAX)
}

fn encode_block(block: &BlockSlices<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    let prelude = Prelude {
        batches: u32::try_from(block.batches.len()).unwrap_or(u32::MAX),
        events: u32::try_from(block.events.len()).unwrap_or(u32::MAX),
        crc: 0,
    };
    prelude.encode(out);
    block.header.encode(out);
    out.extend_from_slice(block.batches);
    out.extend_from_slice(block.events);
    let crc = crc32fast::hash(out.get(start + PRELUDE_BYTES..).unwrap_or_default());
    set(out, start + PRELUDE_BYTES - 4, crc);
}

/// What the rule about zeros rests on: nothing but records stands in a block.
fn has_whole_records(block: &BlockSlices<'_>) -> bool {
    let mut entries = Reader::new(block.batches);
    while !entries.rest().is_empty() {
        if BatchEntry::decode(&mut entries).is_err() {
            return false;
        }
    }
    Records(block.events).all(|record| record.is_ok())
}

/// Makes the checksums and the padding of the cycle in `bytes` fit, as far as its lengths allow.
pub(crate) fn fit(bytes: &mut Vec<u8>) {
    let field = |bytes: &[u8], at: usize| {
        let bytes = bytes.get(at..)?.first_chunk::<4>()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    let (Some(blocks), Some(body)) = (field(bytes, 12), field(bytes, 24)) else {
        return;
    };
    let end = HEADER_BYTES + body.min(bytes.len());
    let mut at = HEADER_BYTES;
    let mut preludes = crc32fast::Hasher::new();
    for _ in 0..blocks {
        let (Some(batches), Some(events)) = (field(bytes, at + 4), field(bytes, at + 8)) else {
            break;
        };
        let from = at + PRELUDE_BYTES;
        let to = from + ledger::BlockHeader::BYTES + batches + events;
        let Some(covered) = bytes.get(from..to) else {
            break;
        };
        let crc = crc32fast::hash(covered);
        set(bytes, from - 4, crc);
        preludes.update(bytes.get(at..from).unwrap_or_default());
        at = to;
    }
    set(bytes, 80, preludes.finalize());
    let crc = crc32fast::hash(bytes.get(..84).unwrap_or_default());
    set(bytes, 84, crc);
    let extent = usize::try_from(aligned(end as u64)).unwrap_or(usize::MAX);
    if bytes.len() < extent {
        bytes.resize(extent, frame::PADDING);
    }
    if let Some(padding) = bytes.get_mut(end..extent) {
        padding.fill(frame::PADDING);
    }
}

/// Writes a number over four bytes, if they are there.
pub(crate) fn set(bytes: &mut [u8], at: usize, value: u32) {
    if let Some(place) = bytes.get_mut(at..at + 4) {
        place.copy_from_slice(&value.to_le_bytes());
    }
}
