//! Lays a cycle out as a frame without copying what is large in it.

use std::io::IoSlice;
use std::ops::Range;

use ledger::Digest;

use super::frame::{ALIGN, FrameHeader, HEADER_BYTES, NotesExtent, PADDING, Prelude, block_bytes};
use crate::journal::Cycle;

/// Slices at least this long are written from where they stand.
const COPY_BELOW: usize = 4_096;

static PADDING_BYTES: [u8; ALIGN as usize] = [PADDING; ALIGN as usize];

/// Reused from cycle to cycle for what is small: headers, preludes, short lists.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    small: Vec<u8>,
    pieces: Vec<Piece>,
    /// Offset in the frame of each block's prelude.
    offsets: Vec<u32>,
    padding: usize,
}

#[derive(Clone, Debug)]
enum Piece {
    Small(Range<usize>),
    /// Batch list of the block with this index.
    Batches(usize),
    /// Events of the block with this index.
    Events(usize),
}

impl Encoder {
    /// Lays `cycle` out. INVARIANT: its frame is at most `u32::MAX` bytes.
    pub(crate) fn encode(
        &mut self,
        cycle: &Cycle,
        previous: Digest,
        notes: Option<NotesExtent>,
    ) -> FrameHeader {
        self.small.clear();
        self.pieces.clear();
        self.offsets.clear();
        self.small.resize(HEADER_BYTES, 0);
        let mut crc = crc32fast::Hasher::new();
        let mut body = 0u64;
        let mut from = 0;
        for (index, block) in cycle.blocks.iter().enumerate() {
            self.offsets.push((HEADER_BYTES as u64 + body) as u32);
            let start = self.small.len();
            let mut prelude = Prelude {
                batches: block.batches.len() as u32,
                events: block.events.len() as u32,
                crc: 0,
            };
            prelude.encode(&mut self.small);
            let after = self.small.len();
            block.header.encode(&mut self.small);
            prelude.crc = {
                let mut crc = crc32fast::Hasher::new();
                crc.update(self.small.get(after..).unwrap_or_default());
                crc.update(&block.batches);
                crc.update(&block.events);
                crc.finalize()
            };
            self.set(after - 4, &prelude.crc.to_le_bytes());
            crc.update(self.small.get(start..after).unwrap_or_default());
            self.add(&mut from, &block.batches, Piece::Batches(index));
            self.add(&mut from, &block.events, Piece::Events(index));
            body += block_bytes(block.batches.len(), block.events.len());
        }
        self.pieces.push(Piece::Small(from..self.small.len()));
        let blocks = cycle.blocks.len() as u32;
        let body_crc = crc.finalize();
        let header = FrameHeader {
            number: cycle.number,
            blocks,
            body,
            previous,
            notes,
            body_crc,
        };
        let mut encoded = Vec::with_capacity(HEADER_BYTES);
        header.encode(&mut encoded);
        self.set(0, &encoded);
        self.padding = (header.extent() - HEADER_BYTES as u64 - body) as usize;
        header
    }

    /// Adds bytes of a block: copied if short, else where they stand.
    fn add(&mut self, from: &mut usize, bytes: &[u8], piece: Piece) {
        if bytes.len() < COPY_BELOW {
            self.small.extend_from_slice(bytes);
        } else {
            self.pieces.push(Piece::Small(*from..self.small.len()));
            self.pieces.push(piece);
            *from = self.small.len();
        }
    }

    fn set(&mut self, at: usize, bytes: &[u8]) {
        if let Some(place) = self.small.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }

    /// Offset in the frame of each block, in order.
    pub(crate) fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// The frame of the cycle that was encoded last.
    pub(crate) fn slices<'a>(&'a self, cycle: &'a Cycle) -> Vec<IoSlice<'a>> {
        let mut slices = Vec::with_capacity(self.pieces.len() + 1);
        for piece in &self.pieces {
            let bytes: &[u8] = match piece {
                Piece::Small(range) => self.small.get(range.clone()).unwrap_or_default(),
                Piece::Batches(index) => {
                    cycle.blocks.get(*index).map_or(&[], |block| &block.batches)
                }
                Piece::Events(index) => cycle.blocks.get(*index).map_or(&[], |block| &block.events),
            };
            slices.push(IoSlice::new(bytes));
        }
        slices.push(IoSlice::new(
            PADDING_BYTES.get(..self.padding).unwrap_or_default(),
        ));
        slices
    }
}
