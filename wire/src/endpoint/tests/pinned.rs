//! The internal plane: one exact peer at each end, and nobody else.

use super::*;
use crate::policy::{self, Kind};

const DAEMON: &str = "spiffe://internal.test/daemon";
const HOST: &str = "spiffe://internal.test/policy-host";

fn id(text: &str) -> crate::identity::SpiffeId {
    crate::identity::SpiffeId::parse(text).unwrap()
}

fn pin(ca: &Ca, of: &str) -> Pin {
    Pin {
        roots: vec![ca.root()],
        crls: Vec::new(),
        id: id(of),
    }
}

fn of(ca: &Ca, uri: &'static str) -> Credentials {
    ca.workload(&Says {
        uris: vec![uri],
        ..Says::default()
    })
}

fn host(internal: &Ca, credentials: Credentials) -> PolicyServer {
    PolicyServer::bind(&PolicyServerConfig {
        listen: LOOPBACK,
        credentials,
        daemon: pin(internal, DAEMON),
        limits: ServerLimits::default(),
    })
    .unwrap()
}

/// Whether a client with these credentials and this pin, and the host, let each other in.
async fn meet(
    server: PolicyServer,
    credentials: &Credentials,
    pin: &Pin,
) -> (bool, Option<quinn::ConnectionError>) {
    let address = server.local_addr().unwrap();
    let accepted = tokio::spawn(async move {
        let peer = server.accept().await.unwrap().unwrap().finish().await;
        (peer, server)
    });
    let client =
        PolicyClient::bind(LOOPBACK, credentials, pin, TransportLimits::default()).unwrap();
    let connected = client.connect(address, Duration::from_secs(10)).await;
    let (peer, _server) = accepted.await.unwrap();
    let refused = match connected {
        Err(ConnectError::Lost(error)) => Some(error),
        Err(ConnectError::Unusable(error)) => panic!("{error}"),
        Ok(connection) if peer.is_err() => Some(connection.closed().await),
        Ok(_) => None,
    };
    (peer.is_ok(), refused)
}

#[tokio::test]
async fn the_two_of_them_let_each_other_in() {
    let internal = Ca::new("internal");
    let server = host(&internal, of(&internal, HOST));
    let (is_in, refused) = meet(server, &of(&internal, DAEMON), &pin(&internal, HOST)).await;
    assert!(is_in && refused.is_none(), "{refused:?}");
}

#[tokio::test]
async fn a_tenant_is_refused_by_the_host() {
    let (internal, clients) = (Ca::new("internal"), Ca::new("clients"));
    let tenant = clients.workload(&Says::default());
    let server = host(&internal, of(&internal, HOST));
    let (is_in, refused) = meet(server, &tenant, &pin(&internal, HOST)).await;
    assert!(!is_in && told(refused, UNKNOWN_CA));
    // Not by its identity either, should the internal root ever sign it, nor with that of the
    // daemon if a client authority did.
    let server = host(&internal, of(&internal, HOST));
    let (is_in, refused) = meet(server, &of(&internal, WRITER), &pin(&internal, HOST)).await;
    assert!(!is_in && told(refused, CERTIFICATE_UNKNOWN));
    let server = host(&internal, of(&internal, HOST));
    let (is_in, refused) = meet(server, &of(&clients, DAEMON), &pin(&internal, HOST)).await;
    assert!(!is_in && told(refused, UNKNOWN_CA));
}

#[tokio::test]
async fn another_server_is_refused_by_the_daemon() {
    let (internal, other) = (Ca::new("internal"), Ca::new("other"));
    let daemon = of(&internal, DAEMON);
    for (credentials, alert) in [
        (of(&internal, DAEMON), CERTIFICATE_UNKNOWN),
        (of(&internal, WRITER), CERTIFICATE_UNKNOWN),
        (of(&other, HOST), UNKNOWN_CA),
        // The right name of a machine is no identity.
        (internal.server(), CERTIFICATE_UNKNOWN),
    ] {
        let server = host(&internal, credentials);
        let (is_in, refused) = meet(server, &daemon, &pin(&internal, HOST)).await;
        let code = quinn::TransportErrorCode::crypto(alert);
        let quinn::ConnectionError::TransportError(error) = refused.unwrap() else {
            panic!("must be refused by the client");
        };
        assert_eq!(error.code, code);
        assert!(!is_in);
    }
}

