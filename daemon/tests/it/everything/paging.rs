//! Queries: every filter, in pages that writes do not disturb.

use std::cell::Cell;

use client::Client;
use ledger::event::TransferPosted;
use ledger::leg::Side;
use ledger::{AccountId, Code, Nanos, Seq, Transfer};
use wire::message::{self as m, Cursor, QueryTransfers, Reference};

use crate::harness::fold::Events;
use crate::harness::world::{BOOK, World};

/// All pages of a query. `between` runs between them.
async fn pages(
    client: &Client,
    mut request: QueryTransfers,
    between: impl AsyncFn(),
) -> Vec<TransferPosted> {
    let mut rows = Vec::new();
    loop {
        let page = client.query_transfers(BOOK, request.clone()).await.unwrap();
        assert!(request.limit == 0 || page.rows.len() <= request.limit as usize);
        rows.extend(page.rows.into_iter().map(|row| row.record));
        if page.next.is_empty() {
            return rows;
        }
        request.cursor = page.next;
        between().await;
    }
}

async fn some(world: &World, ids: std::ops::Range<u128>) {
    for id in ids {
        let debit = 1 + id % 3;
        let code = 1 + u16::try_from(id % 2).unwrap();
        let transfer = Transfer::new(id, debit, 1 + (debit % 3), id, code);
        let note = m::ItemNote {
            index: 0,
            reference: format!("order-{}", id % 4).into_bytes(),
            metadata: vec![],
        };
        let outcomes = world.write.post(BOOK, &[transfer], &[note]).await.unwrap();
        assert_eq!(outcomes.code(0), Code::Created);
    }
}

fn filters(events: &Events) -> Vec<QueryTransfers> {
    let all = || QueryTransfers {
        limit: 4,
        ..QueryTransfers::all()
    };
    let (early, late) = (events.0[9].posted_at(), events.0[21].posted_at());
    vec![
        all(),
        QueryTransfers { limit: 0, ..all() },
        QueryTransfers {
            account: Some(AccountId(2)),
            ..all()
        },
        QueryTransfers {
            account: Some(AccountId(2)),
            side: Some(Side::Credit),
            ..all()
        },
        QueryTransfers {
            account: Some(AccountId(1)),
            side: Some(Side::Debit),
            ..all()
        },
        QueryTransfers {
            account: Some(AccountId(9)),
            ..all()
        },
        QueryTransfers {
            code: Some(2),
            ..all()
        },
        QueryTransfers {
            reference: Reference::new(b"order-3".to_vec()),
            ..all()
        },
        QueryTransfers {
            reference: Reference::new(b"order-".to_vec()),
            ..all()
        },
        QueryTransfers {
            posted_from: early,
            posted_to: late,
            ..all()
        },
        QueryTransfers {
            posted_to: early,
            account: Some(AccountId(3)),
            ..all()
        },
        QueryTransfers {
            seq_from: Seq(8),
            seq_to: Seq(17),
            ..all()
        },
        QueryTransfers {
            seq_from: Seq(500),
            ..all()
        },
    ]
}

fn fits(t: &TransferPosted, request: &QueryTransfers) -> bool {
    let on_side = |account| match request.side {
        Some(Side::Debit) => t.debit == account,
        Some(Side::Credit) => t.credit == account,
        None => t.debit == account || t.credit == account,
    };
    let reference = format!("order-{}", t.id.0 % 4);
    let is_before = |end: u64, at: u64| end == 0 || at < end;
    request.account.is_none_or(on_side)
        && request.code.is_none_or(|code| t.code == code)
        && request
            .reference
            .as_ref()
            .is_none_or(|r| **r == *reference.as_bytes())
        && t.posted_at >= request.posted_from
        && is_before(request.posted_to.0, t.posted_at.0)
        && t.seq >= request.seq_from
        && is_before(request.seq_to.0, t.seq.0)
}

#[tokio::test]
async fn queries_find_what_fits_and_nothing_else() {
    let world = World::new(3).await;
    some(&world, 1..31).await;
    let events = Events::of(&world.write, BOOK).await;
    for mut request in filters(&events) {
        let wanted = events.transfers().filter(|t| fits(t, &request));
        let mut wanted: Vec<TransferPosted> = wanted.copied().collect();
        let found = pages(&world.write, request.clone(), async || {}).await;
        assert_eq!(found, wanted, "{request:?}");
        request.newest_first = true;
        wanted.reverse();
        let found = pages(&world.write, request.clone(), async || {}).await;
        assert_eq!(found, wanted, "{request:?}");
    }
}

#[tokio::test]
async fn pages_are_stable_while_others_post() {
    let world = World::new(3).await;
    some(&world, 1..31).await;
    let events = Events::of(&world.write, BOOK).await;
    let other = world.connect("acme-write").await;
    let id = Cell::new(1_000);
    // An event between any two pages.
    let post = async || {
        let transfer = Transfer::new(id.get(), 1, 2, 1, 1);
        id.set(id.get() + 1);
        let outcomes = other.post(BOOK, &[transfer], &[]).await.unwrap();
        assert_eq!(outcomes.created, 1);
    };
    for mut request in filters(&events) {
        let wanted = events.transfers().filter(|t| fits(t, &request));
        let mut wanted: Vec<TransferPosted> = wanted.copied().collect();
        request.newest_first = true;
        wanted.reverse();
        let found = pages(&world.write, request.clone(), &post).await;
        let new = found.iter().take_while(|t| t.id.0 >= 1_000).count();
        assert_eq!(found[new..], wanted, "{request:?}");
        request.newest_first = false;
        if request.seq_to.0 == 0 {
            request.seq_to = Seq(events.len());
        }
        wanted.reverse();
        let found = pages(&world.write, request.clone(), &post).await;
        assert_eq!(found, wanted, "{request:?}");
    }
}

#[tokio::test]
async fn a_cursor_of_ones_own_making_is_refused() {
    let world = World::new(2).await;
    let request = QueryTransfers {
        cursor: Cursor::new(vec![1, 2, 3]).unwrap(),
        ..QueryTransfers::all()
    };
    let refused = world.write.query_transfers(BOOK, request).await;
    assert_eq!(refused.unwrap_err().code(), Code::CursorInvalid);
    let request = QueryTransfers {
        side: Some(Side::Debit),
        ..QueryTransfers::all()
    };
    let refused = world.write.query_transfers(BOOK, request).await;
    assert_eq!(refused.unwrap_err().code(), Code::Malformed);
    let far = QueryTransfers {
        posted_from: Nanos(u64::MAX),
        ..QueryTransfers::all()
    };
    assert!(pages(&world.write, far, async || {}).await.is_empty());
}
