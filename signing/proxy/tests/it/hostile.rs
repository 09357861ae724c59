//! Bytes and connections that mean no good.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::harness::client::Client;
use crate::harness::{As, PATIENCE, Place};

const KEYS: &[(&str, &str)] = &[("seal", "seal")];

#[tokio::test]
async fn long_bodies_and_long_heads_are_refused() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let client = place.client(&proxy, As::Key("kernel"));
    for (length, status) in [(60_000, 400), (70_000, 413), (4_000_000, 413)] {
        let body = json!({ "digest_hex": "x".repeat(length) });
        let sent = client
            .request(Method::POST, "/sign/hash")
            .json(&body)
            .send()
            .await;
        // Whoever goes on to send may find the connection closed.
        match sent {
            Ok(answer) => assert_eq!(answer.status().as_u16(), status, "{length}"),
            Err(error) => assert!(length > 1_000_000, "{length}: {error}"),
        }
    }
    let long = client
        .request(Method::GET, "/health")
        .header("x-long", "x".repeat(40_000));
    assert!(Client::send(long).await.status >= 400);
    assert_eq!(client.get("/health").await.status, 200);
}

#[tokio::test]
async fn slow_clients_are_let_go() {
    let limits = "[limits]\nhandshake_seconds = 1\nheader_seconds = 1\nbody_seconds = 1\n";
    let place = Place::new(KEYS, limits);
    let proxy = place.start();
    // One who does not begin the handshake, and one who does not go on with it.
    for first in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
        let mut stream = TcpStream::connect(proxy.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(first).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    }
    let client = place.client(&proxy, As::Key("kernel"));
    assert_eq!(client.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_plain_request_on_the_encrypted_port_gets_nothing() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let mut stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
        .write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[tokio::test]
async fn connections_are_bounded_and_the_next_waits_its_turn() {
    let place = Place::new(KEYS, "[limits]\nconnections = 2\n");
    let proxy = place.start();
    let connect = || TcpStream::connect(proxy.address()).unwrap();
    let held = [connect(), connect()];
    let client = place.client(&proxy, As::Nobody);
    let asking = tokio::spawn(async move { client.get("/health").await.status });
    // Both places are taken until their handshakes are given up, or their clients go.
    drop(held);
    assert_eq!(asking.await.unwrap(), 200);
}

#[tokio::test]
async fn a_stop_lets_requests_end_and_idle_connections_go() {
    let place = Place::new(KEYS, "");
    let proxy = place.start();
    let client = place.client(&proxy, As::Nobody);
    assert_eq!(client.get("/health").await.status, 200);
    // The connection is kept alive by the client. The stop does not wait for it.
    let start = Instant::now();
    proxy.stop();
    assert!(start.elapsed() < Duration::from_secs(8));
}
