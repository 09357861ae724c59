//! Components that were sent, kept for other configurations of them.

use std::collections::VecDeque;
use std::sync::Arc;

use ledger::Digest;

/// Components that were sent, most recently used last, within a limit of bytes.
#[derive(Debug)]
pub(super) struct Components {
    most: usize,
    bytes: usize,
    kept: VecDeque<(Digest, Arc<[u8]>)>,
}

impl Components {
    /// Room for `most` bytes.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            bytes: 0,
            kept: VecDeque::new(),
        }
    }

    /// The component with this digest, if it is kept.
    pub(super) fn get(&mut self, digest: &Digest) -> Option<Arc<[u8]>> {
        let at = self.kept.iter().position(|(kept, _)| kept == digest)?;
        let (digest, component) = self.kept.remove(at)?;
        self.kept.push_back((digest, Arc::clone(&component)));
        Some(component)
    }

    /// Keeps a component, whose digest was checked, in place of those that were not used longest.
    pub(super) fn keep(&mut self, digest: Digest, component: Arc<[u8]>) {
        if self.get(&digest).is_some() || component.len() > self.most {
            return;
        }
        while self.bytes + component.len() > self.most {
            let Some((_, oldest)) = self.kept.pop_front() else {
                break;
            };
            self.bytes -= oldest.len();
        }
        self.bytes += component.len();
        self.kept.push_back((digest, component));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_goes_first() {
        let mut kept = Components::new(10);
        let part = |n: u8, bytes: usize| (Digest([n; 32]), vec![n; bytes].into());
        for n in 1..=2 {
            let (digest, component) = part(n, 4);
            kept.keep(digest, component);
        }
        assert!(kept.get(&Digest([1; 32])).is_some());
        let (digest, component) = part(3, 5);
        kept.keep(digest, component);
        assert!(kept.get(&Digest([2; 32])).is_none());
        assert!(kept.get(&Digest([1; 32])).is_some());
        let (digest, component) = part(4, 11);
        kept.keep(digest, component);
        assert!(kept.get(&Digest([4; 32])).is_none());
        assert_eq!(kept.bytes, 9);
    }
}
