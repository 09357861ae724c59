//! Keeps a connection to the host, and makes another whenever it is lost.

use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use wire::endpoint::{
    CloseCode, FrameReader, FrameWriter, OutgoingFrame, PolicyClient, PolicyConnection,
    TransportLimits,
};
use wire::field;
use wire::policy::{Header, Kind, Turned};

use super::backoff::Backoff;
use super::live::Live;
use super::policy::Standing;
use super::{Reach, Shared, loading};
use crate::clock;

/// Streams over which calls go: one that waits for a lost packet holds up those behind it alone.
const STREAMS: usize = 4;
/// Calls that wait to be written on one stream.
const QUEUE: usize = 64;
/// Signs of life that are asked for while one is waited for.
const PINGS: u32 = 4;
/// How often it is checked that the peer is still the host.
const REVERIFY: Duration = Duration::from_secs(30);
/// How long the connection may be silent below. Silence is noticed far earlier above.
const IDLE: Duration = Duration::from_secs(10);

/// Keeps a connection until it is aborted.
pub(super) async fn run(shared: Arc<Shared>, mut reach: watch::Receiver<Reach>) {
    let mut link = Link {
        shared,
        generation: 0,
        told: None,
    };
    let mut backoff = Backoff::default();
    loop {
        let now = reach.borrow_and_update().clone();
        let why = match link.connect(&now).await {
            Ok((client, connection)) => {
                tokio::select! {
                    why = link.keep(&client, &connection, &now, &mut backoff) => why,
                    changed = reach.changed() => match changed {
                        Ok(()) => "its identity or address was changed".into(),
                        Err(_) => return,
                    },
                }
            }
            Err(why) => why,
        };
        link.lose(&now, why);
        tokio::select! {
            () = tokio::time::sleep(backoff.next()) => {}
            changed = reach.changed() => if changed.is_err() {
                return;
            },
        }
    }
}

struct Link {
    shared: Arc<Shared>,
    generation: u64,
    /// Why the last attempt failed, which is told once.
    told: Option<String>,
}

