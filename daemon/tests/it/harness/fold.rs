//! A fold of a book's events that shares nothing with the ledger's own beyond the records.

use client::Client;
use ledger::event::TransferPosted;
use ledger::{AccountId, Balances, BookId, Event, Nanos, Seq, TransferFlags};

/// A change of an account's sums.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move {
    pub(crate) seq: Seq,
    pub(crate) posted_at: Nanos,
    pub(crate) effective_at: Nanos,
    is_debit: bool,
    posted: u128,
    held: i128,
}

/// The events of a book, in order.
pub(crate) struct Events(pub(crate) Vec<Event>);

impl Events {
    /// All events of `book` up to now, as a subscription gives them.
    pub(crate) async fn of(client: &Client, book: BookId) -> Self {
        Self::from(client, book, Seq(0)).await
    }

    /// All events of `book` from `from` up to now.
    pub(crate) async fn from(client: &Client, book: BookId, from: Seq) -> Self {
        let mut subscription = client.subscribe(book, from).await.unwrap();
        let end = subscription.began_at().events;
        let mut events = Vec::new();
        while subscription.next_seq().0 < end {
            let batch = subscription.next().await.unwrap().unwrap();
            events.extend(batch.records.iter().map(|r| Event::decode(r).unwrap()));
        }
        let seqs = events.iter().map(|event| event.seq().0);
        assert!(seqs.eq(from.0..from.0 + events.len() as u64), "no gaps");
        Self(events)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// The transfers among them.
    pub(crate) fn transfers(&self) -> impl DoubleEndedIterator<Item = &TransferPosted> {
        self.0.iter().filter_map(|event| match event {
            Event::Transfer(transfer) => Some(transfer),
            _ => None,
        })
    }

    /// What they do to `account`, in order.
    pub(crate) fn moves(&self, account: AccountId) -> Vec<Move> {
        self.0
            .iter()
            .filter_map(|event| change(event, account))
            .collect()
    }

    /// The four sums of `account` after all of them.
    pub(crate) fn now(&self, account: AccountId) -> Balances {
        sum(self.moves(account).into_iter())
    }

    /// What was posted on `account` by the moves that `counts` picks.
    pub(crate) fn posted(&self, account: AccountId, counts: impl Fn(&Move) -> bool) -> Balances {
        let moves = self.moves(account);
        sum(moves
            .iter()
            .filter(|each| counts(each))
            .map(|each| Move { held: 0, ..*each }))
    }
}

impl Move {
    /// What it adds to the balance, credits being positive; 0 for one that only holds or releases.
    pub(crate) fn signed(&self) -> i128 {
        let posted = i128::try_from(self.posted).unwrap();
        if self.is_debit { -posted } else { posted }
    }
}

fn sum(moves: impl Iterator<Item = Move>) -> Balances {
    let mut sums = Balances::default();
    for each in moves {
        let (posted, pending) = if each.is_debit {
            (&mut sums.debits_posted, &mut sums.debits_pending)
        } else {
            (&mut sums.credits_posted, &mut sums.credits_pending)
        };
        *posted += each.posted;
        *pending = pending.checked_add_signed(each.held).unwrap();
    }
    sums
}

fn change(event: &Event, account: AccountId) -> Option<Move> {
    let signed = |amount: u128| i128::try_from(amount).unwrap();
    let (debit, credit, effective_at, posted, held) = match event {
        Event::Transfer(t) if t.flags.has(TransferFlags::HOLD) => {
            (t.debit, t.credit, t.effective_at, 0, signed(t.amount))
        }
        Event::Transfer(t) => {
            let released = -signed(t.released);
            (t.debit, t.credit, t.effective_at, t.amount, released)
        }
        Event::HoldExpired(e) => (e.debit, e.credit, e.posted_at, 0, -signed(e.released)),
        _ => return None,
    };
    (debit == account || credit == account).then(|| Move {
        seq: event.seq(),
        posted_at: event.posted_at(),
        effective_at,
        is_debit: debit == account,
        posted,
        held,
    })
}
