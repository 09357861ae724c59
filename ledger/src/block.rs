//! Blocks: what of a book becomes durable in one cycle, linked by hash.

use std::ops::Range;
use std::sync::Arc;

use crate::account::Account;
use crate::batch::BatchEntry;
use crate::digest::Digest;
use crate::event::{Event, Records};
use crate::fields::{DecodeError, Reader, Write};
use crate::id::{BookId, Height, Nanos, Seq};
use crate::merkle::{Frontier, TreeHashes};
use crate::note::Note;

/// The header of a block: 186 bytes, whose SHA-256 is the block's hash. The root covers the events,
/// so that they are not hashed twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockHeader {
    /// The book.
    pub book: BookId,
    /// Dense from 1.
    pub height: Height,
    /// Hash of the block before; zero at height 1.
    pub previous: Digest,
    /// Sequence of the first event.
    pub first_seq: Seq,
    /// Events in the block, at least 1.
    pub count: u32,
    /// Posted time of the first event.
    pub first_posted_at: Nanos,
    /// Posted time of the last event.
    pub last_posted_at: Nanos,
    /// Leaves of the book's tree with this block.
    pub tree_size: u64,
    /// Root of the book's tree with this block.
    pub root: Digest,
    /// Digest of the rows of the accounts that the block touched.
    pub rows: Digest,
    /// Digest of the encoded batch list.
    pub batches: Digest,
}

impl BlockHeader {
    /// Bytes of an encoded header.
    pub const BYTES: usize = 2 + 4 + 8 + 32 + 8 + 4 + 8 + 8 + 8 + 32 * 3;
    const VERSION: u16 = 1;

    /// Appends the header: version, then the fields in their order here, little-endian.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_u16(Self::VERSION);
        out.put_u32(self.book.0);
        out.put_u64(self.height.0);
        out.put(&self.previous.0);
        out.put_u64(self.first_seq.0);
        out.put_u32(self.count);
        out.put_u64(self.first_posted_at.0);
        out.put_u64(self.last_posted_at.0);
        out.put_u64(self.tree_size);
        out.put(&self.root.0);
        out.put(&self.rows.0);
        out.put(&self.batches.0);
    }

    /// Reads what [`BlockHeader::encode`] writes.
    ///
    /// # Errors
    /// Bytes run out or the version is not known.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let version = r.u16()?;
        if version != Self::VERSION {
            return Err(DecodeError::UnknownVersion(version));
        }
        Ok(Self {
            book: BookId(r.u32()?),
            height: Height(r.u64()?),
            previous: Digest(r.array()?),
            first_seq: Seq(r.u64()?),
            count: r.u32()?,
            first_posted_at: Nanos(r.u64()?),
            last_posted_at: Nanos(r.u64()?),
            tree_size: r.u64()?,
            root: Digest(r.array()?),
            rows: Digest(r.array()?),
            batches: Digest(r.array()?),
        })
    }

    /// The block's hash.
    pub fn hash(&self) -> Digest {
        let mut bytes = Vec::with_capacity(Self::BYTES);
        self.encode(&mut bytes);
        Digest::of(&bytes)
    }

    /// Sequences of the block's events.
    pub fn seqs(&self) -> Range<u64> {
        self.first_seq.0..self.first_seq.0 + u64::from(self.count)
    }
}

/// A block with its body.
#[derive(Clone, Debug)]
pub struct Block {
    /// The header.
    pub header: BlockHeader,
    /// Hash of the header.
    pub hash: Digest,
    /// Encoded batch list.
    pub batches: Vec<u8>,
    /// Encoded events, one after the other; shared, since a shard reads what is on its way.
    pub events: Arc<Vec<u8>>,
    /// Notes of events of this block, in order of sequence; they stand beside the journal.
    pub notes: Vec<(Seq, Note)>,
    /// What was computed of the book's tree when the block was sealed. Derived: it is empty in a
    /// block that was read, counts in no comparison and is written nowhere.
    pub hashes: TreeHashes,
    /// Offset of every 64th event, so that one of them is found without walking all.
    marks: Marks,
}

impl PartialEq for Block {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            header,
            hash,
            batches,
            events,
            notes,
            hashes: _,
            marks,
        } = self;
        *header == other.header
            && *hash == other.hash
            && *batches == other.batches
            && *events == other.events
            && *notes == other.notes
            && *marks == other.marks
    }
}

impl Eq for Block {}

impl Block {
    /// Puts a block together from its parts, as they were read.
    ///
    /// # Errors
    /// The events are not whole records, or not as many as the header says.
    pub fn assemble(
        header: BlockHeader,
        batches: Vec<u8>,
        events: Vec<u8>,
        notes: Vec<(Seq, Note)>,
    ) -> Result<Self, BlockFault> {
        let marks = Marks::of(&events).map_err(BlockFault::Events)?;
        if marks.count != header.count {
            return Err(BlockFault::Size);
        }
        Ok(Self {
            hash: header.hash(),
            header,
            batches,
            events: Arc::new(events),
            notes,
            hashes: TreeHashes::default(),
            marks,
        })
    }

