//! The past as the shard sees it: cycles in flight, then the index and the journal.

use std::collections::VecDeque;
use std::sync::Arc;

use ledger::block::{BlockView, OpenBlock};
use ledger::event::TransferPosted;
use ledger::note::Note;
use ledger::past::{KeyKind, Past, PastUnreadable};
use ledger::{BookId, Event, Seq};
use store::Reader;
use store::index::Index;

use crate::index_slot::IndexSlot;

/// Closed blocks: those on their way to the journal and those in it.
pub(crate) struct ShardPast {
    reader: Reader,
    slot: IndexSlot,
    /// That of the slot, looked at again once a cycle: asked for every transfer.
    index: Arc<Index>,
    in_flight: VecDeque<(u64, Vec<Closed>)>,
}

struct Closed {
    book: BookId,
    view: BlockView,
    notes: Vec<(Seq, Note)>,
}

impl ShardPast {
    pub(crate) fn new(reader: Reader, slot: IndexSlot) -> Self {
        Self {
            reader,
            index: slot.load(),
            slot,
            in_flight: VecDeque::new(),
        }
    }

    /// Remembers the blocks of a cycle until it is durable.
    pub(crate) fn closed(&mut self, number: u64, blocks: &[(BookId, OpenBlock)]) {
        let closed = blocks.iter().map(|(book, open)| Closed {
            book: *book,
            view: open.view(),
            notes: open.notes.clone(),
        });
        self.in_flight.push_back((number, closed.collect()));
    }

    /// The journal can be asked for cycles up to `number` now.
    pub(crate) fn durable(&mut self, number: u64) {
        self.index = self.slot.load();
        while self
            .in_flight
            .front()
            .is_some_and(|(cycle, _)| *cycle <= number)
        {
            self.in_flight.pop_front();
        }
    }

    fn in_flight(&self, book: BookId) -> impl Iterator<Item = &Closed> {
        self.in_flight
            .iter()
            .flat_map(|(_, closed)| closed)
            .filter(move |c| c.book == book)
    }
}

impl Past for ShardPast {
    #[inline]
    fn find(&self, book: BookId, kind: KeyKind, id: u128) -> Result<Option<Seq>, PastUnreadable> {
        self.index.find(book, kind, id).map_err(|error| {
            tracing::error!(%error, "the index of ids cannot be read");
            PastUnreadable
        })
    }

    fn transfer(&self, book: BookId, seq: Seq) -> Result<Option<TransferPosted>, PastUnreadable> {
        let decoded = match self
            .in_flight(book)
            .find_map(|closed| closed.view.record(seq))
        {
            Some(record) => Event::decode(record),
            None => {
                let block = self.reader.block_at(book, seq).map_err(|error| {
                    tracing::error!(%error, "a closed block cannot be read");
                    PastUnreadable
                })?;
                match block.as_ref().and_then(|block| block.record(seq)) {
                    Some(record) => Event::decode(record),
                    None => return Err(PastUnreadable),
                }
            }
        };
        match decoded {
            Ok(Event::Transfer(record)) => Ok(Some(record)),
            Ok(_) => Ok(None),
            Err(_) => Err(PastUnreadable),
        }
    }

    fn note(&self, book: BookId, seq: Seq) -> Result<Option<Note>, PastUnreadable> {
        let note = self
            .in_flight(book)
            .flat_map(|closed| &closed.notes)
            .find(|(at, _)| *at == seq);
        match note {
            Some((_, note)) => Ok(Some(note.clone())),
            None => self.reader.note(book, seq).map_err(|error| {
                tracing::error!(%error, "a note cannot be read");
                PastUnreadable
            }),
        }
    }
}
