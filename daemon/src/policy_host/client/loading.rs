//! Has the host hold what it is to hold, over one connection.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ledger::Digest;
use wire::LongBlob;
use wire::endpoint::{FrameReader, FrameWriter, PolicyConnection};
use wire::field::{self, Field};
use wire::policy::{CHUNK_BYTES_MAX, Chunk, Header, Kind, Load, Loaded, Refused, Want};

use super::policy::{Held, Standing};
use super::{LOAD, Shared};
use crate::policy_host::Described;

/// After which time what the host refused for its own sake is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// How long the host is given to take note that a policy is no longer asked.
const UNLOAD: Duration = Duration::from_secs(5);

/// Why a policy was not loaded over this connection.
enum Miss {
    /// The host refuses it.
    Refused { is_retryable: bool, reason: String },
    /// The connection is worth nothing any more.
    Lost(String),
}

/// Loads policies as they come and unloads those that nobody asks any more, until the connection
/// is worth nothing; then says why.
pub(super) async fn run(shared: &Shared, connection: &PolicyConnection, generation: u64) -> String {
    let mut loading = Loading {
        connection,
        generation,
        on: BTreeSet::new(),
        refused: BTreeSet::new(),
    };
    loop {
        let changed = shared.changed.notified();
        let wait = match loading.round(&shared.held()).await {
            Ok(true) => AGAIN,
            Ok(false) => Duration::MAX,
            Err(why) => return why,
        };
        // What was refused for good stays refused; the rest is tried when the time has come.
        let _ = tokio::time::timeout(wait, changed).await;
    }
}

struct Loading<'a> {
    connection: &'a PolicyConnection,
    generation: u64,
    /// What the host holds for this connection.
    on: BTreeSet<Digest>,
    /// What it refused for good.
    refused: BTreeSet<Digest>,
}

impl Loading<'_> {
    /// Brings the host to hold exactly `all`; whether something is to be tried again later.
    async fn round(&mut self, all: &[Arc<Held>]) -> Result<bool, String> {
        let wanted: BTreeSet<Digest> = all.iter().map(|held| held.digest).collect();
        let left: Vec<Digest> = self.on.difference(&wanted).copied().collect();
        for digest in left {
            self.unload(&digest).await?;
            self.on.remove(&digest);
        }
        self.refused.retain(|digest| wanted.contains(digest));
        let mut again = false;
        for held in all {
            if held.is_on(self.generation) || self.refused.contains(&held.digest) {
                continue;
            }
            let loaded = tokio::time::timeout(LOAD, self.load(held));
            let loaded = loaded.await.map_err(|_| "a load was never answered")?;
            match loaded {
                Ok(()) => {
                    self.on.insert(held.digest);
                }
                Err(Miss::Lost(why)) => return Err(why),
                Err(Miss::Refused {
                    is_retryable,
                    reason,
                }) => {
                    let name = &*held.load.name;
                    tracing::error!(policy = %held.digest, name, reason, "not held by its host");
                    held.is_not(Standing::Refused(reason));
                    again |= is_retryable;
                    if !is_retryable {
                        self.refused.insert(held.digest);
                    }
                }
            }
        }
        Ok(again)
    }

    /// A stream of its own, so that what goes wrong with one load leaves the others alone.
    async fn load(&self, held: &Held) -> Result<(), Miss> {
        let (mut reader, mut writer) = self.stream().await.map_err(Miss::Lost)?;
        send(&mut writer, Kind::Load, &held.load)
            .await
            .map_err(Miss::Lost)?;
        loop {
            match next(&mut reader).await.map_err(Miss::Lost)? {
                FromHost::Want(want) => self.give(held, &want, &mut writer).await?,
                FromHost::Loaded(loaded) => return self.loaded(held, &loaded),
                FromHost::Refused(refused) => {
                    return Err(Miss::Refused {
                        is_retryable: refused.is_retryable,
                        reason: refused.reason.to_string(),
                    });
                }
            }
        }
    }

    async fn give(&self, held: &Held, want: &Want, writer: &mut FrameWriter) -> Result<(), Miss> {
        let refused = |reason: &str| Miss::Refused {
            is_retryable: true,
            reason: reason.to_owned(),
        };
        let component = Arc::clone(&held.component);
        let component = tokio::task::spawn_blocking(move || component()).await;
        let Ok(Some(component)) = component else {
            return Err(refused("its component cannot be read"));
        };
        let Load {
            component: digest, ..
        } = held.load;
        if want.component != digest || want.at != 0 {
            return Err(Miss::Lost("the host wants what it was not told of".into()));
        }
        for (at, part) in component.chunks(CHUNK_BYTES_MAX).enumerate() {
            let Some(bytes) = LongBlob::new(part.to_vec()) else {
                return Err(refused("its component cannot be sent"));
            };
            let chunk = Chunk {
                component: digest,
                at: u32::try_from(at * CHUNK_BYTES_MAX).unwrap_or(u32::MAX),
                bytes,
            };
            send(writer, Kind::Chunk, &chunk)
                .await
                .map_err(Miss::Lost)?;
        }
        Ok(())
    }

    fn loaded(&self, held: &Held, loaded: &Loaded) -> Result<(), Miss> {
        let described = Described::from_wire(loaded.needs, &loaded.rules);
        let described = described.filter(|_| loaded.policy == held.digest);
        let Some(described) = described else {
            return Err(Miss::Lost("the host answers against the protocol".into()));
        };
        if held.is_ready(self.generation, described) {
            Ok(())
        } else {
            Err(Miss::Refused {
                is_retryable: false,
                reason: "it says other things of itself than before".into(),
            })
        }
    }

    async fn unload(&self, digest: &Digest) -> Result<(), String> {
        let (mut reader, mut writer) = self.stream().await?;
        send(&mut writer, Kind::Unload, digest).await?;
        writer.finish();
        // The host ends the stream once that is done. A load of the same that comes next is on
        // another stream, and must not be overtaken by it.
        let _ = tokio::time::timeout(UNLOAD, reader.next()).await;
        Ok(())
    }

    async fn stream(&self) -> Result<(FrameReader<Header>, FrameWriter), String> {
        let opened = self.connection.open_stream().await;
        opened.map_err(|error| error.to_string())
    }
}

enum FromHost {
    Want(Want),
    Loaded(Loaded),
    Refused(Refused),
}

async fn next(reader: &mut FrameReader<Header>) -> Result<FromHost, String> {
    let frame = reader.next().await.map_err(|error| error.to_string())?;
    let frame = frame.ok_or("the host ended a load")?;
    let bad = |error: field::MessageError| error.to_string();
    match frame.header.kind {
        Kind::Want => field::decode(&frame.body).map(FromHost::Want).map_err(bad),
        Kind::Loaded => field::decode(&frame.body)
            .map(FromHost::Loaded)
            .map_err(bad),
        Kind::Refused => field::decode(&frame.body)
            .map(FromHost::Refused)
            .map_err(bad),
        kind => Err(format!("a frame of kind `{kind:?}` to a load")),
    }
}

async fn send<T: Field>(writer: &mut FrameWriter, kind: Kind, message: &T) -> Result<(), String> {
    writer.push(Header::new(kind, 1), |body| message.put(body));
    writer.flush().await.map_err(|error| error.to_string())
}