    /// The record with sequence `seq`, if the block holds it.
    pub fn record(&self, seq: Seq) -> Option<&[u8]> {
        let index = seq.0.checked_sub(self.header.first_seq.0)?;
        self.marks.record(&self.events, index)
    }

    /// Checks the block against its own header and `frontier`, the tree before it, which then has
    /// grown by it. The rows are checked by whoever folds the block.
    ///
    /// # Errors
    /// What does not fit.
    pub fn verify(&self, frontier: &mut Frontier) -> Result<(), BlockFault> {
        let header = &self.header;
        if header.hash() != self.hash {
            return Err(BlockFault::Hash);
        }
        if Digest::of(&self.batches) != header.batches {
            return Err(BlockFault::Batches);
        }
        frontier
            .push_records(&self.events)
            .map_err(BlockFault::Events)?;
        if frontier.size() != header.tree_size || header.tree_size != header.seqs().end {
            return Err(BlockFault::Size);
        }
        if frontier.root() != header.root {
            return Err(BlockFault::Root);
        }
        Ok(())
    }

    /// The entries of the batch list.
    ///
    /// # Errors
    /// The bytes are not whole entries.
    pub fn batch_entries(&self) -> Result<Vec<BatchEntry>, DecodeError> {
        let mut r = Reader::new(&self.batches);
        let mut entries = Vec::with_capacity(self.batches.len() / BatchEntry::BYTES);
        while !r.rest().is_empty() {
            entries.push(BatchEntry::decode(&mut r)?);
        }
        Ok(entries)
    }
}

/// What of a block does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockFault {
    /// The header does not hash to the block's hash.
    Hash,
    /// The header does not continue the block before.
    Link,
    /// The batch list does not hash to the header's digest.
    Batches,
    /// The events are not whole records.
    Events(DecodeError),
    /// The number of events is not the header's.
    Size,
    /// The tree's root is not the header's.
    Root,
    /// The derived account rows do not hash to the header's digest.
    Rows,
    /// The event with this sequence does not follow from the state before it.
    Fold(Seq),
}

impl std::fmt::Display for BlockFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hash => f.write_str("header does not hash to the block's hash"),
            Self::Link => f.write_str("header does not continue the block before"),
            Self::Batches => f.write_str("batch list does not hash to the header's digest"),
            Self::Events(error) => write!(f, "events: {error}"),
            Self::Size => f.write_str("number of events is not the header's"),
            Self::Root => f.write_str("root of the tree is not the header's"),
            Self::Rows => f.write_str("account rows do not hash to the header's digest"),
            Self::Fold(seq) => write!(f, "event `{seq}` does not follow from the state before it"),
        }
    }
}

impl std::error::Error for BlockFault {}

/// What a book decided since its last block: closed by the shard, hashed elsewhere.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct OpenBlock {
    /// Encoded events.
    pub events: Arc<Vec<u8>>,
    /// How many events.
    pub count: u32,
    /// Sequence of the first event.
    pub first_seq: u64,
    /// Posted time of the first event.
    pub first_posted_at: u64,
    /// Posted time of the last event.
    pub last_posted_at: u64,
    /// Who asked for which events.
    pub batches: Vec<BatchEntry>,
    /// Encoded rows of the touched accounts, filled when the block is closed.
    pub rows: Vec<u8>,
    /// Notes of events of the block.
    pub notes: Vec<(Seq, Note)>,
    /// Offset of every 64th event.
    marks: Marks,
}

impl OpenBlock {
    /// Appends an event.
    #[inline]
    pub fn push(&mut self, event: &Event) {
        self.marks.push(self.events.len());
        if self.count == 0 {
            self.first_seq = event.seq().0;
            self.first_posted_at = event.posted_at().0;
        }
        event.encode(Arc::make_mut(&mut self.events));
        self.count += 1;
        self.last_posted_at = event.posted_at().0;
    }

    /// The record with sequence `seq`, if the block holds it.
    pub fn record(&self, seq: Seq) -> Option<&[u8]> {
        if self.count == 0 {
            return None;
        }
        self.marks
            .record(&self.events, seq.0.checked_sub(self.first_seq)?)
    }

    /// A view of the records that outlives the block's being hashed.
    pub fn view(&self) -> BlockView {
        BlockView {
            first_seq: self.first_seq,
            events: Arc::clone(&self.events),
            marks: self.marks.clone(),
        }
    }

    /// Forgets every event from number `count` on, whose bytes start at `len`.
    pub(crate) fn truncate(&mut self, count: u32, len: usize, last_posted_at: u64) {
        Arc::make_mut(&mut self.events).truncate(len);
        self.marks.truncate(count);
        self.count = count;
        self.last_posted_at = last_posted_at;
    }

