//! A certificate that stands for less after a reload: nothing that it asked for while it stood for
//! more is applied afterwards.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use client::{Client, ClientError};
use ledger::{AccountId, Code, Nanos, Seq, Transfer, TransferId};
use tokio::task::JoinSet;
use wire::message as m;

use crate::harness::world::{BOOK, World};
use crate::harness::{Place, until};
use crate::pki::Ask;

const SERVICE: &str = "spiffe://bank.test/service/7";
/// Requests of the service that wait for an answer at any time: together they keep the shard busy
/// for longer than a reload takes.
const IN_FLIGHT: u128 = 256;
/// Transfers of each, few enough to be decided in one go: what has been begun is ended.
const BATCH: u128 = 1_000;
/// First id of what it posts.
const FIRST: u128 = 1_000_000;

/// What the log says once a reload counts.
const RELOADED: &str = "identities, authorities and deny list reloaded";

fn mapped(role: &str) -> String {
    format!("[[identity]]\nuri = \"{SERVICE}\"\ntenant = \"acme\"\nrole = \"{role}\"\n")
}

/// Adds `more` to the configuration as it was at first.
fn configure(place: &Place, original: &str, more: &str) {
    fs::write(place.file("ledgerd.toml"), format!("{original}{more}")).unwrap();
}

/// Posts one batch after the other until that fails; gives the first id of each that was posted,
/// and how it failed.
async fn post_on(client: Client, lane: u128) -> (Vec<TransferId>, ClientError) {
    let mut posted = Vec::new();
    for round in 0.. {
        let first = FIRST + (lane + round * IN_FLIGHT) * BATCH;
        let transfer = |id| Transfer::new(id, 1, 2, 1, 1);
        let transfers: Vec<Transfer> = (first..first + BATCH).map(transfer).collect();
        match client.post(BOOK, &transfers, &[]).await {
            Ok(outcomes) => {
                assert_eq!(outcomes.exceptions, []);
                posted.push(TransferId(first));
            }
            Err(error) => return (posted, error),
        }
    }
    unreachable!("there are always more ids")
}

fn now() -> Nanos {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Nanos(u64::try_from(since.as_nanos()).unwrap())
}

#[tokio::test]
async fn what_was_asked_for_with_a_role_that_is_lost_is_not_posted() {
    let place = Place::new();
    let original = fs::read_to_string(place.file("ledgerd.toml")).unwrap();
    configure(&place, &original, &mapped("write"));
    let world = World::at(place, 2).await;
    let (place, address) = (&world.place, world.daemon.address());
    let ask = Ask {
        uris: &[SERVICE],
        ..Ask::default()
    };
    place.bank().issue("service", &ask);
    let service = Client::connect(&place.connection("service", address))
        .await
        .unwrap();
    let mut lanes = JoinSet::new();
    for lane in 0..IN_FLIGHT {
        lanes.spawn(post_on(service.clone(), lane));
    }
    until("it posts", async || world.events().await > 10).await;

    configure(place, &original, &mapped("read"));
    place.reload(&world.daemon);
    until("the reload counts", async || place.log().contains(RELOADED)).await;
    let reloaded = now();
    let mut told = Vec::new();
    while let Some(ended) = lanes.join_next().await {
        let (posted, error) = ended.unwrap();
        told.extend(posted);
        let is_refusal = match &error {
            ClientError::Refused(failure) => failure.code == Code::Denied,
            ClientError::Disconnected(_) | ClientError::OutcomeUnknown { .. } => true,
            _ => false,
        };
        assert!(is_refusal, "{error:?}");
    }

    // This is decided after all that was on its way.
    world.created(Transfer::new(1, 1, 2, 1, 1)).await;
    let newest = m::QueryTransfers {
        newest_first: true,
        limit: 2,
        ..m::QueryTransfers::all()
    };
    let found = world.write.query_transfers(BOOK, newest).await.unwrap();
    let [marker, last] = &*found.rows else {
        panic!("{found:?}")
    };
    assert_eq!(marker.record.id, TransferId(1));
    assert!(last.record.posted_at < reloaded, "{last:?} {reloaded:?}");
    let stands = world.write.lookup_transfers(BOOK, &told).await.unwrap();
    assert!(stands.rows.iter().all(Option::is_some), "what was told");

    // By its new role it may still look, and is denied the rest.
    let again = Client::connect(&place.connection("service", address))
        .await
        .unwrap();
    assert_eq!(again.hello().role, wire::identity::Role::Read);
    assert!(again.totals(BOOK).await.is_ok());
    let denied = again.post(BOOK, &[Transfer::new(2, 1, 2, 1, 1)], &[]).await;
    assert_eq!(denied.unwrap_err().code(), Code::Denied);
}

/// The same for what is read: the connection is closed at once, and a new one sees no more.
#[tokio::test]
async fn who_loses_its_scope_sees_the_tenants_no_more() {
    let world = World::new(2).await;
    let place = &world.place;
    let auditor = world.connect("auditor").await;
    let mut subscription = auditor.subscribe(BOOK, Seq(1_000)).await.unwrap();
    let original = fs::read_to_string(place.file("ledgerd.toml")).unwrap();
    let unscoped = original.replace(
        "/platform/role/auditor\"",
        "/platform/role/auditor/holder/x\"",
    );
    assert_ne!(unscoped, original);
    configure(place, &unscoped, "");
    place.reload(&world.daemon);
    let told = subscription.next().await.unwrap_err().to_string();
    assert!(
        told.contains("what the certificate stands for has changed"),
        "{told}"
    );
    let again = world.connect("auditor").await;
    let ids = vec![AccountId(1)];
    let as_of = m::AsOf::Now;
    let denied = again
        .balances_as_of(BOOK, m::BalancesAsOf { as_of, ids })
        .await;
    assert!(denied.unwrap_err().to_string().contains("denied"));
    assert!(again.totals(ledger::BookId::SYSTEM).await.is_ok());
}
