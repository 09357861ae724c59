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
    keys: BTreeMap<(BookId, KeyKind, u128), (u64, Seq)>,
    events: BTreeMap<(BookId, Seq), Event>,
    notes: BTreeMap<(BookId, Seq), Note>,
    /// Ids of cycles up to this one are found here; those of later ones only in the core's memory.
    pub(crate) covered: u64,
}

impl Closed {
    pub(crate) fn add(&mut self, cycle: u64, block: &Block) {
        let book = block.header.book;
        for record in Records(&block.events) {
            let event = Event::decode(record.unwrap()).unwrap();
            match &event {
                Event::Transfer(t) => self.add_transfer(cycle, book, t),
                Event::HoldExpired(e) => {
                    self.keys
                        .insert((book, KeyKind::HoldEnd, e.hold.0), (cycle, e.seq));
                }
                _ => {}
            }
            self.events.insert((book, event.seq()), event);
        }
        for (seq, note) in &block.notes {
            self.notes.insert((book, *seq), note.clone());
        }
    }

    fn add_transfer(&mut self, cycle: u64, book: BookId, t: &TransferPosted) {
        let mut add = |kind, id| {
            let before = self.keys.insert((book, kind, id), (cycle, t.seq));
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
        let known = self.keys.get(&(book, kind, id));
        Ok(known
            .filter(|(cycle, _)| *cycle <= self.covered)
            .map(|(_, seq)| *seq))
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