    /// An empty block with room for as much as this one holds.
    pub(crate) fn like(&self) -> Self {
        Self {
            events: Arc::new(Vec::with_capacity(self.events.len())),
            ..Self::default()
        }
    }
}

/// The records of a block that is on its way to the journal.
#[derive(Clone, Debug)]
pub struct BlockView {
    first_seq: u64,
    events: Arc<Vec<u8>>,
    marks: Marks,
}

impl BlockView {
    /// The record with sequence `seq`, if the block holds it.
    pub fn record(&self, seq: Seq) -> Option<&[u8]> {
        self.marks
            .record(&self.events, seq.0.checked_sub(self.first_seq)?)
    }
}

/// Offsets of every [`Marks::STEP`]th record of a block.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
struct Marks {
    offsets: Vec<u32>,
    count: u32,
}

impl Marks {
    const STEP: u32 = 64;

    fn of(events: &[u8]) -> Result<Self, DecodeError> {
        let mut marks = Self::default();
        let mut rest = events;
        while !rest.is_empty() {
            marks.push(events.len() - rest.len());
            rest = Event::split(rest)?.1;
        }
        Ok(marks)
    }

    #[inline]
    fn push(&mut self, offset: usize) {
        if self.count.is_multiple_of(Self::STEP) {
            self.offsets.push(offset as u32);
        }
        self.count += 1;
    }

    fn truncate(&mut self, count: u32) {
        self.count = count;
        self.offsets.truncate(count.div_ceil(Self::STEP) as usize);
    }

    fn record<'a>(&self, events: &'a [u8], index: u64) -> Option<&'a [u8]> {
        if index >= u64::from(self.count) {
            return None;
        }
        let index = index as u32;
        let offset = *self.offsets.get((index / Self::STEP) as usize)?;
        let skip = (index % Self::STEP) as usize;
        Records(events.get(offset as usize..)?).nth(skip)?.ok()
    }
}

/// Where a book's chain stands: what the next header continues.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Height of the last block; 0 before the first.
    pub height: Height,
    /// Its hash; zero before the first.
    pub hash: Digest,
    /// The tree with it.
    pub frontier: Frontier,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            height: Height(0),
            hash: Digest::ZERO,
            frontier: Frontier::new(),
        }
    }
}

impl Head {
    /// Makes `open` the next block: hashes its leaves and links it. This is the costly step.
    ///
    /// # Errors
    /// The events are not whole records, which no code of ours writes.
    pub fn seal(&mut self, book: BookId, open: OpenBlock) -> Result<Block, DecodeError> {
        let hashes = self
            .frontier
            .push_records_keeping(&open.events, open.count)?;
        let mut batches = Vec::with_capacity(open.batches.len() * BatchEntry::BYTES);
        for entry in &open.batches {
            entry.encode(&mut batches);
        }
        let header = BlockHeader {
            book,
            height: Height(self.height.0 + 1),
            previous: self.hash,
            first_seq: Seq(open.first_seq),
            count: open.count,
            first_posted_at: Nanos(open.first_posted_at),
            last_posted_at: Nanos(open.last_posted_at),
            tree_size: self.frontier.size(),
            root: self.frontier.root(),
            rows: Digest::of(&open.rows),
            batches: Digest::of(&batches),
        };
        self.height = header.height;
        self.hash = header.hash();
        Ok(Block {
            header,
            hash: self.hash,
            batches,
            events: open.events,
            notes: open.notes,
            hashes,
            marks: open.marks,
        })
    }

    /// Moves past `block` after checking that it continues this head and fits its header.
    ///
    /// # Errors
    /// What does not fit; the head is then of no more use.
    pub fn advance(&mut self, block: &Block) -> Result<(), BlockFault> {
        let continues = block.header.previous == self.hash
            && block.header.height.0 == self.height.0 + 1
            && block.header.first_seq.0 == self.frontier.size();
        if !continues {
            return Err(BlockFault::Link);
        }
        block.verify(&mut self.frontier)?;
        self.height = block.header.height;
        self.hash = block.hash;
        Ok(())
    }
}

/// Appends the row of `account` that a block's header commits to: id, the four sums, sequence and
/// flags, 90 bytes.
#[inline]
pub fn encode_row(account: &Account, out: &mut Vec<u8>) {
    let mut b = [0u8; 90];
    b[0..16].copy_from_slice(&account.id.0.to_le_bytes());
    b[16..32].copy_from_slice(&account.balances.debits_posted.to_le_bytes());
    b[32..48].copy_from_slice(&account.balances.credits_posted.to_le_bytes());
    b[48..64].copy_from_slice(&account.balances.debits_pending.to_le_bytes());
    b[64..80].copy_from_slice(&account.balances.credits_pending.to_le_bytes());
    b[80..88].copy_from_slice(&account.seq.to_le_bytes());
    b[88..90].copy_from_slice(&account.flags.0.to_le_bytes());
    out.extend_from_slice(&b);
}
