//! Full tiles in memory, those used lately.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::hashes::TileNodes;

/// Nodes of full tiles by slot. Tiles used since they were last looked at get a second chance.
pub(super) struct Cache {
    tiles: HashMap<u32, Slot>,
    queue: VecDeque<u32>,
    tiles_max: usize,
}

struct Slot {
    nodes: Arc<TileNodes>,
    is_used: bool,
}

impl Cache {
    pub(super) fn new(tiles_max: usize) -> Self {
        Self {
            tiles: HashMap::new(),
            queue: VecDeque::new(),
            tiles_max,
        }
    }

    pub(super) fn get(&mut self, slot: u32) -> Option<Arc<TileNodes>> {
        let found = self.tiles.get_mut(&slot)?;
        found.is_used = true;
        Some(Arc::clone(&found.nodes))
    }

    pub(super) fn insert(&mut self, slot: u32, nodes: &Arc<TileNodes>) {
        let kept = Slot {
            nodes: Arc::clone(nodes),
            is_used: false,
        };
        if self.tiles.insert(slot, kept).is_none() {
            self.queue.push_back(slot);
        }
        while self.tiles.len() > self.tiles_max {
            let Some(oldest) = self.queue.pop_front() else {
                return;
            };
            match self.tiles.get_mut(&oldest) {
                Some(kept) if kept.is_used => {
                    kept.is_used = false;
                    self.queue.push_back(oldest);
                }
                _ => {
                    self.tiles.remove(&oldest);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_what_is_asked_for_and_never_too_much() {
        let nodes = Arc::new(TileNodes::new(Vec::new()));
        let mut cache = Cache::new(4);
        for slot in 0..100 {
            cache.insert(slot, &nodes);
            assert!(cache.get(0).is_some(), "asked for every time");
            assert!(cache.tiles.len() <= 4 && cache.tiles.len() == cache.queue.len());
        }
        assert!(cache.get(99).is_some());
        assert!(cache.get(50).is_none());
    }
}
