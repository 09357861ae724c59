//! Who may not: every operation, asked for by every role about every kind of book. What is denied
//! changes nothing, and looks the same for a book of others and for one that does not exist.

use client::{Client, ClientError};
use ledger::account::AccountSettings;
use ledger::asset::{Asset, AssetCode};
use ledger::event::BookChange;
use ledger::operation::OperationClass;
use ledger::registry::Tenant;
use ledger::{
    AccountChange, AccountId, AssetId, BookId, Code, Digest, Nanos, Operation, Seq, TenantId,
    Transfer, TransferId,
};
use wire::message::{self as m, Answer, Request};
use wire::{Failure, Text};

use crate::harness::PATIENCE;
use crate::harness::world::{self, BOOK, World, account, name};

const BETA: TenantId = TenantId(2);
const BETAS: BookId = BookId(9);
const MISSING: BookId = BookId(999);
const BOOKS: [BookId; 4] = [BOOK, BETAS, MISSING, BookId::SYSTEM];

const PRINCIPALS: [&str; 8] = [
    "acme-read",
    "acme-write",
    "acme-admin",
    "beta-read",
    "beta-write",
    "beta-admin",
    "operator",
    "auditor",
];

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

/// A request that would be done if it were allowed. A new operation does not compile without one.
fn sample(operation: Operation) -> Request {
    use Operation as O;
    let list = m::ListRequest::default();
    let post = |id| m::Post::new(vec![Transfer::new(id, 1, 2, 10, 1)]);
    match operation {
        O::Hello => Request::Hello(m::HelloRequest {
            client: Text::cut("test"),
        }),
        O::CreateTenant => Request::CreateTenant(m::CreateTenant {
            tenant: Tenant {
                id: TenantId(50),
                name: name("gamma"),
            },
        }),
        O::CreateAsset => Request::CreateAsset(m::CreateAsset {
            asset: Asset {
                id: AssetId(9),
                code: AssetCode::parse("EUR").unwrap(),
                exponent: 2,
            },
        }),
        O::CreateBook => Request::CreateBook(m::CreateBook {
            book: BookId(60),
            tenant: world::ACME,
            name: name("second"),
            importing: false,
        }),
        O::ChangeBook => Request::ChangeBook(m::ChangeBook {
            change: BookChange::Locked,
            reason: 1,
            effective_lock: Nanos(1),
        }),
        O::ListTenants => Request::ListTenants(list),
        O::ListAssets => Request::ListAssets(list),
        O::ListBooks => Request::ListBooks(list),
        O::CreateAccounts => Request::CreateAccounts(m::CreateAccounts {
            accounts: vec![account(3)],
        }),
        O::ChangeAccounts => Request::ChangeAccounts(m::ChangeAccounts {
            changes: vec![AccountChange {
                id: AccountId(1),
                settings: AccountSettings {
                    floor: Some(-1_000),
                    ..AccountSettings::default()
                },
            }],
        }),
        O::Post => Request::Post(post(2)),
        O::DryRun => Request::DryRun(post(3)),
        O::EraseNote => Request::EraseNote(m::EraseNote { id: TransferId(1) }),
        O::LookupAccounts
        | O::ListAccounts
        | O::LookupTransfers
        | O::QueryTransfers
        | O::BalancesAsOf
        | O::Statement
        | O::Totals
        | O::Subscribe => read(operation),
        sealed => sealing(sealed),
    }
}

/// Requests about seals, proofs, keys and approvals.
fn sealing(operation: Operation) -> Request {
    use Operation as O;
    let (from, to) = (Seq(0), Seq(0));
    match operation {
        O::Receipts => Request::Receipts(m::Receipts {
            seqs: vec![Seq(0)],
            ids: vec![TransferId(1)],
        }),
        O::SealStatus => Request::SealStatus(m::SealStatusRequest {}),
        O::ProveConsistency => Request::ProveConsistency(m::ProveConsistency {
            from_size: 1,
            to_size: 0,
        }),
        O::ProveRange => Request::ProveRange(m::ProveRange { from, to }),
        O::ProveStatement => Request::ProveStatement(m::ProveStatement {
            account: AccountId(1),
            from_seq: 1,
            to_seq: 0,
        }),
        O::ProveLedger => Request::ProveLedger(m::ProveLedger {
            from_posted_at: Nanos(0),
            to_posted_at: Nanos(u64::MAX),
        }),
        O::Checkpoint => Request::Checkpoint(m::CheckpointRequest { size: 0 }),
        O::TlogProof => Request::TlogProof(m::TlogProofRequest { seq: Seq(0) }),
        O::AuditRows => Request::AuditRows(m::AuditRows {
            from_seq: 1,
            limit: 10,
        }),
        O::Keyring => Request::Keyring(m::KeyringRequest {}),
        O::ChangeSigners => Request::ChangeSigners(m::ChangeSigners {
            action: m::SignerAction::Retire,
            kid: Text::cut("no-such-key"),
            usage: None,
            algorithm: None,
            public_key: m::PublicKeyPem::default(),
            description: m::KeyText::default(),
            reason: Text::cut("test"),
            ticket: Text::cut("T-1"),
            approval: m::ApprovalJson::default(),
            from_seq: 0,
            trusted_seq: 0,
            trusted_digest: Digest::ZERO,
        }),
        O::Approve => Request::Approve(m::Approve {
            request: Digest::ZERO,
            signature: m::ApprovalJson::default(),
        }),
        O::Approvals => Request::Approvals(m::ApprovalsRequest {}),
        O::RequestApproval => Request::RequestApproval(m::RequestApproval {
            request: m::ApprovalJson::default(),
        }),
        other => policy(other),
    }
}

