mod frames;
mod pinned;
mod pki;

use std::sync::Arc;
use std::time::Duration;

use ledger::Nanos;
use tokio::task::JoinHandle;

use super::*;
use crate::limits::ALPN;
use pki::{Ca, LOOPBACK, Says, WRITER, config};

/// 2026-06-01, in nanoseconds.
const NOW: Nanos = Nanos(1_780_272_000_000_000_000);

/// The first peer of a server, let in or not.
fn accept_one(server: &Arc<Server>) -> JoinHandle<Result<Peer, HandshakeError>> {
    let server = server.clone();
    tokio::spawn(async move { server.accept().await.unwrap().finish(NOW).await })
}

fn client(ca: &Ca, credentials: &Credentials) -> ClientEndpoint {
    ClientEndpoint::bind(
        LOOPBACK,
        credentials,
        &[ca.root()],
        TransportLimits::default(),
    )
    .unwrap()
}

/// Lets a client with these credentials try to connect to a server with this configuration.
async fn attempt(
    ca: &Ca,
    config: &ServerConfig,
    credentials: &Credentials,
) -> (Result<Peer, HandshakeError>, Option<quinn::ConnectionError>) {
    let server = Arc::new(Server::bind(config).unwrap());
    let accepted = accept_one(&server);
    let endpoint = client(ca, credentials);
    let connected = endpoint
        .connect(server.local_addr().unwrap(), "localhost")
        .await;
    let peer = accepted.await.unwrap();
    let refused = match connected {
        Err(ConnectError::Lost(error)) => Some(error),
        Err(ConnectError::Unusable(error)) => panic!("{error}"),
        Ok(connection) if peer.is_err() => Some(connection.closed().await),
        Ok(_) => None,
    };
    (peer, refused)
}

/// Whether the peer told this alert of TLS.
fn told(refused: Option<quinn::ConnectionError>, alert: u8) -> bool {
    let code = quinn::TransportErrorCode::crypto(alert);
    matches!(refused, Some(quinn::ConnectionError::ConnectionClosed(c)) if c.error_code == code)
}

const CERTIFICATE_UNKNOWN: u8 = 46;
const REVOKED: u8 = 44;
const EXPIRED: u8 = 45;
const UNKNOWN_CA: u8 = 48;
const CERTIFICATE_REQUIRED: u8 = 116;
const NO_APPLICATION_PROTOCOL: u8 = 120;

#[tokio::test]
async fn a_right_certificate_is_let_in() {
    let ca = Ca::new("clients");
    let (peer, refused) = attempt(
        &ca,
        &config(&ca, vec![ca.authority()]),
        &ca.client(&Says::default()),
    )
    .await;
    let peer = peer.unwrap();
    assert!(refused.is_none());
    assert_eq!(peer.certificate.id.as_str(), WRITER);
    assert_eq!(&*peer.authority, "clients");
    assert_eq!(peer.chain.len(), 1);
}

