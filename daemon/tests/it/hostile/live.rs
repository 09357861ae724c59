//! Certificates that stop to hold while their holders are connected.

use std::fs;
use std::time::Duration;

use client::{Client, ClientError};
use ledger::{BookId, Digest, Seq};
use quinn::ConnectionError;
use wire::endpoint::Connection;

use super::{Bystander, connect};
use crate::harness::process::Daemon;
use crate::harness::world::{BOOK, World};
use crate::harness::{PATIENCE, connection, until};
use crate::pki::Ask;

const WRITER: &str = "spiffe://bank.test/tenant/acme/role/write";

/// Waits until the daemon closes the connection, which it does with what it says here.
async fn is_shut_out(connection: &Connection, told: &str) {
    let closed = tokio::time::timeout(PATIENCE, connection.closed()).await;
    let ConnectionError::ApplicationClosed(close) = closed.expect("must be closed") else {
        panic!("must be closed by the daemon")
    };
    let reason = String::from_utf8_lossy(&close.reason).into_owned();
    assert_eq!(close.error_code.into_inner(), 2, "unauthorized: {reason}");
    assert!(reason.contains(told), "{reason}");
}

fn ask(serial: u64) -> Ask<'static> {
    Ask {
        uris: &[WRITER],
        serial,
        ..Ask::default()
    }
}

#[tokio::test]
async fn who_is_revoked_denied_or_expired_is_shut_out_while_connected() {
    let world = World::new(2).await;
    let bystander = Bystander::of(&world).await;
    let (place, address) = (&world.place, world.daemon.address());
    let expiring = Ask {
        lasts: Some(Duration::from_secs(3)),
        ..ask(1)
    };
    place.bank().issue("expiring", &expiring);
    let expiring = connect(&place.connection("expiring", address)).await;
    place.bank().issue("stolen", &ask(77));
    let stolen = connect(&place.connection("stolen", address)).await;
    let der = place.bank().issue("lost", &ask(2));
    let lost = connect(&place.connection("lost", address)).await;
    place.bank().issue("numbered", &ask(0xabcdef));
    let numbered = connect(&place.connection("numbered", address)).await;

    place.bank().revoke(&[77]);
    let list = format!("fingerprint {}\nserial ab:cd:ef\n", Digest::of(&der));
    fs::write(place.file("deny.list"), list).unwrap();
    place.reload(&world.daemon);
    is_shut_out(&stolen, "Revoked").await;
    is_shut_out(&lost, "deny list").await;
    is_shut_out(&numbered, "deny list").await;
    is_shut_out(&expiring, "xpired").await;
    for (stem, told) in [("lost", "deny list"), ("numbered", "deny list")] {
        let refused = Client::connect(&place.connection(stem, address)).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
    }
    bystander.end().await;
}

/// A file with something wrong in it lets nobody in and shuts nobody out.
#[tokio::test]
async fn a_list_that_cannot_be_read_changes_nothing() {
    let world = World::new(2).await;
    let (place, address) = (&world.place, world.daemon.address());
    let der = place.bank().issue("lost", &ask(2));
    fs::write(place.file("deny.list"), "serial what\n").unwrap();
    place.reload(&world.daemon);
    until("it is refused", async || {
        place.log().contains("not reloaded")
    })
    .await;
    let lost = connect(&place.connection("lost", address)).await;
    fs::write(
        place.file("deny.list"),
        format!("fingerprint {}\n", Digest::of(&der)),
    )
    .unwrap();
    place.reload(&world.daemon);
    is_shut_out(&lost, "deny list").await;
    assert!(world.write.totals(BOOK).await.is_ok());
}

/// The client is told by its library, in answers and in subscriptions.
#[tokio::test]
async fn a_client_learns_that_it_was_shut_out() {
    let world = World::new(2).await;
    let client = world.connect("acme-read").await;
    let mut subscription = client.subscribe(BOOK, Seq(100)).await.unwrap();
    let fingerprint = Digest::of(&world.place.certificate("acme-read"));
    let list = format!("fingerprint {fingerprint}\n");
    fs::write(world.place.file("deny.list"), list).unwrap();
    world.place.reload(&world.daemon);
    let ended = subscription.next().await.unwrap_err();
    assert!(ended.to_string().contains("deny list"), "{ended}");
    let ended = client.totals(BOOK).await.unwrap_err();
    assert!(matches!(ended, ClientError::Disconnected(_)), "{ended:?}");
    assert!(ended.to_string().contains("deny list"), "{ended}");
}

/// As developers meet it: `ledgerd dev`, a certificate for three seconds.
#[tokio::test]
async fn a_development_certificate_expires_while_connected() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (data, keys) = (at("data"), at("keys"));
    let words = ["dev", "--data", &data, "--keys", &keys];
    let mut dev = crate::daemon::command(&words);
    dev.args(["--listen", "127.0.0.1:0"]);
    let daemon = Daemon::start(dev, &place.path().join("log"));
    let mut issue = crate::daemon::command(&words);
    issue.args(["issue", "--role", "auditor", "--name", "short"]);
    let ended = crate::daemon::end({
        issue.args(["--valid-for", "3s"]);
        issue
    });
    assert_eq!(ended.code, Some(0), "{}", ended.complaint);
    let keys = place.path().join("keys");
    let config = connection(&keys, "ca.pem", "short", daemon.address());
    let client = Client::connect(&config).await.unwrap();
    assert_eq!(client.totals(BookId::SYSTEM).await.unwrap().events, 0);
    let raw = connect(&config).await;
    is_shut_out(&raw, "xpired").await;
    until("the client is told", async || {
        client.totals(BookId::SYSTEM).await.is_err()
    })
    .await;
    daemon.stop();
}
