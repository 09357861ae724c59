//! The internal plane and that of clients do not meet, and nobody but the two of them is on it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use client::{Client, ClientError};
use wire::endpoint::{
    Credentials, Pin, PolicyClient, PolicyConnection, TransportLimits, certificates_from_pem,
};
use wire::identity::SpiffeId;
use wire::policy::{Header, Kind};

use super::deployment::{DAEMON, Deployment, HOST};
use crate::daemon::{check, command, end};
use crate::harness::connection;
use crate::pki::{Ask, Ca};

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const LIMIT: Duration = Duration::from_secs(10);

fn credentials(deployment: &Deployment, stem: &str) -> Credentials {
    let read = |ending: &str| fs::read(deployment.file(&format!("{stem}.{ending}"))).unwrap();
    Credentials::from_pem(&read("pem"), &read("key")).unwrap()
}

fn client(deployment: &Deployment, stem: &str) -> PolicyClient {
    let root = fs::read(deployment.file("internal.pem")).unwrap();
    let pin = Pin {
        roots: certificates_from_pem(&root).unwrap(),
        crls: Vec::new(),
        id: SpiffeId::parse(HOST).unwrap(),
    };
    let credentials = credentials(deployment, stem);
    PolicyClient::bind(LOCAL, &credentials, &pin, TransportLimits::default()).unwrap()
}

