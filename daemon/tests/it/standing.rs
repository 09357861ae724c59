//! A certificate that stands for less after a reload: nothing that it asked for while it stood for
//! more is applied afterwards.

use std::fs;

use client::{Client, ClientError};
use ledger::{AccountId, Code, Seq, Transfer, TransferId};
use tokio::task::JoinSet;
use wire::message as m;

use crate::harness::fold::Events;
use crate::harness::world::{BOOK, World};
use crate::harness::{Place, until};
use crate::pki::Ask;

const SERVICE: &str = "spiffe://bank.test/service/7";
/// Requests of the service that wait for an answer at any time.
const IN_FLIGHT: u128 = 64;
/// How many of them must have been posted before it loses its role.
const POSTED: u64 = 500;
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

/// Posts one transfer after the other until that fails, and says how it failed.
async fn post_on(client: Client, lane: u128) -> (Vec<TransferId>, ClientError) {
    let mut posted = Vec::new();
    for round in 0.. {
        let id = FIRST + lane + round * IN_FLIGHT;
        let transfer = Transfer::new(id, 1, 2, 1, 1);
        match client.post(BOOK, &[transfer], &[]).await {
            Ok(outcomes) => {
                assert_eq!(outcomes.code(0), Code::Created);
                posted.push(transfer.id);
            }
            Err(error) => return (posted, error),
        }
    }
    unreachable!("there are always more ids")
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
    until("it posts", async || world.events().await > POSTED).await;

    configure(place, &original, &mapped("read"));
    place.reload(&world.daemon);
    until("the reload counts", async || place.log().contains(RELOADED)).await;
    // Whatever is posted from here on stands after this.
    let marker = Transfer::new(1, 1, 2, 1, 1);
    let marked = world.admin.post(BOOK, &[marker], &[]).await.unwrap();
    let marked = marked.seq(0).unwrap();

    let Events(events) = Events::of(&world.write, BOOK).await;
    let mut seqs = std::collections::BTreeMap::new();
    for event in &events {
        if let ledger::Event::Transfer(transfer) = event {
            seqs.insert(transfer.id, transfer.seq);
        }
    }
    let last = seqs.range(TransferId(FIRST)..).map(|(_, seq)| *seq).max();
    assert!(last < Some(marked), "{last:?} is posted after {marked:?}");
    while let Some(ended) = lanes.join_next().await {
        let (posted, error) = ended.unwrap();
        assert!(
            posted.iter().all(|id| seqs.contains_key(id)),
            "what was told stands"
        );
        let is_refusal = match &error {
            ClientError::Refused(failure) => failure.code == Code::Denied,
            ClientError::Disconnected(_) | ClientError::OutcomeUnknown { .. } => true,
            _ => false,
        };
        assert!(is_refusal, "{error:?}");
    }

    // By its new role it may still look, and is denied the rest.
    let again = Client::connect(&place.connection("service", address))
        .await
        .unwrap();
    assert_eq!(again.hello().role, wire::identity::Role::Read);
    assert!(again.totals(BOOK).await.is_ok());
    let denied = again.post(BOOK, &[Transfer::new(2, 1, 2, 1, 1)], &[]).await;
    let ClientError::Refused(failure) = denied.unwrap_err() else {
        panic!("it must be refused")
    };
    assert_eq!(failure.code, Code::Denied);
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
