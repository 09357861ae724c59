//! Records of events, batch entries, block headers, and blocks put together from them.

use ledger::batch::BatchEntry;
use ledger::block::Block;
use ledger::event::Records;
use ledger::fields::Reader;
use ledger::merkle::Frontier;
use ledger::{BlockHeader, Event, Transfer};

use crate::Verdict;

/// The first byte says what the rest is read as: events, batch entries, a header, transfers, the
/// right edge of a tree, a whole block.
pub fn body(data: &[u8]) -> Verdict {
    let Some((kind, bytes)) = data.split_first() else {
        return Verdict::Refused;
    };
    match kind % 6 {
        0 => events(bytes),
        1 => rows(bytes, BatchEntry::decode, BatchEntry::encode),
        2 => rows(bytes, BlockHeader::decode, BlockHeader::encode),
        3 => rows(bytes, Transfer::decode, Transfer::encode),
        4 => rows(bytes, Frontier::decode, Frontier::encode),
        _ => block(bytes),
    }
}

fn events(bytes: &[u8]) -> Verdict {
    let mut again = Vec::new();
    let mut verdict = Verdict::Accepted;
    for record in Records(bytes) {
        let Ok(record) = record else {
            return Verdict::Refused;
        };
        assert!(record.len() <= ledger::limits::EVENT_BYTES_MAX);
        let Ok(event) = Event::decode(record) else {
            verdict = Verdict::Refused;
            continue;
        };
        again.clear();
        event.encode(&mut again);
        assert_eq!(again, record, "an event has another encoding");
        let _ = (event.seq(), event.posted_at(), format!("{event:?}"));
    }
    verdict
}

fn rows<T>(
    bytes: &[u8],
    decode: impl Fn(&mut Reader<'_>) -> Result<T, ledger::fields::DecodeError>,
    encode: impl Fn(&T, &mut Vec<u8>),
) -> Verdict {
    let mut reader = Reader::new(bytes);
    let mut again = Vec::new();
    while !reader.rest().is_empty() {
        match decode(&mut reader) {
            Ok(row) => encode(&row, &mut again),
            Err(error) => {
                let _ = error.to_string();
                return Verdict::Refused;
            }
        }
        let read = bytes.len() - reader.rest().len();
        assert_eq!(
            Some(again.as_slice()),
            bytes.get(..read),
            "another encoding"
        );
    }
    Verdict::Accepted
}

/// A header, then events; the batch list is empty.
fn block(bytes: &[u8]) -> Verdict {
    let mut reader = Reader::new(bytes);
    let Ok(header) = BlockHeader::decode(&mut reader) else {
        return Verdict::Refused;
    };
    match Block::assemble(header, Vec::new(), reader.rest().to_vec(), Vec::new()) {
        Ok(block) => {
            let mut frontier = Frontier::new();
            if let Err(fault) = block.verify(&mut frontier) {
                let _ = fault.to_string();
            }
            for seq in header.first_seq.0..header.first_seq.0.saturating_add(3) {
                let _ = block.record(ledger::Seq(seq));
            }
            Verdict::Accepted
        }
        Err(fault) => {
            let _ = fault.to_string();
            Verdict::Refused
        }
    }
}
