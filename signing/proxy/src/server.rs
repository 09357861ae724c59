//! Connections: taken, encrypted, served, and ended in order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::caller::{Peer, PeerCertificate};
use crate::config::limits::{HEAD_BYTES_MAX, HEADERS_MAX};
use crate::request;
use crate::shared::Shared;

/// How long requests that were taken may go on once the process is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// How long to wait when the system has no room for a connection.
const BREATH: Duration = Duration::from_millis(50);

/// Serves until `stop` says otherwise, and then until the last request is answered.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) {
    let most = shared.settings.limits.connections;
    let room = Arc::new(Semaphore::new(most));
    loop {
        let taken = tokio::select! {
            taken = take(&listener, &room) => taken,
            () = told(&mut stop) => break,
        };
        let Some((stream, peer, permit)) = taken else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let (tls, shared, stop) = (tls.clone(), Arc::clone(&shared), stop.clone());
        tokio::spawn(async move {
            // Who asks is told by audit lines; who goes away in between is nobody's concern.
            let _ = connection(stream, peer, tls, shared, stop).await;
            drop(permit);
        });
    }
    drop(listener);
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    if timeout(DRAIN, room.acquire_many(all)).await.is_err() {
        tracing::warn!("requests that were not answered in time are given up");
    }
}

/// Takes a connection once there is room for it; the rest wait in the system's queue.
async fn take(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, std::net::SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, permit)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be taken");
            None
        }
    }
}

async fn connection(
    stream: TcpStream,
    address: std::net::SocketAddr,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    stop: watch::Receiver<bool>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        let certificate = None;
        http(
            stream,
            Peer {
                address,
                certificate,
            },
            shared,
            stop,
        )
        .await;
        return Ok(());
    };
    let handshake = timeout(shared.settings.limits.handshake, tls.accept(stream));
    let stream = handshake.await.map_err(|_| io::ErrorKind::TimedOut)??;
    let (_, session) = stream.get_ref();
    let shown = session.peer_certificates().and_then(<[_]>::first);
    let certificate = match shown.map(PeerCertificate::read) {
        // Verified, and yet not to be read: nobody knows whose it is.
        Some(None) => return Err(io::ErrorKind::InvalidData.into()),
        Some(read) => read,
        None => None,
    };
    http(
        stream,
        Peer {
            address,
            certificate,
        },
        shared,
        stop,
    )
    .await;
    Ok(())
}

async fn http<S>(stream: S, peer: Peer, shared: Arc<Shared>, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let header = shared.settings.limits.header;
    let service = service_fn(|request| request::answer(request, &peer, &shared));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(peer = %peer.address, %error, "a connection ended early");
    }
}

/// Waits until the process is told to stop.
async fn told(stop: &mut watch::Receiver<bool>) {
    // Whoever tells has gone only when the process has ended.
    let _ = stop.wait_for(|stop| *stop).await;
}
