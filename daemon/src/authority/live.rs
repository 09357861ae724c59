//! The peers of all open connections, so that each is asked before a new trust counts.

use std::sync::{Arc, Weak};

use super::peer::Peer;

/// The peers of all open connections, without keeping them.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// In order of number.
    pub(super) peers: Vec<(u64, Weak<Peer>)>,
    next: u64,
}

impl Live {
    /// Adds a peer. Those that are gone make room first, so that no more are kept than twice as
    /// many as there are connections.
    pub(super) fn add(&mut self, peer: &Arc<Peer>) {
        if self.peers.len() == self.peers.capacity() {
            self.peers.retain(|(_, peer)| peer.strong_count() > 0);
            self.peers.reserve(self.peers.len().max(16));
        }
        self.peers.push((self.next, Arc::downgrade(peer)));
        self.next += 1;
    }

    /// The number that the next peer gets.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Those that are still there, from this number on.
    pub(super) fn since(&self, number: u64) -> Vec<Arc<Peer>> {
        let from = self.peers.partition_point(|(each, _)| *each < number);
        let peers = self.peers[from..].iter();
        peers.filter_map(|(_, peer)| peer.upgrade()).collect()
    }
}
