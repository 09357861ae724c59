//! Closed blocks in memory: the past that the core asks about.

use std::collections::BTreeMap;

use ledger::block::Block;
use ledger::event::{Records, TransferPosted};
use ledger::note::Note;
use ledger::past::{KeyKind, Past, PastUnreadable};
use ledger::{BookId, Event, Seq, TransferFlags};

/// Every closed block of every book, indexed one cycle at a time.
#[derive(Default)]
pub(crate) struct Closed {
    keys: BTreeMap<(BookId, KeyKind, u128), Seq>,
    events: BTreeMap<(BookId, Seq), Event>,
    notes: BTreeMap<(BookId, Seq), Note>,
    /// Whether ids are found here; if not, the core's memory of recent ids has to do.
    pub(crate) finds: bool,
}

impl Closed {
    pub(crate) fn add(&mut self, block: &Block) {
        let book = block.header.book;
        for record in Records(&block.events) {
            let event = Event::decode(record.unwrap()).unwrap();
            match &event {
                Event::Transfer(t) => self.add_transfer(book, t),
                Event::HoldExpired(e) => {
                    self.keys.insert((book, KeyKind::HoldEnd, e.hold.0), e.seq);
                }
                _ => {}
            }
            self.events.insert((book, event.seq()), event);
        }
        for (seq, note) in &block.notes {
            self.notes.insert((book, *seq), note.clone());
        }
    }

    fn add_transfer(&mut self, book: BookId, t: &TransferPosted) {
        let mut add = |kind, id| {
            let before = self.keys.insert((book, kind, id), t.seq);
            assert_eq!(before, None, "{kind:?} of `{id}` twice");
        };
        add(KeyKind::Transfer, t.id.0);
        let has = |flag: TransferFlags| t.flags.0 & flag.0 != 0;
        let ends = has(TransferFlags::CAPTURE) && !has(TransferFlags::KEEP_OPEN);
        if ends || has(TransferFlags::VOID) {
            add(KeyKind::HoldEnd, t.target.0);
        }
        if has(TransferFlags::REVERSAL) {
            add(KeyKind::Reversal, t.target.0);
        }
    }
}

impl Past for Closed {
    fn find(&self, book: BookId, kind: KeyKind, id: u128) -> Result<Option<Seq>, PastUnreadable> {
        Ok(self
            .keys
            .get(&(book, kind, id))
            .filter(|_| self.finds)
            .copied())
    }

    fn transfer(&self, book: BookId, seq: Seq) -> Result<Option<TransferPosted>, PastUnreadable> {
        match self.events.get(&(book, seq)) {
            Some(Event::Transfer(t)) => Ok(Some(*t)),
            Some(_) => Ok(None),
            None => Err(PastUnreadable),
        }
    }

    fn note(&self, book: BookId, seq: Seq) -> Result<Option<Note>, PastUnreadable> {
        Ok(self.notes.get(&(book, seq)).cloned())
    }
}