impl Link {
    async fn connect(&self, reach: &Reach) -> Result<(PolicyClient, PolicyConnection), String> {
        let address = resolve(&reach.address).await?;
        let local: SocketAddr = match address {
            SocketAddr::V4(_) => (std::net::Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let limits = TransportLimits {
            idle: IDLE,
            ..TransportLimits::default()
        };
        let client = PolicyClient::bind(local, &reach.credentials, &reach.pin, limits)
            .map_err(|error| error.to_string())?;
        let connected = client.connect(address, reach.silence).await;
        let connection = connected.map_err(|error| error.to_string())?;
        Ok((client, connection))
    }

    /// Answers calls over a connection for as long as it lasts; then says why it does not.
    async fn keep(
        &mut self,
        client: &PolicyClient,
        connection: &PolicyConnection,
        reach: &Reach,
        backoff: &mut Backoff,
    ) -> String {
        self.generation += 1;
        // Ends what reads and writes when the connection is left.
        let mut tasks = JoinSet::new();
        let live = match self.open(connection, &mut tasks).await {
            Ok(live) => live,
            Err(why) => return why,
        };
        let (ready, silence) = (Arc::clone(&live), reach.silence);
        let lasting = async {
            // That the host lets the daemon in shows with its first answer.
            if !answers(&ready, silence).await {
                return "it says nothing".to_owned();
            }
            self.told = None;
            backoff.reset();
            tracing::info!(host = &*reach.address, "host of policies connected");
            self.shared.live.store(Some(Arc::clone(&ready)));
            tokio::select! {
                why = loading::run(&self.shared, connection, ready.generation) => why,
                why = listen(&ready, silence) => why,
                why = reverify(client, connection) => why,
            }
        };
        tokio::select! {
            why = lasting => why,
            gone = connection.closed() => gone.to_string(),
        }
    }

    /// Opens the streams of calls.
    async fn open(
        &self,
        connection: &PolicyConnection,
        tasks: &mut JoinSet<()>,
    ) -> Result<Arc<Live>, String> {
        let mut ends = Vec::with_capacity(STREAMS);
        let mut queues = Vec::with_capacity(STREAMS);
        for _ in 0..STREAMS {
            let opened = connection.open_stream().await;
            let (reader, writer) = opened.map_err(|error| error.to_string())?;
            let (queue, waiting) = mpsc::channel(QUEUE);
            queues.push(queue);
            ends.push((reader, writer, waiting));
        }
        let live = Arc::new(Live::new(self.generation, queues));
        for (reader, writer, waiting) in ends {
            tasks.spawn(write(writer, waiting));
            let (live, shared) = (Arc::clone(&live), Arc::clone(&self.shared));
            let connection = connection.clone();
            tasks.spawn(async move {
                if let Err(what) = read(reader, &live, &shared).await {
                    connection.close(CloseCode::Protocol, &what);
                }
            });
        }
        Ok(live)
    }

    /// There is no connection: every call is answered without one.
    fn lose(&mut self, reach: &Reach, why: String) {
        if let Some(live) = self.shared.live.swap(None) {
            live.calls.close();
        }
        for held in self.shared.held() {
            held.is_not(Standing::Away);
        }
        if self.told.as_ref() != Some(&why) {
            tracing::warn!(
                host = &*reach.address,
                why,
                "host of policies away: what it holds denies until it is back"
            );
            self.told = Some(why);
        }
    }
}

async fn resolve(address: &str) -> Result<SocketAddr, String> {
    let found = tokio::net::lookup_host(address).await;
    let mut found = found.map_err(|error| format!("`{address}`: {error}"))?;
    found
        .next()
        .ok_or_else(|| format!("`{address}` has no address"))
}

/// Whether the host answers at all.
async fn answers(live: &Live, silence: Duration) -> bool {
    live.ping();
    let heard = tokio::time::timeout(silence, live.first.notified());
    heard.await.is_ok()
}

/// Asks for signs of life until there is none.
async fn listen(live: &Live, silence: Duration) -> String {
    let mut ticks = tokio::time::interval(silence / PINGS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if live.silence() > silence {
            return "it says nothing any more".into();
        }
        live.ping();
    }
}

/// Returns when the peer is no longer the host.
async fn reverify(client: &PolicyClient, connection: &PolicyConnection) -> String {
    let chain = connection.peer_chain();
    let mut ticks = tokio::time::interval(REVERIFY);
    loop {
        ticks.tick().await;
        if let Err(refusal) = client.verify(&chain, clock::now()) {
            return refusal.to_string();
        }
    }
}

async fn write(mut writer: FrameWriter, mut waiting: mpsc::Receiver<OutgoingFrame>) {
    // A lost connection is noticed by who reads.
    let _ = writer.drain(&mut waiting).await;
}

/// Gives answers to who waits for them, until the stream ends; an error is a broken protocol.
async fn read(mut reader: FrameReader<Header>, live: &Live, shared: &Shared) -> Result<(), String> {
    while let Ok(Some(frame)) = reader.next().await {
        live.hear();
        match frame.header.kind {
            Kind::Decided => live.calls.end(frame.header.call, &frame.body),
            Kind::Pong => {}
            Kind::Turned => {
                let turned = field::decode::<Turned>(&frame.body);
                turn(shared, &turned.map_err(|error| error.to_string())?);
            }
            kind => return Err(format!("a frame of kind `{kind:?}` to a call")),
        }
    }
    Ok(())
}

/// Notes how the breaker of a policy stands there.
fn turn(shared: &Shared, turned: &Turned) {
    for held in shared.held() {
        if held.digest == turned.policy {
            held.is_open.store(turned.is_open, Ordering::Relaxed);
        }
    }
}
