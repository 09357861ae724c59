//! A connection: who it is, whether it still is, and its streams.

use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use wire::endpoint::{CloseCode, Connection};

use super::allowance::Allowance;
use super::{REVERIFY, Shared, stream};
use crate::authority::{Authorities, Peer};
use crate::clock;

/// Serves a connection until it is gone.
pub(super) async fn run(
    connection: Connection,
    chain: Vec<CertificateDer<'static>>,
    shared: Arc<Shared>,
) {
    let directory = shared.engine.directory();
    let tenant_of = |name| directory.tenant(name);
    let peer = match shared.authorities.identify(&chain, clock::now(), tenant_of) {
        Ok(peer) => peer,
        Err(refusal) => {
            tracing::info!(from = %connection.remote_address(), %refusal, "peer refused");
            connection.close(CloseCode::Unauthorized, &refusal.to_string());
            return;
        }
    };
    let allowance = Arc::new(Allowance::new(shared.requests_in_flight));
    let watch = reverify(&connection, &shared.authorities, &peer);
    let streams = async {
        // Ends when the connection does.
        while let Ok((reader, writer)) = connection.accept_stream().await {
            let stream = stream::Stream {
                peer: Arc::clone(&peer),
                shared: Arc::clone(&shared),
                allowance: Arc::clone(&allowance),
            };
            tokio::spawn(stream.run(reader, writer));
        }
    };
    tokio::select! {
        () = streams => {}
        () = watch => {}
    }
}

/// Closes the connection when its peer is no longer who it was: at once after a reload, and else
/// at the next tick.
async fn reverify(connection: &Connection, authorities: &Authorities, peer: &Peer) {
    let mut ticks = tokio::time::interval(REVERIFY);
    let mut reloads = authorities.reloads();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            // The authorities are kept by whoever keeps the connection.
            Ok(()) = reloads.changed() => {}
        }
        if let Err(refusal) = authorities.still_valid(peer, clock::now()) {
            tracing::info!(from = %connection.remote_address(), %refusal, "peer shut out");
            connection.close(CloseCode::Unauthorized, &refusal.to_string());
            return;
        }
    }
}
