//! The engine whole, with its threads and children, on a simulated disk.

mod denials;
mod full_disk;
mod indexing;
mod party;
mod races;
mod self_check;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::asset::{Asset, AssetCode};
use ledger::operation::OperationClass;
use ledger::registry::{Name, Tenant};
use ledger::{
    AccountId, AssetId, BookId, Code, Digest, Nanos, NewAccount, TenantId, Transfer, TransferId,
};
use plugins_host::{Authority, Owner, Principal, Resource, Role};
use store::disk::{Disk, SimDisk};
use store::embedded::{self, Embedded};
use store::index::IndexLimits;
use wire::message as m;
use wire::{Answer, Failure, Request};

use super::{Engine, Options};
use crate::admission::AdmissionLimits;
use crate::clock::Clock;
use crate::judging::authority;
use crate::recovery::{Sources, recover};
use crate::submit::{Command, Reply};

const BOOK: BookId = BookId(7);
const ACME: TenantId = TenantId(1);
const PATIENCE: Duration = Duration::from_secs(20);

/// Memory of an index that keeps all of a test.
const ROOMY: usize = 64 << 20;
/// Memory of an index that goes to disk often.
const TIGHT: usize = 64 << 10;

fn sources(disk: &SimDisk, index_bytes: usize) -> Sources {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let options = embedded::Options {
        segment_bytes: 256 << 10,
        notes_bytes: 64 << 10,
        cache_bytes: 1 << 20,
        ..embedded::Options::default()
    };
    let (journal, _) = Embedded::open(Arc::clone(&shared), options, &mut |_| {}).unwrap();
    Sources {
        journal: Box::new(journal),
        disk: shared,
        index: IndexLimits::new(index_bytes, index_bytes),
        recent_id_bytes: index_bytes,
        hash_seed: [1, 2],
    }
}

fn start(disk: &SimDisk, index_bytes: usize) -> Engine {
    start_judged(disk, index_bytes, Clock::System, authority())
}

fn start_judged(disk: &SimDisk, index_bytes: usize, clock: Clock, authority: Authority) -> Engine {
    let recovered = recover(sources(disk, index_bytes), |_| {}).unwrap();
    let options = Options {
        admission: AdmissionLimits {
            total_bytes: 64 << 20,
            tenant_bytes: 64 << 20,
        },
        clock,
        max_clock_step_nanos: u64::MAX / 2,
        caps: ledger::Caps::default(),
        query_events_max: 1 << 20,
        snapshot_every_bytes: 128 << 10,
        #[cfg(debug_assertions)]
        fault: None,
    };
    Engine::start(recovered, authority, &options, None).unwrap()
}

/// Runs `test` inside a system with an engine on `disk`, which it then stops.
fn with_engine(disk: &SimDisk, index_bytes: usize, test: impl AsyncFnOnce(&Engine)) {
    actix::System::new().block_on(async {
        let engine = start(disk, index_bytes);
        test(&engine).await;
        engine.stop();
    });
}

/// Asks as whoever may.
async fn ask(engine: &Engine, request: Request) -> Result<Answer, Failure> {
    ask_within(engine, request, PATIENCE).await
}

async fn ask_within(
    engine: &Engine,
    request: Request,
    patience: Duration,
) -> Result<Answer, Failure> {
    let operation = request.operation();
    let far = Nanos(u64::MAX);
    let is_platform = operation.class() == OperationClass::Operate;
    let (principal, resource) = if is_platform {
        let principal = Principal::of_platform(Role::Operator, "spiffe://t/o", Digest::ZERO, far);
        (principal, Resource::Platform)
    } else {
        let named = (ACME, name());
        let owner = Some(Owner::tenant(ACME, name()));
        (
            Principal::of_tenant(named, Role::Admin, "spiffe://t/a", Digest::ZERO, far),
            Resource::Book { book: BOOK, owner },
        )
    };
    let judged = plugins_host::Request {
        operation,
        resource,
        id: 1,
        digest: Digest::ZERO,
    };
    let command = Command {
        book: if is_platform { BookId::SYSTEM } else { BOOK },
        request,
        notes: Vec::new(),
    };
    let now = Clock::System.now();
    let principal = Arc::new(principal.unwrap());
    let judged = authority().permit(&principal, judged, command, now);
    let deadline = Nanos(now.0 + u64::try_from(patience.as_nanos()).unwrap());
    let admitted = engine.admit(principal.tenant(), 1_024)?;
    let (reply, receiver) = tokio::sync::oneshot::channel();
    engine.submit(judged.into(), admitted, deadline, reply);
    answer(engine, receiver.await.unwrap()).await
}

