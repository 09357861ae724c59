//! Recent blocks in memory, up to a number of bytes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use ledger::block::Block;
use ledger::{BookId, Digest, Height};

type Key = (BookId, Height);

/// Blocks that were appended or read lately. One that was asked for since it came to the front of
/// the queue goes to its end instead of out (second chance).
#[derive(Debug)]
pub(crate) struct Cache {
    blocks: HashMap<Key, Slot>,
    queue: VecDeque<Key>,
    bytes: usize,
    bytes_max: usize,
}

#[derive(Debug)]
struct Slot {
    block: Arc<Block>,
    bytes: usize,
    is_used: bool,
}

impl Cache {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            blocks: HashMap::new(),
            queue: VecDeque::new(),
            bytes: 0,
            bytes_max,
        }
    }

    pub(crate) fn get(&mut self, book: BookId, height: Height) -> Option<Arc<Block>> {
        let slot = self.blocks.get_mut(&(book, height))?;
        slot.is_used = true;
        Some(Arc::clone(&slot.block))
    }

    pub(crate) fn insert(&mut self, block: &Arc<Block>) {
        let bytes = bytes_of(block);
        if bytes > self.bytes_max {
            return;
        }
        let key = (block.header.book, block.header.height);
        let slot = Slot {
            block: Arc::clone(block),
            bytes,
            is_used: false,
        };
        match self.blocks.insert(key, slot) {
            Some(old) => self.bytes -= old.bytes,
            None => self.queue.push_back(key),
        }
        self.bytes += bytes;
        while self.bytes > self.bytes_max {
            let Some(key) = self.queue.pop_front() else {
                return;
            };
            self.retire(key);
        }
    }

    /// Forgets a block, of which something was erased.
    pub(crate) fn remove(&mut self, book: BookId, height: Height) {
        if let Some(slot) = self.blocks.remove(&(book, height)) {
            self.bytes -= slot.bytes;
            self.queue.retain(|key| *key != (book, height));
        }
    }

    fn retire(&mut self, key: Key) {
        match self.blocks.get_mut(&key) {
            Some(slot) if slot.is_used => {
                slot.is_used = false;
                self.queue.push_back(key);
            }
            _ => {
                if let Some(slot) = self.blocks.remove(&key) {
                    self.bytes -= slot.bytes;
                }
            }
        }
    }
}

/// Bytes that a block holds in memory, near enough.
pub(super) fn bytes_of(block: &Block) -> usize {
    let notes: usize = block
        .notes
        .iter()
        .map(|(_, note)| 96 + note.reference.capacity() + note.metadata.capacity())
        .sum();
    let hashes = block.hashes.leaves.capacity() + block.hashes.level8.capacity();
    512 + block.events.capacity() + block.batches.capacity() + notes + hashes * size_of::<Digest>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::block::{Head, OpenBlock};

    fn block(book: u32, bytes: usize) -> Arc<Block> {
        let mut block = Head::default()
            .seal(BookId(book), OpenBlock::default())
            .unwrap();
        block.batches = vec![0; bytes];
        Arc::new(block)
    }

    #[test]
    fn it_keeps_what_is_asked_for_and_never_too_much() {
        let mut cache = Cache::new(10 * 1_600);
        for book in 0..100 {
            cache.insert(&block(book, 1_000));
            assert!(
                cache.get(BookId(0), Height(1)).is_some(),
                "asked for every time"
            );
            assert!(cache.bytes <= cache.bytes_max && cache.blocks.len() == cache.queue.len());
        }
        assert!(cache.get(BookId(98), Height(1)).is_some());
        assert!(cache.get(BookId(50), Height(1)).is_none());
        cache.insert(&block(7, 1 << 20));
        assert!(
            cache.get(BookId(7), Height(1)).is_none(),
            "larger than all of it"
        );
        cache.remove(BookId(98), Height(1));
        assert!(cache.get(BookId(98), Height(1)).is_none());
        assert_eq!(cache.blocks.len(), cache.queue.len());
    }
}
