//! Chunks of snapshots, as recovery loads them.

use ledger::past::NoPast;
use ledger::posting::Batch;
use ledger::snapshot::Heads;
use ledger::{AccountId, BookId, Ledger, TransferFlags};

use crate::Verdict;
use crate::world::{at, chunks, empty, transfer, world};

/// In the first byte: registry and heads of the world are loaded before.
pub const FOUNDED: u8 = 1;

/// The first byte says what is loaded before; the rest is chunks, each after its length as `u16`.
pub fn body(data: &[u8]) -> Verdict {
    let Some((options, mut bytes)) = data.split_first() else {
        return Verdict::Refused;
    };
    let (mut ledger, mut heads) = (empty(), Heads::new());
    if options & FOUNDED != 0 {
        for chunk in world().chunks.iter().take(2) {
            let loaded = ledger.load_chunk(&mut heads, chunk);
            assert_eq!(loaded, Ok(()));
        }
    }
    let mut given = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes(*length)).min(rest.len());
        let (chunk, rest) = rest.split_at(length);
        if let Err(error) = ledger.load_chunk(&mut heads, chunk) {
            let _ = error.to_string();
            return Verdict::Refused;
        }
        given.push(chunk);
        bytes = rest;
    }
    ledger.rebuild_totals();
    again(&ledger, &heads);
    // As recovery: on anything else nothing is decided.
    if ledger
        .books()
        .all(|book| book.totals().is_balanced() && book.holds_add_up())
    {
        use_it(ledger);
    }
    Verdict::Accepted
}

/// What was loaded can be taken, loaded and taken again with the same bytes.
fn again(ledger: &Ledger, heads: &Heads) {
    let taken = chunks(ledger, heads);
    let (mut second, mut second_heads) = (empty(), Heads::new());
    for chunk in &taken {
        assert_eq!(second.load_chunk(&mut second_heads, chunk), Ok(()));
    }
    assert_eq!(&second_heads, heads);
    assert_eq!(chunks(&second, &second_heads), taken, "a snapshot changes");
}

/// Decides on top of it, whatever it holds.
fn use_it(mut ledger: Ledger) {
    let books: Vec<BookId> = ledger.books().map(|book| book.id).collect();
    for id in books {
        let Some(book) = ledger.book(id) else {
            continue;
        };
        let accounts: Vec<AccountId> = book.accounts().iter().map(|a| a.id).take(3).collect();
        let mut transfers = Vec::new();
        for (at, pair) in accounts.windows(2).enumerate() {
            if let [debit, credit] = pair {
                let id = 1_000 + at as u128;
                for (id, flags) in [(id, TransferFlags::NONE), (id + 50, TransferFlags::HOLD)] {
                    transfers.push(transfer(id, debit.0, credit.0, 1 << 90, flags));
                }
            }
        }
        let mut results = Vec::new();
        let batch = Batch::of(&transfers);
        let posted = ledger.post(&at(99), id, &batch, &NoPast, &mut results);
        assert_eq!(posted, Ok(()));
    }
    let _ = ledger.close_blocks();
}
