//! After a stop and after a kill everything is as it was, and known ids are known.

use ledger::event::BookChange;
use ledger::{AccountId, BookId, Code, Nanos, Seq, Transfer, TransferFlags as Flags, TransferId};
use wire::message::{self as m, AsOf, Clock};

use crate::harness::fold::Events;
use crate::harness::world::{self, ACME, BOOK, World, change_book};

const HALTED: BookId = BookId(8);
const IDS: std::ops::Range<u128> = 1..60;

/// What clients can read of the platform.
#[derive(PartialEq, Debug)]
struct Told {
    tenants: m::TenantList,
    assets: m::AssetList,
    books: m::BookList,
    of_books: Vec<BookTold>,
}

/// What clients can read of a book.
#[derive(PartialEq, Debug)]
struct BookTold {
    accounts: m::AccountList,
    totals: m::Totals,
    transfers: m::TransferList,
    states: m::TransfersFound,
    events: Vec<ledger::Event>,
    now: m::BalancesFound,
    earlier: m::BalancesFound,
    statement: m::StatementPage,
}

async fn told(world: &World) -> Told {
    let all = m::ListRequest::default();
    let mut of_books = Vec::new();
    for book in [BOOK, HALTED] {
        of_books.push(book_told(world, book).await);
    }
    Told {
        tenants: world.operator.list_tenants(all).await.unwrap(),
        assets: world.write.list_assets(all).await.unwrap(),
        books: world.write.list_books(all).await.unwrap(),
        of_books,
    }
}

async fn book_told(world: &World, book: BookId) -> BookTold {
    let client = &world.write;
    let ids: Vec<TransferId> = IDS.map(TransferId).collect();
    let accounts: Vec<AccountId> = (1..=3).map(AccountId).collect();
    let as_of = async |as_of| {
        let ids = accounts.clone();
        let request = m::BalancesAsOf { as_of, ids };
        client.balances_as_of(book, request).await.unwrap()
    };
    let statement = m::Statement {
        account: AccountId(1),
        clock: Clock::EffectiveAt,
        from: 0,
        to: 0,
        limit: 0,
        cursor: m::Cursor::default(),
    };
    BookTold {
        accounts: client
            .list_accounts(book, m::ListRequest::default())
            .await
            .unwrap(),
        totals: client.totals(book).await.unwrap(),
        transfers: client
            .query_transfers(book, m::QueryTransfers::all())
            .await
            .unwrap(),
        states: client.lookup_transfers(book, &ids).await.unwrap(),
        events: Events::of(client, book).await.0,
        now: as_of(AsOf::Now).await,
        earlier: as_of(AsOf::Seq(Seq(10))).await,
        statement: client.statement(book, statement).await.unwrap(),
    }
}

/// Transfers of every kind under [`IDS`], with notes.
fn batch() -> (Vec<Transfer>, Vec<m::ItemNote>) {
    let transfers: Vec<Transfer> = IDS
        .map(|id| {
            let mut transfer = Transfer::new(id, 1 + id % 3, 1 + (id + 1) % 3, 10 + id, 1);
            transfer.effective_at = Nanos(u64::try_from(id % 5).unwrap() * 1_000);
            match id % 6 {
                0 => transfer.flags = Flags::HOLD,
                3 => {
                    // Captures what is held under the id three before, of the same accounts.
                    transfer.flags = if id == 3 { Flags::NONE } else { Flags::CAPTURE };
                    transfer.target = TransferId(if id == 3 { 0 } else { id - 3 });
                    transfer.amount = 5;
                }
                _ => {}
            }
            transfer
        })
        .collect();
    let note = |index: u32| m::ItemNote {
        index,
        reference: format!("r{index}").into_bytes(),
        metadata: vec![7; 3],
    };
    (transfers, (0..20).map(note).collect())
}

async fn busy_world() -> (World, m::Outcomes) {
    let world = World::new(3).await;
    world::create_book(&world.operator, HALTED, ACME, "halted", false).await;
    world::create_accounts(&world.admin, HALTED, 1..=3).await;
    let (transfers, notes) = batch();
    let mut outcomes = None;
    for book in [BOOK, HALTED] {
        let posted = world.write.post(book, &transfers, &notes).await.unwrap();
        assert_eq!(posted.exceptions, [], "all are created");
        outcomes.get_or_insert(posted);
    }
    let halted = change_book(&world.operator, HALTED, BookChange::Halted, Nanos(0)).await;
    assert_eq!(halted, Code::Created);
    let locked = change_book(&world.admin, BOOK, BookChange::Locked, Nanos(900)).await;
    assert_eq!(locked, Code::Created);
    (world, outcomes.unwrap())
}

async fn check_again(world: &World, before: &Told, first: &m::Outcomes) {
    assert_eq!(told(world).await, *before);
    let (transfers, notes) = batch();
    for book in [BOOK, HALTED] {
        let again = world.write.post(book, &transfers, &notes).await.unwrap();
        assert_eq!(again.created, 0);
        for index in 0..u32::try_from(transfers.len()).unwrap() {
            assert_eq!(again.code(index), Code::Exists);
            assert_eq!(again.seq(index), first.seq(index));
        }
    }
    assert_eq!(told(world).await, *before);
}

#[tokio::test]
async fn a_stop_and_a_kill_change_nothing_that_was_told() {
    let (world, first) = busy_world().await;
    let before = told(&world).await;
    let world = world
        .again(|daemon| daemon.stop(), |place| place.start())
        .await;
    check_again(&world, &before, &first).await;
    let world = world
        .again(|daemon| daemon.kill(), |place| place.start())
        .await;
    check_again(&world, &before, &first).await;
    world.created(Transfer::new(1_000, 1, 2, 10, 1)).await;
    let world = world
        .again(|daemon| daemon.kill(), |place| place.start())
        .await;
    assert!(world.lookup(1_000).await.is_some());
}

#[tokio::test]
async fn a_directory_is_one_daemons() {
    let world = World::new(0).await;
    let file = world.place.file("ledgerd.toml");
    let run = ["run", "--config", file.to_str().unwrap()];
    let ended = crate::daemon::end(crate::daemon::command(&run));
    assert_eq!(ended.code, Some(1), "{}", ended.complaint);
    assert!(ended.complaint.contains("in use"), "{}", ended.complaint);
}
