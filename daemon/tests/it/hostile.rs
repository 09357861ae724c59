//! Peers that mean no good, or know no better: clear refusals, bounded memory, others undisturbed.

mod certificates;
mod frames;
mod live;
mod memory;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use client::{Client, ClientConfig};
use ledger::{Code, Transfer};
use tokio::task::JoinHandle;
use wire::endpoint::{ClientEndpoint, Connection, FrameReader};
use wire::frame::Kind;
use wire::{Failure, field};

use crate::harness::until;
use crate::harness::world::{BOOK, World};

/// Within this time everyone else is answered, whatever anyone does.
const UNDISTURBED: Duration = Duration::from_secs(20);

/// A client that posts one transfer after the other and fails if one of them has to wait.
struct Bystander {
    posted: Arc<AtomicU64>,
    is_done: Arc<AtomicBool>,
    posting: JoinHandle<()>,
}

impl Bystander {
    async fn of(world: &World) -> Self {
        let client = world.connect("acme-write").await;
        let (posted, is_done) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (count, stop) = (Arc::clone(&posted), Arc::clone(&is_done));
        let posting = tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let id = 1_000_000 + u128::from(count.load(Ordering::Relaxed));
                post_in_time(&client, Transfer::new(id, 1, 2, 1, 1)).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self {
            posted,
            is_done,
            posting,
        }
    }

    /// Waits until it has posted some more.
    async fn goes_on(&self) {
        let before = self.posted.load(Ordering::Relaxed);
        let has_posted = async || {
            assert!(!self.posting.is_finished(), "a bystander was disturbed");
            self.posted.load(Ordering::Relaxed) > before + 2
        };
        until("the bystander goes on", has_posted).await;
    }

    async fn end(self) {
        self.goes_on().await;
        self.is_done.store(true, Ordering::Relaxed);
        self.posting.await.unwrap();
    }
}

async fn post_in_time(client: &Client, transfer: Transfer) {
    let transfers = [transfer];
    let posting = client.post(BOOK, &transfers, &[]);
    let outcomes = tokio::time::timeout(UNDISTURBED, posting).await;
    let outcomes = outcomes.expect("a bystander waits for its answer");
    assert_eq!(outcomes.unwrap().code(0), Code::Created);
}

/// A connection without the client library.
pub(crate) async fn connect(config: &ClientConfig) -> Connection {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let (credentials, roots) = (&config.credentials, &config.roots);
    let endpoint = ClientEndpoint::bind(any, credentials, roots, config.transport).unwrap();
    let connected = endpoint.connect(config.server, &config.server_name).await;
    connected.unwrap()
}

/// The failure that the next frame is, with the id of the request that it is about.
async fn next_failure(reader: &mut FrameReader) -> (u128, Failure) {
    let frame = reader.next().await.unwrap().unwrap();
    assert_eq!(frame.header.kind, Kind::Failure);
    let failure = field::decode(&frame.body).unwrap();
    (frame.header.request_id, failure)
}
