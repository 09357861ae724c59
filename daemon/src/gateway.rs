//! The gateway: QUIC connections in, permitted requests to the engine, answers out.

mod allowance;
mod answers;
mod beside;
mod connection;
mod intake;
mod stream;
mod subscription;

use std::sync::Arc;
use std::time::Duration;

use actors::Engine;
use tokio::sync::Semaphore;
use wire::endpoint::{Handshake, Server};

use crate::authority::Authorities;
use crate::clock;
use crate::policies::Rollout;

/// How long a request may wait if it does not say.
const DEADLINE_DEFAULT: Duration = Duration::from_secs(30);
/// How long a request may wait at most.
const DEADLINE_MAX: Duration = Duration::from_secs(300);
/// Queries over closed blocks that may run at once, over all connections.
const QUERIES_MAX: usize = 4;
/// Requests for proofs that may be inside at once, over all connections: most wait for a seal.
const PROOFS_MAX: usize = 1_024;
/// How often the peers of open connections are verified again.
const REVERIFY: Duration = Duration::from_secs(1);

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) engine: Arc<Engine>,
    pub(crate) authority: plugins_host::Authority,
    pub(crate) rollout: Arc<Rollout>,
    pub(crate) authorities: Arc<Authorities>,
    pub(crate) requests_in_flight: usize,
    pub(crate) queries: Arc<Semaphore>,
    pub(crate) proofs: Arc<Semaphore>,
}

impl Shared {
    pub(crate) fn new(
        engine: Arc<Engine>,
        authority: plugins_host::Authority,
        rollout: Arc<Rollout>,
        authorities: Arc<Authorities>,
        requests_in_flight: usize,
    ) -> Arc<Self> {
        let queries = Arc::new(Semaphore::new(QUERIES_MAX));
        let proofs = Arc::new(Semaphore::new(PROOFS_MAX));
        Arc::new(Self {
            engine,
            authority,
            rollout,
            authorities,
            requests_in_flight,
            queries,
            proofs,
        })
    }
}

/// Takes connections until the server is closed.
pub(crate) async fn run(server: Arc<Server>, shared: Arc<Shared>) {
    while let Some(handshake) = server.accept().await {
        tokio::spawn(greet(handshake, Arc::clone(&shared)));
    }
}

async fn greet(handshake: Handshake, shared: Arc<Shared>) {
    let from = handshake.remote_address();
    match handshake.finish(clock::now()).await {
        Ok(peer) => connection::run(peer.connection, peer.chain, shared).await,
        Err(error) => tracing::info!(%from, %error, "peer not let in"),
    }
}
