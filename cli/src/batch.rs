//! Batches: transfers that go into one request, within what a frame holds.

use ledger::Transfer;
use ledger::limits::BATCH_TRANSFERS_MAX;
use wire::limits::FRAME_BODY_MAX;
use wire::message::{ItemNote, encode_post};

/// Transfers that go into one request, each with what belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Batch<M> {
    transfers: Vec<Transfer>,
    notes: Vec<ItemNote>,
    belongings: Vec<M>,
    bytes: usize,
    most: usize,
}

/// A transfer with its note, and what belongs to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Item<M> {
    /// The transfer.
    pub(crate) transfer: Transfer,
    /// Empty if there is none.
    pub(crate) reference: String,
    /// Empty if there is none.
    pub(crate) metadata: Vec<u8>,
    /// What belongs to it.
    pub(crate) belongings: M,
}

/// Bytes of the two counts at the start of a request.
const HEAD_BYTES: usize = 8;
/// Bytes of a note besides its two texts.
const NOTE_BYTES: usize = 8;

impl<M> Batch<M> {
    /// An empty batch of at most `most` transfers, which are those that the server takes.
    pub(crate) fn new(most: u32) -> Self {
        Self {
            transfers: Vec::new(),
            notes: Vec::new(),
            belongings: Vec::new(),
            bytes: HEAD_BYTES,
            most: (most as usize).clamp(1, BATCH_TRANSFERS_MAX),
        }
    }

    /// Whether these transfers go in too.
    pub(crate) fn fits(&self, items: &[Item<M>]) -> bool {
        let bytes: usize = items.iter().map(Item::bytes).sum();
        self.len() + items.len() <= self.most && self.bytes + bytes <= FRAME_BODY_MAX
    }

    /// Appends a transfer.
    pub(crate) fn push(&mut self, item: Item<M>) {
        self.bytes += item.bytes();
        if item.has_note() {
            self.notes.push(ItemNote {
                // At most 8,190 transfers go in.
                index: u32::try_from(self.transfers.len()).unwrap_or(u32::MAX),
                reference: item.reference.into_bytes(),
                metadata: item.metadata,
            });
        }
        self.transfers.push(item.transfer);
        self.belongings.push(item.belongings);
    }

    /// How many transfers are in it.
    pub(crate) fn len(&self) -> usize {
        self.transfers.len()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.transfers.is_empty()
    }

    /// The transfers, each with what belongs to it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Transfer, &M)> {
        self.transfers.iter().zip(&self.belongings)
    }

    /// Transfers and notes.
    pub(crate) fn parts(&self) -> (&[Transfer], &[ItemNote]) {
        (&self.transfers, &self.notes)
    }

    /// The body of a request to post it.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        encode_post(&self.transfers, &self.notes, &mut body);
        body
    }
}

impl<M> Item<M> {
    fn has_note(&self) -> bool {
        !self.reference.is_empty() || !self.metadata.is_empty()
    }

    fn bytes(&self) -> usize {
        let note = NOTE_BYTES + self.reference.len() + self.metadata.len();
        Transfer::BYTES + if self.has_note() { note } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(metadata: usize) -> Item<()> {
        Item {
            transfer: Transfer::new(1, 2, 3, 4, 5),
            reference: String::new(),
            metadata: vec![7; metadata],
            belongings: (),
        }
    }

    #[test]
    fn a_full_batch_fits_into_a_frame() {
        for (metadata, expected) in [(0, BATCH_TRANSFERS_MAX), (128, 7_943), (4_096, 495)] {
            let mut batch = Batch::new(u32::MAX);
            while batch.fits(&[item(metadata)]) {
                batch.push(item(metadata));
            }
            assert_eq!(batch.len(), expected);
            assert_eq!(batch.encode().len(), batch.bytes);
            assert!(batch.bytes <= FRAME_BODY_MAX);
        }
    }

    #[test]
    fn the_server_may_take_fewer() {
        let mut batch = Batch::new(2);
        assert!(!batch.fits(&[item(0), item(0), item(0)]));
        batch.push(item(0));
        assert!(batch.fits(&[item(0)]));
        batch.push(item(1));
        assert!(!batch.fits(&[item(0)]));
        let (transfers, notes) = batch.parts();
        assert_eq!((transfers.len(), notes.len(), notes[0].index), (2, 1, 1));
    }
}
