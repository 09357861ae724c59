//! Who may not: every operation, asked for by everyone about every kind of book. What is denied
//! changes nothing but the record of denials, and looks the same for a book of others and for one
//! that does not exist.

pub(crate) mod sample;

use client::{Client, ClientError};
use ledger::asset::Asset;
use ledger::event::RequestDenied;
use ledger::operation::OperationClass;
use ledger::registry::Tenant;
use ledger::{BookId, Code, Digest, Event, Height, Operation, TenantId, Transfer};
use wire::Failure;
use wire::message::{self as m, Answer, Request};

use crate::harness::PATIENCE;
use crate::harness::fold::Events;
use crate::harness::world::{self, BOOK, World};
use crate::persona::{BETA, BETAS, BOOKS, EVERYONE, MISSING, is_allowed};
use sample::sample;

/// Two tenants with a book each, alike to the last transfer.
async fn two_tenants() -> World {
    let world = World::new(2).await;
    world::create_tenant(&world.operator, BETA, "beta").await;
    world::create_book(&world.operator, BETAS, BETA, "main", false).await;
    let betas = world.connect("beta-admin").await;
    world::create_accounts(&betas, BETAS, 1..=2).await;
    for (client, book) in [(&world.admin, BOOK), (&betas, BETAS)] {
        let note = m::ItemNote {
            index: 0,
            reference: b"order".to_vec(),
            metadata: vec![],
        };
        let transfer = Transfer::new(1, 1, 2, 10, 1);
        let posted = client.post(book, &[transfer], &[note]).await.unwrap();
        assert_eq!(posted.created, 1);
    }
    world
}

async fn ask(client: &Client, operation: Operation, book: BookId) -> Result<Answer, Failure> {
    let answer = match sample(operation) {
        // Its events follow on a stream of their own.
        Request::Subscribe(m::Subscribe { from }) => {
            let subscription = client.subscribe(book, from).await;
            subscription.map(|subscription| Answer::Subscribe(subscription.began_at()))
        }
        request => client.call(book, &request, PATIENCE).await,
    };
    match answer {
        Ok(answer) => Ok(answer),
        Err(ClientError::Refused(failure)) => Err(failure),
        Err(error) => panic!("{operation:?}: {error}"),
    }
}

/// Whatever a denied request might have changed.
#[derive(PartialEq, Debug)]
struct Everything {
    tenants: Vec<Tenant>,
    assets: Vec<Asset>,
    books: Vec<m::BookRow>,
    accounts: Vec<Vec<m::AccountRow>>,
    /// By book, without the records of denials.
    events: Vec<Vec<Event>>,
}

impl Everything {
    async fn of(world: &World, auditor: &Client) -> Self {
        let list = m::ListRequest::default();
        let mut books = auditor.list_books(list).await.unwrap().rows;
        for book in &mut books {
            // A record of a denial is an event, in a block.
            (book.height, book.events) = (Height(0), 0);
        }
        let mut accounts = Vec::new();
        for book in [BOOK, BETAS] {
            accounts.push(auditor.list_accounts(book, list).await.unwrap().rows);
        }
        let mut events = Vec::new();
        for book in [BOOK, BETAS, BookId::SYSTEM] {
            let Events(mut all) = Events::of(auditor, book).await;
            all.retain(|event| !matches!(event, Event::RequestDenied(_)));
            events.push(all);
        }
        Self {
            tenants: world.operator.list_tenants(list).await.unwrap().rows,
            assets: auditor.list_assets(list).await.unwrap().rows,
            books,
            accounts,
            events,
        }
    }
}

#[tokio::test]
async fn what_is_not_allowed_is_denied_and_changes_nothing() {
    let world = two_tenants().await;
    let auditor = world.connect("auditor").await;
    let before = Everything::of(&world, &auditor).await;
    for name in EVERYONE {
        let client = world.connect(name).await;
        for operation in Operation::ALL {
            for book in BOOKS {
                if is_allowed(name, *operation, book) {
                    continue;
                }
                let denied = ask(&client, *operation, book).await;
                let code = denied.as_ref().map_err(|failure| failure.code);
                let named = (name, operation, book);
                assert_eq!(code.err(), Some(Code::Denied), "{named:?} {denied:?}");
            }
        }
    }
    assert_eq!(Everything::of(&world, &auditor).await, before);
    for (book, tenant) in [(BOOK, "acme"), (BETAS, "beta")] {
        only_its_own_are_recorded(&auditor, book, tenant).await;
    }
}

/// What others tried is not for a tenant to know.
async fn only_its_own_are_recorded(auditor: &Client, book: BookId, tenant: &str) {
    let own = ["read", "write", "admin"].map(|role| {
        let id = format!("spiffe://bank.test/tenant/{tenant}/role/{role}");
        Digest::of(id.as_bytes())
    });
    let Events(events) = Events::of(auditor, book).await;
    let mut denials = 0;
    for event in &events {
        if let Event::RequestDenied(RequestDenied { denial, .. }) = event {
            assert!(own.contains(&denial.principal), "{denial:?}");
            assert_eq!(denial.book, book);
            denials += 1;
        }
    }
    assert!(denials > 0, "{tenant} was denied something");
}