/// Requests about the policies of one tenant.
fn policy(operation: Operation) -> Request {
    use Operation as O;
    let tenant = Some(name("acme"));
    match operation {
        O::PushPolicy => Request::PushPolicy(m::PushPolicy {
            tenant,
            file: m::PolicyFile::Manifest,
            digest: Digest::ZERO,
            total: 1,
            offset: 0,
            bytes: m::PolicyChunk::default(),
        }),
        O::ListPolicies => Request::ListPolicies(m::ListPolicies {
            tenant,
            manifest: Digest::ZERO,
        }),
        O::ShadowPolicy => Request::ShadowPolicy(m::ShadowPolicy {
            tenant,
            action: m::ShadowAction::Stop,
            manifest: Digest::ZERO,
            per_million: 0,
        }),
        O::ActivatePolicy => Request::ActivatePolicy(m::ActivatePolicy {
            tenant,
            action: m::PolicyChange::Rollback,
            manifest: Digest::ZERO,
        }),
        other => panic!("{other:?} has its sample elsewhere"),
    }
}

fn read(operation: Operation) -> Request {
    let ids = vec![AccountId(1), AccountId(2)];
    match operation {
        Operation::LookupAccounts => Request::LookupAccounts(m::LookupAccounts { ids }),
        Operation::ListAccounts => Request::ListAccounts(m::ListRequest::default()),
        Operation::LookupTransfers => Request::LookupTransfers(m::LookupTransfers {
            ids: vec![TransferId(1)],
        }),
        Operation::QueryTransfers => Request::QueryTransfers(m::QueryTransfers::all()),
        Operation::BalancesAsOf => Request::BalancesAsOf(m::BalancesAsOf {
            as_of: m::AsOf::Now,
            ids,
        }),
        Operation::Statement => Request::Statement(m::Statement {
            account: AccountId(1),
            clock: m::Clock::Seq,
            from: 0,
            to: 0,
            limit: 0,
            cursor: m::Cursor::default(),
        }),
        Operation::Subscribe => Request::Subscribe(m::Subscribe { from: Seq(0) }),
        _ => Request::Totals(m::TotalsRequest {}),
    }
}

/// Whether it is allowed, said in other words than the rules say it.
fn is_allowed(principal: &str, operation: Operation, book: BookId) -> bool {
    let (tenant, role) = principal.rsplit_once('-').unwrap_or(("", principal));
    let is_own = match tenant {
        "acme" => book == BOOK,
        "beta" => book == BETAS,
        _ => book == BookId::SYSTEM,
    };
    match operation {
        Operation::Hello | Operation::ListAssets | Operation::ListBooks | Operation::Keyring => {
            true
        }
        Operation::AuditRows | Operation::Approvals => ["operator", "auditor"].contains(&role),
        Operation::CreateTenant
        | Operation::CreateAsset
        | Operation::CreateBook
        | Operation::ListTenants
        | Operation::ChangeSigners
        | Operation::Approve
        | Operation::RequestApproval => role == "operator",
        // The samples are about the policies of acme.
        Operation::PushPolicy | Operation::ShadowPolicy | Operation::ActivatePolicy => {
            ["operator", "acme-admin"].contains(&principal)
        }
        Operation::ListPolicies => ["operator", "auditor", "acme-admin"].contains(&principal),
        Operation::ChangeBook => role == "operator" || (is_own && role == "admin"),
        Operation::CreateAccounts | Operation::ChangeAccounts | Operation::EraseNote => {
            is_own && role == "admin"
        }
        Operation::Post | Operation::DryRun => is_own && ["write", "admin"].contains(&role),
        _ => is_own || role == "auditor",
    }
}

async fn ask(client: &Client, operation: Operation, book: BookId) -> Result<Answer, Failure> {
    match client.call(book, &sample(operation), PATIENCE).await {
        Ok(answer) => Ok(answer),
        Err(ClientError::Refused(failure)) => Err(failure),
        Err(error) => panic!("{operation:?}: {error}"),
    }
}

/// Whatever a denied request might have changed.
async fn all_there_is(world: &World, auditor: &Client) -> impl PartialEq + std::fmt::Debug {
    let list = m::ListRequest::default();
    let mut books = Vec::new();
    for book in [BOOK, BETAS] {
        books.push((
            auditor.list_accounts(book, list).await.unwrap(),
            auditor
                .query_transfers(book, m::QueryTransfers::all())
                .await
                .unwrap(),
        ));
    }
    (
        world.operator.list_tenants(list).await.unwrap(),
        auditor.list_assets(list).await.unwrap(),
        auditor.list_books(list).await.unwrap(),
        auditor.totals(BookId::SYSTEM).await.unwrap(),
        books,
    )
}

#[tokio::test]
async fn what_is_not_allowed_is_denied_and_changes_nothing() {
    let world = two_tenants().await;
    let auditor = world.connect("auditor").await;
    let before = all_there_is(&world, &auditor).await;
    for principal in PRINCIPALS {
        let client = world.connect(principal).await;
        for operation in Operation::ALL {
            for book in BOOKS {
                if is_allowed(principal, *operation, book) {
                    continue;
                }
                let denied = ask(&client, *operation, book).await;
                let code = denied.as_ref().map_err(|failure| failure.code);
                let named = (principal, operation, book);
                assert_eq!(code.err(), Some(Code::Denied), "{named:?} {denied:?}");
            }
        }
    }
    assert_eq!(all_there_is(&world, &auditor).await, before);
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
