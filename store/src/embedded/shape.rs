//! Where records stand in large blocks, so that one is read without the others.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;

use ledger::block::{Block, BlockHeader};
use ledger::event::Records;
use ledger::{BookId, Height};

use super::frame::PRELUDE_BYTES;
use crate::disk::File;

/// Records that are read together, each group with a checksum.
const GROUP: usize = 64;
/// A block of fewer records is read whole.
const RECORDS_MIN: u32 = 4 * GROUP as u32;
/// Most memory for shapes: enough for some forty million records.
const BYTES_MAX: usize = 8 << 20;

/// Where the records of one block stand.
pub(crate) struct Shape {
    first_seq: u64,
    /// Where its events start, from the block's start.
    events_at: u64,
    /// Where groups start, from the start of the events, and where the last one ends.
    offsets: Vec<u32>,
    crcs: Vec<u32>,
}

impl Shape {
    /// The shape of a block that was read and verified; `None` if it is small.
    pub(crate) fn of(block: &Block) -> Option<Self> {
        if block.header.count < RECORDS_MIN {
            return None;
        }
        let mut offsets = Vec::new();
        let mut records = Records(&block.events);
        while !records.0.is_empty() {
            offsets.push((block.events.len() - records.0.len()) as u32);
            records.nth(GROUP - 1).transpose().ok()?;
        }
        offsets.push(block.events.len() as u32);
        let groups = offsets.iter().zip(offsets.iter().skip(1));
        let crcs = groups.map(|(from, to)| {
            let group = block.events.get(*from as usize..*to as usize);
            crc32fast::hash(group.unwrap_or_default())
        });
        Some(Self {
            first_seq: block.header.first_seq.0,
            events_at: (PRELUDE_BYTES + BlockHeader::BYTES + block.batches.len()) as u64,
            crcs: crcs.collect(),
            offsets,
        })
    }

    /// Reads the record of sequence `seq` of the block at `offset` of its file; `None` if the bytes
    /// are not what they were.
    pub(crate) fn read(
        &self,
        file: &dyn File,
        offset: u64,
        seq: u64,
    ) -> io::Result<Option<Vec<u8>>> {
        let Some((group, within)) = self.find(seq) else {
            return Ok(None);
        };
        let bounds = (self.offsets.get(group), self.offsets.get(group + 1));
        let (Some(from), Some(to)) = bounds else {
            return Ok(None);
        };
        let mut bytes = vec![0; to.saturating_sub(*from) as usize];
        file.read_exact_at(&mut bytes, offset + self.events_at + u64::from(*from))?;
        if self.crcs.get(group) != Some(&crc32fast::hash(&bytes)) {
            return Ok(None);
        }
        let record = Records(&bytes).nth(within).and_then(Result::ok);
        Ok(record.map(<[u8]>::to_vec))
    }

    fn find(&self, seq: u64) -> Option<(usize, usize)> {
        let index = usize::try_from(seq.checked_sub(self.first_seq)?).ok()?;
        Some((index / GROUP, index % GROUP))
    }

    fn memory_bytes(&self) -> usize {
        128 + (self.offsets.capacity() + self.crcs.capacity()) * size_of::<u32>()
    }
}

/// Shapes of blocks that were read lately.
#[derive(Default)]
pub(crate) struct Shapes {
    shapes: HashMap<(BookId, Height), Arc<Shape>>,
    queue: VecDeque<(BookId, Height)>,
    bytes: usize,
}

impl Shapes {
    pub(crate) fn get(&self, book: BookId, height: Height) -> Option<Arc<Shape>> {
        self.shapes.get(&(book, height)).map(Arc::clone)
    }

    pub(crate) fn insert(&mut self, book: BookId, height: Height, shape: Shape) {
        let bytes = shape.memory_bytes();
        if self
            .shapes
            .insert((book, height), Arc::new(shape))
            .is_some()
        {
            return;
        }
        self.queue.push_back((book, height));
        self.bytes += bytes;
        while self.bytes > BYTES_MAX {
            let Some(oldest) = self.queue.pop_front() else {
                return;
            };
            if let Some(shape) = self.shapes.remove(&oldest) {
                self.bytes -= shape.memory_bytes();
            }
        }
    }
}