/// The other half of the table: nobody is denied what the same table allows.
#[tokio::test]
async fn what_is_allowed_is_not_denied() {
    let world = two_tenants().await;
    for name in EVERYONE {
        let client = world.connect(name).await;
        for operation in Operation::ALL {
            for book in BOOKS {
                if is_allowed(name, *operation, book) {
                    let answer = ask(&client, *operation, book).await;
                    let is_denied = answer.as_ref().is_err_and(|f| f.code.is_denial());
                    assert!(!is_denied, "{name} {operation:?} {book:?} {answer:?}");
                }
            }
        }
    }
}

/// The requests are denied for who asks and not for what they say.
#[tokio::test]
async fn the_same_requests_are_done_for_who_may() {
    let world = two_tenants().await;
    for operation in Operation::ALL {
        let who = match (operation, operation.class()) {
            (Operation::AuditRows | Operation::Approvals, _) => "auditor",
            (_, OperationClass::Operate) => "operator",
            _ => "acme-admin",
        };
        assert!(is_allowed(who, *operation, BOOK));
        let client = world.connect(who).await;
        let answer = match ask(&client, *operation, BOOK).await {
            Ok(answer) => answer,
            // This daemon seals nothing: whoever may ask hears just that.
            Err(failure) if failure.code == Code::SignerUnavailable => continue,
            // No policy was pushed to it.
            Err(failure) if failure.code == Code::NotFound => continue,
            Err(failure) => panic!("{operation:?}: {failure:?}"),
        };
        match answer {
            Answer::CreateTenant(d)
            | Answer::CreateAsset(d)
            | Answer::CreateBook(d)
            | Answer::ChangeBook(d)
            | Answer::EraseNote(d) => assert_eq!(d.code, Code::Created, "{operation:?}"),
            Answer::CreateAccounts(o)
            | Answer::ChangeAccounts(o)
            | Answer::Post(o)
            | Answer::DryRun(o) => assert_eq!(o.exceptions, [], "{operation:?}"),
            _ => {}
        }
    }
}

/// An answer does not tell which books there are.
#[tokio::test]
async fn a_book_of_others_looks_like_one_that_is_not_there() {
    let world = two_tenants().await;
    for role in ["beta-read", "beta-write", "beta-admin"] {
        let client = world.connect(role).await;
        for operation in Operation::ALL {
            if is_allowed(role, *operation, BOOK) {
                continue;
            }
            let theirs = ask(&client, *operation, BOOK).await.unwrap_err();
            let nobodys = ask(&client, *operation, MISSING).await.unwrap_err();
            let platforms = ask(&client, *operation, BookId::SYSTEM).await.unwrap_err();
            assert_eq!(theirs, nobodys, "{role} {operation:?}");
            assert_eq!(theirs, platforms, "{role} {operation:?}");
        }
        let books = client.list_books(m::ListRequest::default()).await.unwrap();
        let seen: Vec<BookId> = books.rows.iter().map(|row| row.book).collect();
        assert_eq!(seen, [BETAS]);
    }
    // The platform's own are told where their denials are recorded: in the system book.
    for role in ["operator", "billing", "billing.scoped", "auditor.unscoped"] {
        let client = world.connect(role).await;
        for operation in Operation::ALL {
            if is_allowed(role, *operation, BOOK) || is_allowed(role, *operation, MISSING) {
                continue;
            }
            let mut told = Vec::new();
            for book in [BOOK, MISSING] {
                let denied = ask(&client, *operation, book).await.unwrap_err();
                told.push((denied.code, denied.rule, denied.message));
            }
            assert_eq!(told[0], told[1], "{role} {operation:?}");
        }
    }
}

/// What one tenant posts shows nowhere in what the other reads.
#[tokio::test]
async fn the_same_ids_in_two_books_are_different_things() {
    let world = two_tenants().await;
    let betas = world.connect("beta-write").await;
    let transfer = Transfer::new(77, 2, 1, 4, 1);
    world.created(transfer).await;
    let found = betas.lookup_transfers(BETAS, &[transfer.id]).await.unwrap();
    assert_eq!(found.rows, [None]);
    let posted = betas.post(BETAS, &[transfer], &[]).await.unwrap();
    assert_eq!(posted.code(0), Code::Created);
    let all = betas.query_transfers(BETAS, m::QueryTransfers::all()).await;
    assert_eq!(all.unwrap().rows.len(), 2);
}

#[tokio::test]
async fn a_certificate_for_a_tenant_that_is_not_there_is_refused() {
    let world = World::new(0).await;
    let config = world.place.config("delta-write", world.daemon.address());
    let refused = Client::connect(&config).await.unwrap_err();
    assert!(
        refused.to_string().contains("no tenant `delta`"),
        "{refused}"
    );
    world::create_tenant(&world.operator, TenantId(4), "delta").await;
    assert!(Client::connect(&config).await.is_ok());
}