#[tokio::test]
async fn certificates_that_ended_or_were_revoked_are_refused() {
    let internal = Ca::new("internal");
    let ended = internal.workload(&Says {
        uris: vec![DAEMON],
        until: 2021,
        ..Says::default()
    });
    let server = host(&internal, of(&internal, HOST));
    let (is_in, refused) = meet(server, &ended, &pin(&internal, HOST)).await;
    assert!(!is_in && told(refused, EXPIRED));

    let mut revoking = pin(&internal, DAEMON);
    revoking.crls.push(internal.revoke(77));
    let server = host(&internal, of(&internal, HOST));
    server.reload(&of(&internal, HOST), &revoking).unwrap();
    let daemon = of(&internal, DAEMON);
    let chain = daemon.chain.clone();
    assert!(server.verify(&chain, NOW).unwrap_err().is_revoked());
    let (is_in, refused) = meet(server, &daemon, &pin(&internal, HOST)).await;
    assert!(!is_in && told(refused, REVOKED));

    let mut revoking = pin(&internal, HOST);
    revoking.crls.push(internal.revoke(77));
    let server = host(&internal, of(&internal, HOST));
    assert!(!meet(server, &daemon, &revoking).await.0);
}

#[tokio::test]
async fn the_planes_do_not_meet() {
    let (internal, clients) = (Ca::new("internal"), Ca::new("clients"));
    // A client of the ledger's protocol at the host, although its certificate were right.
    let server = host(&internal, internal.server());
    let address = server.local_addr().unwrap();
    let accepted = tokio::spawn(async move {
        let is_in = match server.accept().await.unwrap() {
            Ok(handshake) => handshake.finish().await.is_ok(),
            Err(_) => false,
        };
        (is_in, server)
    });
    let endpoint = client(&internal, &of(&internal, DAEMON));
    let Err(ConnectError::Lost(refused)) = endpoint.connect(address, "localhost").await else {
        panic!("must be refused")
    };
    assert!(told(Some(refused), NO_APPLICATION_PROTOCOL));
    assert!(!accepted.await.unwrap().0);

    // The daemon's internal certificate at the port of clients, with either name in TLS.
    let (peer, refused) = attempt(
        &clients,
        &config(&clients, vec![clients.authority()]),
        &of(&internal, DAEMON),
    )
    .await;
    assert!(peer.is_err() && told(refused, UNKNOWN_CA));
    let config = config(&clients, vec![clients.authority()]);
    let server = Arc::new(Server::bind(&config).unwrap());
    let accepted = accept_one(&server);
    let endpoint = PolicyClient::bind(
        LOOPBACK,
        &of(&internal, DAEMON),
        &pin(&clients, HOST),
        TransportLimits::default(),
    )
    .unwrap();
    let address = server.local_addr().unwrap();
    let connected = endpoint.connect(address, Duration::from_secs(10)).await;
    let Err(ConnectError::Lost(refused)) = connected else {
        panic!("must be refused")
    };
    assert!(told(Some(refused), NO_APPLICATION_PROTOCOL));
    assert!(accepted.await.unwrap().is_err());
}

#[tokio::test]
async fn frames_of_the_plane_go_both_ways() {
    let internal = Ca::new("internal");
    let server = host(&internal, of(&internal, HOST));
    let address = server.local_addr().unwrap();
    let answering = tokio::spawn(async move {
        let peer = server.accept().await.unwrap().unwrap().finish().await;
        let peer = peer.unwrap();
        let (mut reader, mut writer) = peer.accept_stream().await.unwrap();
        let frame = reader.next().await.unwrap().unwrap();
        assert_eq!(frame.header.kind, Kind::Ping);
        writer.push(policy::Header::new(Kind::Pong, frame.header.call), |_| ());
        writer.flush().await.unwrap();
        peer.closed().await;
    });
    let client = PolicyClient::bind(
        LOOPBACK,
        &of(&internal, DAEMON),
        &pin(&internal, HOST),
        TransportLimits::default(),
    )
    .unwrap();
    let connected = client.connect(address, Duration::from_secs(10)).await;
    let connection = connected.unwrap();
    assert!(client.verify(&connection.peer_chain(), NOW).is_ok());
    let (mut reader, mut writer) = connection.open_stream().await.unwrap();
    writer.push(policy::Header::new(Kind::Ping, 5), |_| ());
    writer.flush().await.unwrap();
    let frame = reader.next().await.unwrap().unwrap();
    assert_eq!((frame.header.kind, frame.header.call), (Kind::Pong, 5));
    connection.close(CloseCode::Done, "done");
    answering.await.unwrap();
}
