//! One stream of a connection: frames in, answers out.

use std::sync::Arc;

use ledger::Digest;
use plugins_host::Policy;
use tokio::sync::mpsc;
use wire::Text;
use wire::endpoint::{FrameReader, FrameWriter, OutgoingFrame, ReadError};
use wire::field::{self, Field};
use wire::frame::Frame;
use wire::policy::{COMPONENT_BYTES_MAX, Chunk, Header, Kind, Load, Loaded, Refused, Want};

use super::session::Session;
use super::workers::Job;
use crate::policy_host::Described;

/// Answers of a stream that wait to be written: more than calls that a daemon has in flight.
const ANSWERS_MAX: usize = 8_192;

/// Why a stream is not read on.
enum End {
    /// The daemon ended it, or it is gone.
    Gone,
    /// The daemon broke the protocol.
    Protocol(String),
}

impl From<ReadError> for End {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Lost(_) | ReadError::Reset(_) => Self::Gone,
            error => Self::Protocol(error.to_string()),
        }
    }
}

/// Serves a stream until it ends.
pub(super) async fn run(
    mut reader: FrameReader<Header>,
    mut writer: FrameWriter,
    session: Arc<Session>,
) {
    let (answers, mut waiting) = mpsc::channel::<OutgoingFrame>(ANSWERS_MAX);
    tokio::spawn(async move {
        // A daemon that reads no more has gone.
        let _ = writer.drain(&mut waiting).await;
    });
    let mut stream = Stream { session, answers };
    loop {
        let step = match reader.next().await {
            Ok(Some(frame)) => stream.take(frame, &mut reader).await,
            Ok(None) => Err(End::Gone),
            Err(error) => Err(error.into()),
        };
        match step {
            Ok(()) => {}
            Err(End::Gone) => return,
            Err(End::Protocol(what)) => return stream.session.protocol(&what),
        }
    }
}

struct Stream {
    session: Arc<Session>,
    answers: mpsc::Sender<OutgoingFrame>,
}

impl Stream {
    async fn take(
        &mut self,
        frame: Frame<Header>,
        reader: &mut FrameReader<Header>,
    ) -> Result<(), End> {
        let header = frame.header;
        match header.kind {
            Kind::Ping => self.answer::<Vec<u8>>(Kind::Pong, header.call, None).await,
            Kind::Evaluate => {
                let job = Job::new(header, frame.body, &self.answers);
                let job = job.ok_or_else(|| End::Protocol("a call without digests".into()))?;
                self.session.shared.workers.submit(job);
                Ok(())
            }
            Kind::Load => {
                let load = decode::<Load>(&frame.body)?;
                self.load(header.call, load, reader).await
            }
            Kind::Unload => {
                let policy = decode::<Digest>(&frame.body)?;
                self.session.leave(&policy);
                Ok(())
            }
            kind => Err(End::Protocol(format!(
                "a frame of kind `{kind:?}` to a host"
            ))),
        }
    }

    /// Holds a policy ready and says what it is, or why not.
    async fn load(
        &mut self,
        call: u64,
        load: Load,
        reader: &mut FrameReader<Header>,
    ) -> Result<(), End> {
        let digest = load.policy();
        let shared = Arc::clone(&self.session.shared);
        let loaded = match shared.table.claim(&digest) {
            Some(policy) => Ok(policy),
            None => {
                let component = match shared.loader.component(&load.component) {
                    Some(component) => component,
                    None => self.receive(call, &load, reader).await?,
                };
                shared.loader.load(load, component).await
            }
        };
        let described = loaded.map(|policy| {
            self.session.claimed(digest);
            describe(&policy)
        });
        match described {
            Ok(Some((needs, rules))) => {
                let policy = digest;
                let loaded = Loaded {
                    policy,
                    needs,
                    rules,
                };
                self.answer(Kind::Loaded, call, Some(&loaded)).await
            }
            Ok(None) => {
                self.session.leave(&digest);
                self.refuse(call, digest, false, "it describes itself too long")
                    .await
            }
            Err(error) => {
                tracing::warn!(policy = %digest, %error, "not loaded");
                let is_retryable = error.is_retryable();
                self.refuse(call, digest, is_retryable, &error.to_string())
                    .await
            }
        }
    }

    /// Has a component sent. Memory grows with what arrives, never with what is claimed.
    async fn receive(
        &mut self,
        call: u64,
        load: &Load,
        reader: &mut FrameReader<Header>,
    ) -> Result<Arc<[u8]>, End> {
        let bytes = load.component_bytes as usize;
        if bytes > COMPONENT_BYTES_MAX {
            return Err(End::Protocol(format!("a component of `{bytes}` bytes")));
        }
        let want = Want {
            component: load.component,
            at: 0,
        };
        self.answer(Kind::Want, call, Some(&want)).await?;
        let mut component = Vec::new();
        while component.len() < bytes {
            let frame = reader.next().await?.ok_or(End::Gone)?;
            if frame.header.kind != Kind::Chunk {
                return Err(End::Protocol("a component was broken off".into()));
            }
            let chunk = decode::<Chunk>(&frame.body)?;
            let is_next = chunk.component == load.component
                && chunk.at as usize == component.len()
                && !chunk.bytes.is_empty()
                && chunk.bytes.len() <= bytes - component.len();
            if !is_next {
                return Err(End::Protocol(
                    "a part of a component that was not wanted".into(),
                ));
            }
            component.extend_from_slice(&chunk.bytes);
        }
        Ok(component.into())
    }

    async fn refuse(
        &self,
        call: u64,
        policy: Digest,
        is_retryable: bool,
        reason: &str,
    ) -> Result<(), End> {
        let refused = Refused {
            policy,
            is_retryable,
            reason: Text::cut(reason),
        };
        self.answer(Kind::Refused, call, Some(&refused)).await
    }

    async fn answer<T: Field>(&self, kind: Kind, call: u64, body: Option<&T>) -> Result<(), End> {
        let mut bytes = Vec::new();
        if let Some(body) = body {
            body.put(&mut bytes);
        }
        let frame = OutgoingFrame::new(Header::new(kind, call), bytes.into());
        self.answers.send(frame).await.map_err(|_| End::Gone)
    }
}

fn decode<T: Field>(body: &[u8]) -> Result<T, End> {
    field::decode(body).map_err(|error| End::Protocol(error.to_string()))
}

fn describe(policy: &Policy) -> Option<(u8, Vec<wire::policy::Rule>)> {
    let described = Described {
        needs: policy.needs(),
        rules: policy.rules().to_vec(),
    };
    described.to_wire()
}
