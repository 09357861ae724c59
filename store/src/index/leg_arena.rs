//! Room for lists that grow: chains of blocks, each twice as large as the one before.

use super::num::Packed;

/// Bytes that addresses count in, and of the smallest block.
const UNIT: usize = 32;
/// Blocks of this class and above are 4 KiB.
const LAST_CLASS: u8 = 7;
/// Bytes taken from the allocator at once.
const SEGMENT: usize = 64 << 10;
/// A block begins with the address of the next.
const LINK: usize = 4;

/// Room for lists that grow.
#[derive(Default)]
pub(super) struct Arena {
    segments: Vec<Box<[u8]>>,
    /// Units in use, the first of which is nobody's: address 0 means "none".
    used: usize,
}

/// A place in a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Mark {
    block: u32,
    at: u16,
    class: u8,
}

impl Mark {
    /// The start of the chain whose first block this is.
    pub(super) fn start_of(block: u32) -> Self {
        Self {
            block,
            at: LINK as u16,
            class: 0,
        }
    }

    /// The block.
    pub(super) fn block(self) -> u32 {
        self.block
    }
}

impl Arena {
    /// Begins a chain.
    pub(super) fn begin(&mut self) -> Mark {
        Mark::start_of(self.allocate(0))
    }

    fn allocate(&mut self, class: u8) -> u32 {
        let units = 1 << class;
        let per_segment = SEGMENT / UNIT;
        let left = self.segments.len() * per_segment - self.used;
        if left < units {
            self.used = self.segments.len() * per_segment;
            if self.segments.is_empty() {
                self.used = 1;
            }
            self.segments.push(vec![0; SEGMENT].into_boxed_slice());
        }
        let block = self.used as u32;
        self.used += units;
        block
    }

    fn block(&self, block: u32, class: u8) -> Option<&[u8]> {
        let at = block as usize * UNIT;
        let (segment, at) = (at / SEGMENT, at % SEGMENT);
        self.segments.get(segment)?.get(at..at + (UNIT << class))
    }

    fn block_mut(&mut self, block: u32, class: u8) -> Option<&mut [u8]> {
        let at = block as usize * UNIT;
        let (segment, at) = (at / SEGMENT, at % SEGMENT);
        self.segments
            .get_mut(segment)?
            .get_mut(at..at + (UNIT << class))
    }

    /// A byte at the end of a chain, read so that its memory is on its way when it is needed.
    #[inline]
    pub(super) fn touch(&self, end: Mark) -> u8 {
        let at = end.block as usize * UNIT + usize::from(end.at) - 1;
        let segment = self.segments.get(at / SEGMENT);
        segment
            .and_then(|segment| segment.get(at % SEGMENT))
            .copied()
            .unwrap_or_default()
    }

    /// Appends what is packed to the chain that ends at `end`, and moves `end`.
    #[inline]
    pub(super) fn append(&mut self, end: &mut Mark, packed: &Packed) {
        let at = usize::from(end.at);
        // Nearly always it is short and there is room for more: a copy of fixed length is cheap.
        if let Some(block) = self.block_mut(end.block, end.class)
            && let Some(room) = block.get_mut(at..).and_then(<[u8]>::first_chunk_mut)
            && let Some(short) = packed.short()
        {
            *room = *short;
            end.at += packed.bytes().len() as u16;
            return;
        }
        self.append_bytes(end, packed.bytes());
    }

    fn append_bytes(&mut self, end: &mut Mark, mut bytes: &[u8]) {
        loop {
            let (at, class) = (usize::from(end.at), end.class);
            let Some(block) = self.block_mut(end.block, class) else {
                return;
            };
            let room = block.len() - at;
            let (now, later) = bytes.split_at(bytes.len().min(room));
            block[at..at + now.len()].copy_from_slice(now);
            end.at += now.len() as u16;
            if later.is_empty() {
                return;
            }
            bytes = later;
            let class = (class + 1).min(LAST_CLASS);
            let next = self.allocate(class);
            if let Some(block) = self.block_mut(end.block, end.class) {
                block[..LINK].copy_from_slice(&next.to_le_bytes());
            }
            *end = Mark {
                block: next,
                at: LINK as u16,
                class,
            };
        }
    }

    /// Appends to `out` what stands between two marks of a chain.
    pub(super) fn copy(&self, mut start: Mark, end: Mark, out: &mut Vec<u8>) {
        while start.block != end.block {
            let Some(block) = self.block(start.block, start.class) else {
                return;
            };
            out.extend_from_slice(block.get(usize::from(start.at)..).unwrap_or_default());
            let Some(link) = block.first_chunk::<LINK>() else {
                return;
            };
            let class = (start.class + 1).min(LAST_CLASS);
            start = Mark {
                block: u32::from_le_bytes(*link),
                at: LINK as u16,
                class,
            };
            if start.block == 0 {
                return;
            }
        }
        let block = self.block(start.block, start.class).unwrap_or_default();
        let range = usize::from(start.at)..usize::from(end.at);
        out.extend_from_slice(block.get(range).unwrap_or_default());
    }

    /// Bytes of memory.
    pub(super) fn memory_bytes(&self) -> usize {
        self.segments.len() * SEGMENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_give_back_what_they_took() {
        let mut arena = Arena::default();
        let mut chains: Vec<(Mark, Mark, Vec<u8>)> = (0..50)
            .map(|_| {
                let start = arena.begin();
                (start, start, Vec::new())
            })
            .collect();
        let mut marks = Vec::new();
        for n in 0..40_000_usize {
            let chain = n * n % 50;
            let (start, end, bytes) = &mut chains[chain];
            if n % 997 == 0 {
                marks.push((chain, *end, bytes.len()));
            }
            let mut piece = Packed::new();
            (0..n % 80).for_each(|_| piece.put(n as u128, 1));
            arena.append(end, &piece);
            bytes.extend_from_slice(piece.bytes());
            assert_eq!(start.at, LINK as u16);
        }
        for (start, end, bytes) in &chains {
            let mut out = Vec::new();
            arena.copy(*start, *end, &mut out);
            assert_eq!(&out, bytes);
        }
        for (chain, mark, at) in marks {
            let (_, end, bytes) = &chains[chain];
            let mut out = Vec::new();
            arena.copy(mark, *end, &mut out);
            assert_eq!(out, bytes[at..]);
        }
    }
}