/// Whether the host answers over this connection.
async fn answers(connection: &PolicyConnection) -> bool {
    let Ok((mut reader, mut writer)) = connection.open_stream().await else {
        return false;
    };
    writer.push(Header::new(Kind::Ping, 1), |_| ());
    let written = writer.flush().await;
    let read = tokio::time::timeout(LIMIT, reader.next());
    written.is_ok() && matches!(read.await.unwrap(), Ok(Some(frame)) if frame.header.call == 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_lets_in_the_daemon_and_nobody_else() {
    let deployment = Deployment::new();
    let other = Ca::make(&deployment.file(""), "other");
    let issue = |ca: &Ca, stem: &str, uri: &str| {
        let ask = Ask {
            uris: &[uri],
            ..Ask::default()
        };
        ca.issue(stem, &ask);
    };
    issue(
        &deployment.internal,
        "another",
        "spiffe://internal.test/another",
    );
    issue(&deployment.bank, "pretender", DAEMON);
    issue(&other, "stranger", DAEMON);
    let host = deployment.start_host();
    let table = [
        ("daemon", true),
        // A tenant, whose authority is another.
        ("acme-write", false),
        ("operator", false),
        // The right identity from a wrong authority, and a wrong one from the right authority.
        ("pretender", false),
        ("stranger", false),
        ("another", false),
        ("host", false),
    ];
    for (stem, is_let_in) in table {
        let client = client(&deployment, stem);
        let is_in = match client.connect(host.address(), LIMIT).await {
            Ok(connection) => answers(&connection).await,
            Err(_) => false,
        };
        assert_eq!(is_in, is_let_in, "{stem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_takes_no_internal_certificate_from_clients() {
    let deployment = Deployment::new();
    let host = deployment.start_host();
    deployment.configure(host.address(), super::REMOTE);
    let daemon = deployment.start();
    let directory = deployment.file("");
    // At the port of clients, with the protocol of clients and with that of the host.
    let config = connection(&directory, "bank.pem", "daemon", daemon.address());
    let refused = Client::connect(&config).await;
    assert!(matches!(
        refused,
        Err(ClientError::Connect(_) | ClientError::Disconnected(_))
    ));
    let plane = client(&deployment, "daemon");
    assert!(plane.connect(daemon.address(), LIMIT).await.is_err());
    // And a client of the ledger at the host's port.
    let config = connection(&directory, "internal.pem", "daemon", host.address());
    assert!(Client::connect(&config).await.is_err());
}

/// Parts of the host's file as it should be, what stands in their place, and what is said.
const HOST_ROWS: &[(&str, &str, &[&str])] = &[
    ("", "", &[]),
    ("profile = \"development\"", "profile = \"production\"", &[]),
    (
        "internal.pem",
        "bank.pem",
        &["tls.certificate", "have it issued with one SPIFFE ID"],
    ),
    ("host.", "server.", &["tls.certificate", "no URI"]),
    ("host.key", "daemon.key", &["tls.key", "does not fit"]),
    (
        "spiffe://internal.test/daemon",
        "daemon",
        &["daemon.id = `daemon`: not a SPIFFE ID"],
    ),
    (
        "127.0.0.1:0",
        "0.0.0.0:0",
        &["listen.address = `0.0.0.0:0`", "for this machine alone"],
    ),
    (
        "[daemon]",
        "[limits]\npolicies = 0\n[daemon]",
        &["limits.policies = `0`: out of range"],
    ),
    ("[daemon]", "[demon]", &["unknown field `demon`"]),
];

#[test]
fn the_file_of_a_host_is_refused_for_what_is_wrong_with_it() {
    for (part, instead, said) in HOST_ROWS {
        let deployment = Deployment::new();
        let file = deployment.file("policy-host.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(part), "{part}");
        fs::write(&file, text.replace(part, instead)).unwrap();
        if said.is_empty() {
            deployment.start_host().stop();
            continue;
        }
        let ended = end(command(&[
            "policy-host",
            "--config",
            file.to_str().unwrap(),
        ]));
        assert_eq!(ended.code, Some(64), "{}", ended.complaint);
        for each in *said {
            assert!(ended.complaint.contains(each), "{}", ended.complaint);
        }
    }
}

/// Parts of the daemon's file as it should be, what stands in their place, and what is said.
const DAEMON_ROWS: &[(&str, &str, &[&str])] = &[
    ("", "", &[]),
    ("tenant_code = \"remote\"", "tenant_code = \"none\"", &[]),
    (
        "tenant_code = \"remote\"",
        "tenant_code = \"in_process\"",
        &[],
    ),
    ("tenant_code = \"remote\"", "shipped = \"remote\"", &[]),
    (
        "tenant_code = \"remote\"",
        "tenant_code = \"here\"",
        &["policy.tenant_code", "unknown variant `here`"],
    ),
    (
        "ca = \"internal.pem\"",
        "ca = \"bank.pem\"",
        &[
            "policy.host.ca",
            "is the authority of clients",
            "a root of its own",
        ],
    ),
    (
        "daemon.",
        "acme-write.",
        &[
            "policy.host.certificate",
            "have it issued with one SPIFFE ID",
        ],
    ),
    (
        "spiffe://internal.test/policy-host",
        "internal.test",
        &["policy.host.id = `internal.test`: not a SPIFFE ID"],
    ),
    (
        "id = \"spiffe://internal.test/policy-host\"",
        "id = \"spiffe://internal.test/policy-host\"\nsilence_ms = 5",
        &["policy.host.silence_ms = `5`: out of range"],
    ),
    (
        "address = \"127.0.0.1:7272\"",
        "address = \"somewhere\"",
        &["policy.host.address = `somewhere`: not an address with a port"],
    ),
    (
        "address = \"127.0.0.1:7272\"",
        "address = \"policies.internal:7272\"",
        &[],
    ),
    ("[policy.host]", "[client_ca_of_nobody]", &["unknown field"]),
];

#[test]
fn the_daemons_file_is_refused_for_what_is_wrong_with_it() {
    let deployment = Deployment::new();
    for (part, instead, said) in DAEMON_ROWS {
        deployment.configure(([127, 0, 0, 1], 7272).into(), super::REMOTE);
        let file = deployment.file("ledgerd.toml");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(part), "{part}");
        fs::write(&file, text.replace(part, instead)).unwrap();
        let ended = check(&file);
        let code = if said.is_empty() { 0 } else { 64 };
        assert_eq!(ended.code, Some(code), "{instead}: {}", ended.complaint);
        for each in *said {
            assert!(ended.complaint.contains(each), "{}", ended.complaint);
        }
    }
}
