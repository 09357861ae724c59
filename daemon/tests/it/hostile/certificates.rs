//! Who is not let in, and what they are told.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use client::{Client, ClientConfig, ClientError};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ConnectionError, TransportErrorCode};

use super::Bystander;
use crate::harness::PATIENCE;
use crate::harness::world::World;
use crate::pki::{Ask, Ca};

const CERTIFICATE_UNKNOWN: u8 = 46;
const REVOKED: u8 = 44;
const EXPIRED: u8 = 45;
const UNKNOWN_CA: u8 = 48;
const DECRYPT_ERROR: u8 = 51;
const CERTIFICATE_REQUIRED: u8 = 116;
const NO_APPLICATION_PROTOCOL: u8 = 120;

const WRITER: &str = "spiffe://bank.test/tenant/acme/role/write";

/// Connects with this protocol name, and with or without the certificate, and says why it is not
/// let in.
async fn refusal(config: &ClientConfig, alpn: &[u8], is_certified: bool) -> ConnectionError {
    let mut roots = rustls::RootCertStore::empty();
    for root in &config.roots {
        roots.add(root.clone()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots);
    let mut tls = if is_certified {
        let credentials = config.credentials.clone();
        let certified = builder.with_client_auth_cert(credentials.chain, credentials.key);
        certified.unwrap()
    } else {
        builder.with_no_client_auth()
    };
    tls.alpn_protocols = vec![alpn.to_vec()];
    let quic = QuicClientConfig::try_from(tls).unwrap();
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let mut endpoint = quinn::Endpoint::client(any).unwrap();
    endpoint.set_default_client_config(quinn::ClientConfig::new(Arc::new(quic)));
    let connecting = endpoint
        .connect(config.server, &config.server_name)
        .unwrap();
    match connecting.await {
        Err(error) => error,
        // The client ends its part of the handshake before the server has looked.
        Ok(connection) => tokio::time::timeout(PATIENCE, connection.closed())
            .await
            .expect("must be refused"),
    }
}

/// Whether it is this alert of TLS.
fn is_alert(error: &ConnectionError, alert: u8) -> bool {
    let code = TransportErrorCode::crypto(alert);
    matches!(error, ConnectionError::ConnectionClosed(closed) if closed.error_code == code)
}

#[tokio::test]
async fn no_certificate_and_another_protocol_are_refused() {
    let world = World::new(2).await;
    let bystander = Bystander::of(&world).await;
    let config = world.place.config("acme-write", world.daemon.address());
    let alpn = wire::limits::ALPN;
    let refused = refusal(&config, alpn, false).await;
    assert!(is_alert(&refused, CERTIFICATE_REQUIRED), "{refused}");
    for other in [&b"h3"[..], b"ledgerd/2", b"ledgerd/1 "] {
        let refused = refusal(&config, other, true).await;
        assert!(is_alert(&refused, NO_APPLICATION_PROTOCOL), "{refused}");
    }
    bystander.end().await;
}

#[tokio::test]
async fn certificates_that_do_not_hold_are_refused_with_the_alert_that_says_why() {
    let world = World::new(2).await;
    let bystander = Bystander::of(&world).await;
    let place = &world.place;
    let bank = place.bank();
    let writer = Ask {
        uris: &[WRITER],
        ..Ask::default()
    };
    bank.issue(
        "ended",
        &Ask {
            ended: true,
            ..writer.clone()
        },
    );
    let twice = [WRITER, "spiffe://bank.test/tenant/beta/role/write"];
    bank.issue(
        "twice",
        &Ask {
            uris: &twice,
            ..writer.clone()
        },
    );
    bank.issue(
        "nobody",
        &Ask {
            uris: &[],
            ..writer.clone()
        },
    );
    bank.issue(
        "web",
        &Ask {
            uris: &["https://bank.test/"],
            ..writer.clone()
        },
    );
    // An authority of the same name and one of another, neither of which the daemon knows.
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["bank", "foreign"] {
        Ca::make(elsewhere.path(), name).issue(name, &writer);
        for ending in ["pem", "key"] {
            let from = elsewhere.path().join(format!("{name}.{ending}"));
            std::fs::copy(from, place.file(&format!("as-{name}.{ending}"))).unwrap();
        }
    }
    let rows = [
        ("ended", &[EXPIRED][..]),
        ("twice", &[CERTIFICATE_UNKNOWN]),
        ("nobody", &[CERTIFICATE_UNKNOWN]),
        ("web", &[CERTIFICATE_UNKNOWN]),
        ("as-foreign", &[UNKNOWN_CA]),
        // The names match and the signature does not.
        (
            "as-bank",
            &[UNKNOWN_CA, DECRYPT_ERROR, CERTIFICATE_UNKNOWN, 42],
        ),
    ];
    for (stem, alerts) in rows {
        let config = place.connection(stem, world.daemon.address());
        let refused = refusal(&config, wire::limits::ALPN, true).await;
        let told = alerts.iter().any(|alert| is_alert(&refused, *alert));
        assert!(told, "{stem}: {refused:?}");
        let refused = Client::connect(&config).await.unwrap_err();
        assert!(refused.has_no_side_effects(), "{stem}: {refused}");
    }
    bystander.end().await;
}

/// What the authority vouches for is not what it may name.
#[tokio::test]
async fn an_authority_names_only_what_it_may() {
    let world = World::new(2).await;
    let place = &world.place;
    let rows = [
        (
            "spiffe://bank.test/platform/role/operator",
            "role `operator`",
        ),
        (
            "spiffe://platform.test/platform/role/operator",
            "trust domain",
        ),
        (
            "spiffe://platform.test/tenant/acme/role/write",
            "trust domain",
        ),
        ("spiffe://bank.test/ns/payments", "no place here"),
    ];
    for (uri, told) in rows {
        let uris = [uri];
        let ask = Ask {
            uris: &uris,
            ..Ask::default()
        };
        place.bank().issue("wrong", &ask);
        let config = place.connection("wrong", world.daemon.address());
        let refused = Client::connect(&config).await.unwrap_err();
        assert!(
            matches!(refused, ClientError::Disconnected(_)),
            "{refused:?}"
        );
        assert!(refused.to_string().contains(told), "{uri}: {refused}");
    }
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_and_others_are_not() {
    let world = World::new(2).await;
    let (place, address) = (&world.place, world.daemon.address());
    let ask = Ask {
        uris: &[WRITER],
        serial: 77,
        ..Ask::default()
    };
    place.bank().issue("stolen", &ask);
    let config = place.connection("stolen", address);
    Client::connect(&config).await.unwrap().close().await;
    place.bank().revoke(&[77]);
    place.reload(&world.daemon);
    crate::harness::until("the list is read", async || {
        let refused = Client::connect(&config).await;
        refused.is_err()
    })
    .await;
    let refused = refusal(&config, wire::limits::ALPN, true).await;
    assert!(is_alert(&refused, REVOKED), "{refused}");
    assert!(
        Client::connect(&place.config("acme-write", address))
            .await
            .is_ok()
    );
}