#[tokio::test]
async fn no_certificate_is_refused() {
    let ca = Ca::new("clients");
    let server = Arc::new(Server::bind(&config(&ca, vec![ca.authority()])).unwrap());
    let accepted = accept_one(&server);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(ca.root()).unwrap();
    let mut tls = rustls::ClientConfig::builder_with_provider(credentials::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let endpoint = ClientEndpoint::with_tls(LOOPBACK, tls, TransportLimits::default()).unwrap();
    let connection = endpoint
        .connect(server.local_addr().unwrap(), "localhost")
        .await
        .unwrap();
    assert!(matches!(
        accepted.await.unwrap(),
        Err(HandshakeError::Lost(_))
    ));
    assert!(told(Some(connection.closed().await), CERTIFICATE_REQUIRED));
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let ca = Ca::new("clients");
    let credentials = ca.client(&Says {
        until: 2021,
        ..Says::default()
    });
    let (peer, refused) = attempt(&ca, &config(&ca, vec![ca.authority()]), &credentials).await;
    assert!(peer.is_err());
    assert!(told(refused, EXPIRED));
}

#[tokio::test]
async fn a_foreign_authority_is_refused() {
    let ca = Ca::new("clients");
    let foreign = Ca::new("clients").client(&Says::default());
    let (peer, refused) = attempt(&ca, &config(&ca, vec![ca.authority()]), &foreign).await;
    assert!(peer.is_err());
    // The names match and the signature does not, so either alert may be told.
    assert!(refused.is_some());
    let other = Ca::new("others").client(&Says::default());
    let (peer, refused) = attempt(&ca, &config(&ca, vec![ca.authority()]), &other).await;
    assert!(peer.is_err());
    assert!(told(refused, UNKNOWN_CA));
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_and_others_are_not() {
    let ca = Ca::new("clients");
    let mut authority = ca.authority();
    authority.crls.push(ca.revoke(77));
    let config = config(&ca, vec![authority]);
    let (peer, refused) = attempt(&ca, &config, &ca.client(&Says::default())).await;
    assert!(peer.is_err());
    assert!(told(refused, REVOKED));
    let other = ca.client(&Says {
        serial: 78,
        ..Says::default()
    });
    assert!(attempt(&ca, &config, &other).await.0.is_ok());
}

#[tokio::test]
async fn none_or_several_identities_are_refused() {
    let ca = Ca::new("clients");
    let config = config(&ca, vec![ca.authority()]);
    for uris in [vec![], vec![WRITER, WRITER], vec!["https://bank.test/"]] {
        let credentials = ca.client(&Says {
            uris,
            ..Says::default()
        });
        let (peer, refused) = attempt(&ca, &config, &credentials).await;
        assert!(peer.is_err());
        assert!(told(refused, CERTIFICATE_UNKNOWN));
    }
}

#[tokio::test]
async fn another_or_no_protocol_is_refused() {
    let ca = Ca::new("clients");
    for alpn in [Some(&b"h3"[..]), None] {
        let server = Arc::new(Server::bind(&config(&ca, vec![ca.authority()])).unwrap());
        let accepted = accept_one(&server);
        let credentials = ca.client(&Says::default());
        let mut tls = client::tls_config(&credentials, &[ca.root()], alpn.unwrap_or(ALPN)).unwrap();
        if alpn.is_none() {
            tls.alpn_protocols.clear();
        }
        let endpoint = ClientEndpoint::with_tls(LOOPBACK, tls, TransportLimits::default()).unwrap();
        let connected = endpoint
            .connect(server.local_addr().unwrap(), "localhost")
            .await;
        assert!(accepted.await.unwrap().is_err());
        let Err(ConnectError::Lost(refused)) = connected else {
            panic!("must be refused")
        };
        assert!(told(Some(refused), NO_APPLICATION_PROTOCOL));
    }
}

#[tokio::test]
async fn a_server_of_another_name_or_authority_is_refused_by_the_client() {
    let ca = Ca::new("clients");
    let server = Arc::new(Server::bind(&config(&ca, vec![ca.authority()])).unwrap());
    let _accepted = accept_one(&server);
    let address = server.local_addr().unwrap();
    let endpoint = client(&ca, &ca.client(&Says::default()));
    assert!(endpoint.connect(address, "elsewhere").await.is_err());
    let _accepted = accept_one(&server);
    let endpoint = client(&Ca::new("others"), &ca.client(&Says::default()));
    assert!(endpoint.connect(address, "localhost").await.is_err());
}

#[tokio::test]
async fn the_authority_that_signed_vouches_and_no_other() {
    let (ca, one, two) = (Ca::new("servers"), Ca::new("same"), Ca::new("same"));
    let mut second = two.authority();
    second.name = "second".to_owned();
    let config = config(&ca, vec![one.authority(), second]);
    let (peer, _) = attempt(&ca, &config, &two.client(&Says::default())).await;
    assert_eq!(&*peer.unwrap().authority, "second");
}

#[tokio::test]
async fn revocation_and_expiry_show_on_live_connections() {
    let ca = Ca::new("clients");
    let config = config(&ca, vec![ca.authority()]);
    let server = Arc::new(Server::bind(&config).unwrap());
    let accepted = accept_one(&server);
    let endpoint = client(&ca, &ca.client(&Says::default()));
    let address = server.local_addr().unwrap();
    let connection = endpoint.connect(address, "localhost").await.unwrap();
    let peer = accepted.await.unwrap().unwrap();
    assert!(server.verify(&peer.chain, NOW).is_ok());
    assert!(
        server
            .verify(&peer.chain, Nanos(5_000_000_000_000_000_000))
            .unwrap_err()
            .is_expired()
    );

    let mut authority = ca.authority();
    authority.crls.push(ca.revoke(77));
    server.reload(&config.credentials, &[authority]).unwrap();
    assert!(server.verify(&peer.chain, NOW).unwrap_err().is_revoked());
    assert!(connection.close_reason().is_none());
    peer.connection.close(CloseCode::Unauthorized, "revoked");
    let quinn::ConnectionError::ApplicationClosed(close) = connection.closed().await else {
        panic!("must be closed by the server");
    };
    assert_eq!(close.error_code, CloseCode::Unauthorized.number());

    let accepted = accept_one(&server);
    let again = endpoint.connect(address, "localhost").await.unwrap();
    assert!(accepted.await.unwrap().is_err());
    assert!(told(Some(again.closed().await), REVOKED));
}

#[tokio::test]
async fn above_the_limits_peers_are_refused() {
    let ca = Ca::new("clients");
    let mut config = config(&ca, vec![ca.authority()]);
    config.limits.handshakes_max = 1;
    config.limits.validate_above = 0;
    let server = Arc::new(Server::bind(&config).unwrap());
    let address = server.local_addr().unwrap();
    let endpoint = client(&ca, &ca.client(&Says::default()));
    let first = tokio::spawn({
        let endpoint = endpoint.clone();
        async move { endpoint.connect(address, "localhost").await }
    });
    let held = server.accept().await.unwrap();
    // Nothing else is let in while the one handshake runs, which ends only when it is finished.
    let accepting = accept_one(&server);
    assert!(matches!(
        endpoint.connect(address, "localhost").await,
        Err(ConnectError::Lost(
            quinn::ConnectionError::ConnectionClosed(_)
        ))
    ));
    assert!(held.finish(NOW).await.is_ok());
    assert!(first.await.unwrap().is_ok());
    assert!(endpoint.connect(address, "localhost").await.is_ok());
    assert!(accepting.await.unwrap().is_ok());
}

#[test]
fn a_configuration_without_authorities_is_refused() {
    assert!(matches!(
        Authorities::new(&[]),
        Err(EndpointError::NoAuthority)
    ));
    let empty = ClientAuthority {
        roots: Vec::new(),
        ..Ca::new("clients").authority()
    };
    assert!(matches!(
        Authorities::new(&[empty]),
        Err(EndpointError::Authority(_))
    ));
}