/// The answer that a reply is or leads to.
async fn answer(engine: &Engine, reply: Reply) -> Result<Answer, Failure> {
    match reply {
        Reply::Answer(answer) | Reply::Sealed(answer, ..) => Ok(answer),
        Reply::Failure(failure) => Err(failure),
        Reply::Continue(point) => {
            engine.history().reached(&point).await.unwrap();
            match engine.history().answer(&point) {
                Reply::Answer(answer) => Ok(answer),
                Reply::Failure(failure) => Err(failure),
                other => panic!("a point leads to an answer, not to {other:?}"),
            }
        }
    }
}

fn name() -> Name {
    Name::parse("acme").unwrap()
}

/// Creates a tenant, an asset, a book, and accounts 1 and 2.
async fn set_up(engine: &Engine) {
    let account = |id| NewAccount {
        id: AccountId(id),
        asset: AssetId(1),
        code: 1,
        user_data: 0,
        settings: ledger::account::AccountSettings::default(),
    };
    let requests = [
        Request::CreateTenant(m::CreateTenant {
            tenant: Tenant {
                id: ACME,
                name: name(),
            },
        }),
        Request::CreateAsset(m::CreateAsset {
            asset: Asset {
                id: AssetId(1),
                code: AssetCode::parse("USD").unwrap(),
                exponent: 2,
            },
        }),
        Request::CreateBook(m::CreateBook {
            book: BOOK,
            tenant: ACME,
            name: name(),
            importing: false,
        }),
        Request::CreateAccounts(m::CreateAccounts {
            accounts: vec![account(1), account(2)],
        }),
    ];
    for request in requests {
        match ask(engine, request).await.unwrap() {
            Answer::CreateAccounts(outcomes) => assert_eq!(outcomes.created, 2),
            Answer::CreateTenant(decided)
            | Answer::CreateAsset(decided)
            | Answer::CreateBook(decided) => assert_eq!(decided.code, Code::Created),
            other => panic!("{other:?}"),
        }
    }
}

/// Posts a transfer of `amount`.
async fn post(engine: &Engine, id: u128, amount: u128) -> Result<m::Outcomes, Failure> {
    let transfer = Transfer::new(id, 1, 2, amount, 1);
    let post = Request::Post(m::Post::new(vec![transfer]));
    match ask(engine, post).await? {
        Answer::Post(outcomes) => Ok(outcomes),
        other => panic!("{other:?}"),
    }
}

/// Balances of account 1 at a point.
async fn balances(engine: &Engine, as_of: m::AsOf) -> ledger::Balances {
    let ids = vec![AccountId(1)];
    let request = Request::BalancesAsOf(m::BalancesAsOf { as_of, ids });
    match ask(engine, request).await.unwrap() {
        Answer::BalancesAsOf(found) => found.rows[0].unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Whether there is a transfer with this id.
async fn is_there(engine: &Engine, id: u128) -> bool {
    let ids = vec![TransferId(id)];
    let request = Request::LookupTransfers(m::LookupTransfers { ids });
    match ask(engine, request).await.unwrap() {
        Answer::LookupTransfers(found) => found.rows[0].is_some(),
        other => panic!("{other:?}"),
    }
}

/// Asks again and again until `is_true`.
async fn until(what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    let limit = Instant::now() + PATIENCE;
    while !is_true().await {
        assert!(Instant::now() < limit, "waited in vain: {what}");
        tokio::task::yield_now().await;
    }
}
