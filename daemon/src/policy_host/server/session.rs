//! One connection of the daemon.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ledger::Digest;
use parking_lot::Mutex;
use wire::endpoint::{CloseCode, PolicyConnection};

use super::{Shared, stream};
use crate::clock;

/// How often it is checked that the peer is still the daemon.
const REVERIFY: Duration = Duration::from_secs(30);

/// One connection of the daemon, and what it claims.
pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) connection: PolicyConnection,
    /// Guards nothing else.
    claims: Mutex<BTreeSet<Digest>>,
}

impl Session {
    /// Notes that a policy is claimed for this connection. A second claim is given back.
    pub(super) fn claimed(&self, policy: Digest) {
        if !self.claims.lock().insert(policy) {
            self.shared.table.leave(&policy);
        }
    }

    /// Gives a claim back.
    pub(super) fn leave(&self, policy: &Digest) {
        if self.claims.lock().remove(policy) {
            self.shared.table.leave(policy);
        }
    }

    /// Ends the connection of a peer that broke the protocol.
    pub(super) fn protocol(&self, what: &str) {
        tracing::error!(what, "the daemon broke the protocol");
        self.connection.close(CloseCode::Protocol, what);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for policy in self.claims.get_mut().iter() {
            self.shared.table.leave(policy);
        }
    }
}

/// Serves a connection until it is gone.
pub(super) async fn run(connection: PolicyConnection, shared: Arc<Shared>) {
    let from = connection.remote_address();
    tracing::info!(%from, "daemon connected");
    let session = Arc::new(Session {
        shared,
        connection,
        claims: Mutex::default(),
    });
    let streams = async {
        // Ends when the connection does.
        while let Ok((reader, writer)) = session.connection.accept_stream().await {
            tokio::spawn(stream::run(reader, writer, Arc::clone(&session)));
        }
    };
    tokio::select! {
        () = streams => {}
        () = reverify(&session) => {}
    }
    tracing::info!(%from, "daemon gone");
}

/// Closes the connection when its peer is no longer the daemon.
async fn reverify(session: &Session) {
    let chain = session.connection.peer_chain();
    let mut ticks = tokio::time::interval(REVERIFY);
    loop {
        ticks.tick().await;
        if let Err(refusal) = session.shared.server.verify(&chain, clock::now()) {
            tracing::warn!(%refusal, "daemon shut out");
            session
                .connection
                .close(CloseCode::Unauthorized, &refusal.to_string());
            return;
        }
    }
}
