//! Known ids: a transfer that was accepted before answers `exists`, whatever has changed since.

use crate::book::Book;
use crate::code::Code;
use crate::event::{Event, TransferPosted};
use crate::id::{AssetId, Nanos, Seq};
use crate::note::Note;
use crate::past::{KeyKind, Past, PastUnreadable};
use crate::posting::{Desk, Item, ItemResult};
use crate::transfer::{Transfer, TransferFlags};

impl Book {
    /// What `id` points to, recent or old.
    #[inline]
    pub(crate) fn find(
        &self,
        desk: &Desk<'_>,
        kind: KeyKind,
        id: u128,
    ) -> Result<Option<Seq>, PastUnreadable> {
        match desk.ids.find(self.id, kind, id) {
            Some(seq) => Ok(Some(seq)),
            None => desk.past.find(self.id, kind, id),
        }
    }

    /// The transfer with this sequence, closed or not.
    pub(crate) fn transfer_at(
        &self,
        past: &dyn Past,
        seq: Seq,
    ) -> Result<Option<TransferPosted>, PastUnreadable> {
        match self.open.record(seq).map(Event::decode) {
            Some(Ok(Event::Transfer(record))) => Ok(Some(record)),
            Some(Ok(_)) => Ok(None),
            Some(Err(_)) => Err(PastUnreadable),
            None => past.transfer(self.id, seq),
        }
    }

    fn note_at(&self, past: &dyn Past, seq: Seq) -> Result<Option<Note>, PastUnreadable> {
        let notes = &self.open.notes;
        match notes.binary_search_by_key(&seq, |(at, _)| *at) {
            Ok(at) => Ok(Some(notes[at].1.clone())),
            Err(_) => past.note(self.id, seq),
        }
    }
}

/// The answer for an id that is known, `None` for a new one.
#[inline]
pub(crate) fn check(
    book: &Book,
    desk: &Desk<'_>,
    item: &Item<'_>,
) -> Result<Option<ItemResult>, PastUnreadable> {
    match book.find(desk, KeyKind::Transfer, item.transfer.id.0)? {
        None => Ok(None),
        Some(seq) => compare(book, desk, item, seq).map(Some),
    }
}

#[cold]
fn compare(
    book: &Book,
    desk: &Desk<'_>,
    item: &Item<'_>,
    seq: Seq,
) -> Result<ItemResult, PastUnreadable> {
    // The index says that this event is the transfer: anything else is damage.
    let record = book.transfer_at(desk.past, seq)?.ok_or(PastUnreadable)?;
    let code = match difference(&record, item.transfer) {
        Some(code) => code,
        None => late_difference(book, desk, item, &record)?.unwrap_or(Code::Exists),
    };
    Ok(ItemResult { code, seq })
}

fn difference(record: &TransferPosted, t: &Transfer) -> Option<Code> {
    let effective_differs = if t.effective_at.0 == 0 {
        record.effective_at != record.posted_at
    } else {
        record.effective_at != t.effective_at
    };
    let fields = [
        (record.flags != t.flags, Code::ExistsWithDifferentFlags),
        (record.debit != t.debit, Code::ExistsWithDifferentDebit),
        (record.credit != t.credit, Code::ExistsWithDifferentCredit),
        (
            record.requested != t.amount,
            Code::ExistsWithDifferentAmount,
        ),
        (record.target != t.target, Code::ExistsWithDifferentTarget),
        (
            t.asset != AssetId(0) && record.asset != t.asset,
            Code::ExistsWithDifferentAsset,
        ),
        (
            record.timeout != t.timeout,
            Code::ExistsWithDifferentTimeout,
        ),
        (record.code != t.code, Code::ExistsWithDifferentCode),
        (effective_differs, Code::ExistsWithDifferentEffectiveAt),
        (
            record.user_data != t.user_data,
            Code::ExistsWithDifferentUserData,
        ),
    ];
    fields
        .iter()
        .find(|(differs, _)| *differs)
        .map(|(_, code)| *code)
}

/// Compares reference, metadata and, for imports, the posted time. A note that was erased can no
/// longer be told apart.
fn late_difference(
    book: &Book,
    desk: &Desk<'_>,
    item: &Item<'_>,
    record: &TransferPosted,
) -> Result<Option<Code>, PastUnreadable> {
    let empty = Note::default();
    let asked = item.note.unwrap_or(&empty);
    // Flags are the same, so both were imported or neither was.
    let imported = record.flags.has(TransferFlags::IMPORTED);
    let posted_at = if imported { record.posted_at } else { Nanos(0) };
    let stored = match record.commitments {
        Some(_) => book.note_at(desk.past, record.seq)?,
        None => Some(Note::default()),
    };
    Ok(match stored {
        Some(note) if note.reference != asked.reference => Some(Code::ExistsWithDifferentReference),
        Some(note) if note.metadata != asked.metadata => Some(Code::ExistsWithDifferentMetadata),
        _ if posted_at != item.transfer.posted_at => Some(Code::ExistsWithDifferentPostedAt),
        _ => None,
    })
}
