//! A book halted, resumed, locked, imported into and opened.

use client::ClientError;
use ledger::event::BookChange;
use ledger::{BookId, Code, Nanos, Transfer, TransferFlags as Flags};
use wire::message as m;

use crate::harness::world::{self, ACME, BOOK, World, change_book, codes};

#[tokio::test]
async fn a_halted_book_is_read_and_takes_nothing_until_it_is_resumed() {
    let world = World::new(2).await;
    world.created(Transfer::new(1, 1, 2, 10, 1)).await;
    world.change_book(BookChange::Halted).await;
    let batch = [Transfer::new(1, 1, 2, 10, 1), Transfer::new(2, 1, 2, 10, 1)];
    let expected = [Code::Exists, Code::BookHalted];
    assert_eq!(world.post(&batch).await, expected);
    assert_eq!(world.balances(&[1]).await[0].posted(), -10);
    let row = world.write.list_books(m::ListRequest::default()).await;
    let row = row.unwrap().rows[0];
    assert_eq!((row.halted, row.reason), (true, 5));
    let halted = change_book(&world.operator, BOOK, BookChange::Halted, Nanos(0)).await;
    assert_eq!(halted, Code::Exists);
    world.change_book(BookChange::Resumed).await;
    assert_eq!(world.post(&batch).await, [Code::Exists, Code::Created]);
}

#[tokio::test]
async fn a_locked_book_takes_no_earlier_date() {
    let world = World::new(2).await;
    let mut early = Transfer::new(1, 1, 2, 10, 1);
    early.effective_at = Nanos(999);
    let mut late = Transfer::new(2, 1, 2, 10, 1);
    late.effective_at = Nanos(1_000);
    // A tenant's admin may do it too.
    let code = change_book(&world.admin, BOOK, BookChange::Locked, Nanos(1_000)).await;
    assert_eq!(code, Code::Created);
    let expected = [Code::EffectiveLocked, Code::Created];
    assert_eq!(world.post(&[early, late]).await, expected);
    let code = change_book(&world.admin, BOOK, BookChange::Locked, Nanos(500)).await;
    assert_ne!(code, Code::Created, "a lock does not go back");
}

#[tokio::test]
async fn a_book_is_imported_into_until_it_is_opened() {
    let world = World::new(0).await;
    let book = BookId(8);
    world::create_book(&world.operator, book, ACME, "import", true).await;
    world::create_accounts(&world.admin, book, 1..=2).await;
    let created = world
        .admin
        .lookup_accounts(book, vec![1.into()])
        .await
        .unwrap();
    let from = created.rows[0].unwrap().created_at.0;
    let imported = |id, posted_at| {
        let mut transfer = Transfer::new(id, 1, 2, 10, 1);
        transfer.flags = Flags::IMPORTED;
        transfer.posted_at = Nanos(posted_at);
        transfer
    };
    // Who posts may not bring times: that is another capability.
    let denied = world
        .write
        .post(book, &[imported(1, from + 1_000)], &[])
        .await;
    assert!(
        matches!(&denied, Err(ClientError::Refused(f)) if f.code == Code::Denied),
        "{denied:?}"
    );
    let post = async |transfers: &[Transfer]| {
        codes(&world.admin.post(book, transfers, &[]).await.unwrap())
    };
    let batch = [
        imported(1, from + 1_000),
        imported(2, from + 1_000),
        Transfer::new(3, 1, 2, 10, 1),
        imported(4, from + 2_000),
    ];
    let expected = [
        Code::Created,
        Code::PostedAtNotRising,
        Code::BookImporting,
        Code::Created,
    ];
    assert_eq!(post(&batch).await, expected);
    let open = change_book(&world.operator, book, BookChange::Opened, Nanos(0)).await;
    assert_eq!(open, Code::Created);
    let batch = [imported(5, from + 3_000), Transfer::new(6, 1, 2, 10, 1)];
    assert_eq!(post(&batch).await, [Code::BookNotImporting, Code::Created]);
    let again = change_book(&world.operator, book, BookChange::Opened, Nanos(0)).await;
    assert_eq!(again, Code::Exists);
}
