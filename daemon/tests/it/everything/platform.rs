//! Greeting; tenants, assets, books and accounts: created once, listed, looked up, changed.

use ledger::account::AccountSettings;
use ledger::{AccountChange, AccountFlags, AccountId, BookId, Code, Height, Operation, Seq};
use wire::identity::Role;
use wire::message as m;

use crate::harness::fold::Events;
use crate::harness::world::{self, ACME, BOOK, World, account, codes, name};

#[tokio::test]
async fn hello_says_who_one_is_and_what_the_limits_are() {
    let world = World::new(0).await;
    let hello = world.write.hello();
    assert_eq!((hello.tenant, hello.tenant_name), (ACME, name("acme")));
    assert_eq!((hello.role, hello.protocol), (Role::Write, 1));
    assert_eq!(
        hello.batch_transfers_max as usize,
        ledger::limits::BATCH_TRANSFERS_MAX
    );
    let hello = world.operator.hello();
    assert_eq!((hello.role, hello.tenant.0), (Role::Operator, 0));
}

#[tokio::test]
async fn what_an_operator_creates_exists_once_and_is_listed() {
    let world = World::new(0).await;
    let operator = &world.operator;
    let tenant = ledger::registry::Tenant {
        id: ACME,
        name: name("acme"),
    };
    let again = operator.create_tenant(m::CreateTenant { tenant }).await;
    assert_eq!(again.unwrap().code, Code::Exists);
    let asset = world::usd();
    let again = operator.create_asset(m::CreateAsset { asset }).await;
    assert_eq!(again.unwrap().code, Code::Exists);
    let mut book = m::CreateBook {
        book: BOOK,
        tenant: ACME,
        name: name("main"),
        importing: false,
    };
    let again = operator.create_book(book).await.unwrap();
    assert_eq!(again.code, Code::Exists);
    book.name = name("other");
    let other = operator.create_book(book).await.unwrap();
    assert_eq!(other.code, Code::ExistsWithDifferentName);

    for number in 8..12 {
        let text = format!("book-{number}");
        world::create_book(operator, BookId(number), ACME, &text, false).await;
    }
    let all = m::ListRequest::default();
    assert_eq!(operator.list_tenants(all).await.unwrap().rows, [tenant]);
    assert_eq!(world.write.list_assets(all).await.unwrap().rows, [asset]);
    let mut page = m::ListRequest { after: 0, limit: 2 };
    let mut books = Vec::new();
    loop {
        let list = world.write.list_books(page).await.unwrap();
        books.extend(list.rows.iter().map(|row| row.book.0));
        if list.next == 0 {
            break;
        }
        page.after = list.next;
    }
    assert_eq!(books, [7, 8, 9, 10, 11]);
}

/// What operators did is events too, for the platform alone.
#[tokio::test]
async fn the_system_book_tells_what_operators_did() {
    let world = World::new(0).await;
    let operations = [
        Operation::CreateTenant,
        Operation::CreateAsset,
        Operation::CreateBook,
    ];
    for reader in [&world.operator, &world.connect("auditor").await] {
        let events = Events::of(reader, BookId::SYSTEM).await;
        assert_eq!(events.len(), operations.len() as u64);
        assert!(matches!(
            events.0.as_slice(),
            [
                ledger::Event::TenantCreated(_),
                ledger::Event::AssetCreated(_),
                ledger::Event::BookCreated(_)
            ]
        ));
    }
}

#[tokio::test]
async fn accounts_are_created_changed_looked_up_and_listed() {
    let world = World::new(5).await;
    let mut bounded = account(6);
    bounded.settings.floor = Some(-50);
    let asked = vec![account(5), bounded, account(6), account(0)];
    let outcomes = world.admin.create_accounts(BOOK, asked).await.unwrap();
    let expected = [
        Code::Exists,
        Code::Created,
        Code::ExistsWithDifferentSettings,
        Code::IdIsZero,
    ];
    assert_eq!(codes(&outcomes), expected);
    assert_eq!(outcomes.seq(1), Some(Seq(5)));

    let mut settings = AccountSettings {
        flags: AccountFlags(AccountFlags::DEBIT_NORMAL),
        ceiling: Some(1_000),
        ..AccountSettings::default()
    };
    let id = AccountId(2);
    let change = AccountChange { id, settings };
    let changed = world.admin.change_accounts(BOOK, vec![change]).await;
    assert_eq!(codes(&changed.unwrap()), [Code::Created]);
    let ids = vec![id, AccountId(99), AccountId(6)];
    let found = world.write.lookup_accounts(BOOK, ids).await.unwrap();
    assert!(found.height > Height(0));
    let [Some(second), None, Some(sixth)] = found.rows.as_slice() else {
        panic!("{:?}", found.rows)
    };
    settings.flags.0 |= second.account.settings.flags.0 & AccountFlags::CHANGED;
    assert_eq!(second.account.settings, settings);
    assert_eq!(sixth.account, bounded);

    let mut page = m::ListRequest { after: 0, limit: 4 };
    let first = world.write.list_accounts(BOOK, page).await.unwrap();
    page.after = first.next;
    let second = world.write.list_accounts(BOOK, page).await.unwrap();
    let ids: Vec<u128> = [first.rows, second.rows]
        .concat()
        .iter()
        .map(|row| row.account.id.0)
        .collect();
    assert_eq!((ids, second.next), ((1..=6).collect(), 0));
}
