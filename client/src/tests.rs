mod calls;
mod pki;
mod subscriptions;

use std::sync::Arc;
use std::time::Duration;

use ledger::registry::Name;
use ledger::{Code, Height, Nanos, Seq, TenantId};
use wire::Text;
use wire::endpoint::{Connection, FrameReader, FrameWriter, Server};
use wire::field::Field;
use wire::frame::{Frame, Kind};
use wire::identity::Role;
use wire::message::{HelloAnswer, Outcomes};

use crate::{Client, ClientConfig};

/// 2026-06-01, in nanoseconds.
const NOW: Nanos = Nanos(1_780_272_000_000_000_000);

/// The server's end of a client's first stream, greeted already.
struct Far {
    connection: Connection,
    reader: FrameReader,
    writer: FrameWriter,
    _server: Arc<Server>,
}

fn hello(in_flight_max: u32) -> HelloAnswer {
    HelloAnswer {
        server: Text::cut("test 1"),
        protocol: 1,
        batch_transfers_max: 8_190,
        batch_accounts_max: 8_190,
        query_rows_max: 8_190,
        frame_body_max: 1 << 21,
        in_flight_max,
        streams_max: 16,
        tenant: TenantId(3),
        tenant_name: Name::parse("acme").unwrap(),
        role: Role::Write,
        now: NOW,
    }
}

fn outcomes(created: u32) -> Outcomes {
    Outcomes {
        height: Height(1),
        first_seq: Seq(0),
        posted_at: NOW,
        created,
        exceptions: vec![],
    }
}

/// A client and the far end of it.
async fn pair(in_flight_max: u32, deadline: Duration) -> (Client, Far) {
    let pki = pki::Pki::new();
    let server = Arc::new(Server::bind(&pki.server_config()).unwrap());
    let address = server.local_addr().unwrap();
    let accepting = tokio::spawn(async move {
        let peer = server.accept().await.unwrap().finish(NOW).await.unwrap();
        let (mut reader, mut writer) = peer.connection.accept_stream().await.unwrap();
        let greeting = reader.next().await.unwrap().unwrap();
        reply(&mut writer, &greeting, Kind::Answer, &hello(in_flight_max)).await;
        Far {
            connection: peer.connection,
            reader,
            writer,
            _server: server,
        }
    });
    let (roots, credentials) = pki.client();
    let mut config = ClientConfig::new(address, "localhost", roots, credentials);
    config.deadline = deadline;
    let client = Client::connect(&config).await.unwrap();
    (client, accepting.await.unwrap())
}

async fn reply<T: Field>(writer: &mut FrameWriter, to: &Frame, kind: Kind, body: &T) {
    writer.push(to.header.reply(kind), |out| body.put(out));
    writer.flush().await.unwrap();
}

impl Far {
    async fn next(&mut self) -> Frame {
        self.reader.next().await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn connecting_greets() {
    let (client, _far) = pair(8, Duration::from_secs(10)).await;
    assert_eq!(client.hello(), &hello(8));
    client.close().await;
}

#[tokio::test]
async fn a_refused_certificate_shows_at_connecting() {
    let pki = pki::Pki::new();
    let server = Arc::new(Server::bind(&pki.server_config()).unwrap());
    let address = server.local_addr().unwrap();
    let accepting = tokio::spawn(async move { server.accept().await.unwrap().finish(NOW).await });
    let (roots, _) = pki.client();
    let (_, foreign) = pki::Pki::new().client();
    let config = ClientConfig::new(address, "localhost", roots, foreign);
    let error = Client::connect(&config).await.unwrap_err();
    assert!(error.has_no_side_effects());
    assert_eq!(error.code(), Code::ShuttingDown);
    assert!(accepting.await.unwrap().is_err());
}
