//! Frames on a QUIC stream.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Sleep;

use super::{CloseCode, ReadError, WriteError};
use crate::frame::{Frame, FrameDecoder, HEADER_BYTES, Head, Header, encode_frame};

/// Chunks taken from the connection at once: each costs its lock.
const CHUNKS_MAX: usize = 64;
/// Frames taken from a queue at once.
const QUEUED_MAX: usize = 256;
/// Bodies up to this many bytes are copied together, longer ones are handed over as they are.
const COPY_BYTES_MAX: usize = 4 * 1024;

/// Reads frames from a stream.
#[derive(Debug)]
pub struct FrameReader<H = Header> {
    stream: quinn::RecvStream,
    decoder: FrameDecoder<H>,
    chunks: Vec<Bytes>,
    /// Index of the next chunk to cut.
    next: usize,
    /// How many chunks there are.
    filled: usize,
    /// How long a frame may take.
    frame: Duration,
    /// Runs while a frame has begun and not ended.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<H: Head> FrameReader<H> {
    pub(super) fn new(stream: quinn::RecvStream, frame: Duration) -> Self {
        Self {
            stream,
            decoder: FrameDecoder::new(),
            chunks: vec![Bytes::new(); CHUNKS_MAX],
            next: 0,
            filled: 0,
            frame,
            alarm: None,
        }
    }

    /// The next frame; `None` after the stream has ended between frames. May be dropped and called
    /// again without losing anything.
    ///
    /// # Errors
    /// Why no more can be read.
    pub async fn next(&mut self) -> Result<Option<Frame<H>>, ReadError> {
        loop {
            if let Some(frame) = self.decoder.next_frame().map_err(ReadError::Frame)? {
                self.alarm = None;
                return Ok(Some(frame));
            }
            if self.next < self.filled {
                self.decoder
                    .push(std::mem::take(&mut self.chunks[self.next]));
                self.next += 1;
            } else if !self.fill().await? {
                let whole = !self.decoder.is_mid_frame();
                return if whole {
                    Ok(None)
                } else {
                    Err(ReadError::Truncated)
                };
            }
        }
    }

    /// The next frame if it is here already.
    ///
    /// # Errors
    /// Why no more can be read.
    pub fn try_next(&mut self) -> Result<Option<Frame<H>>, ReadError> {
        loop {
            if let Some(frame) = self.decoder.next_frame().map_err(ReadError::Frame)? {
                self.alarm = None;
                return Ok(Some(frame));
            }
            if self.next >= self.filled {
                return Ok(None);
            }
            self.decoder
                .push(std::mem::take(&mut self.chunks[self.next]));
            self.next += 1;
        }
    }

    /// Reads no more and tells the peer so.
    pub fn stop(&mut self, code: CloseCode) {
        // It fails only if the stream is over already.
        let _ = self.stream.stop(code.number());
    }

    async fn fill(&mut self) -> Result<bool, ReadError> {
        let Self {
            stream,
            decoder,
            chunks,
            alarm,
            frame,
            ..
        } = self;
        let read = stream.read_chunks(chunks);
        let filled = if decoder.is_mid_frame() {
            let alarm = alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep(*frame)));
            tokio::select! {
                biased;
                filled = read => filled?,
                () = alarm.as_mut() => return Err(ReadError::TooSlow),
            }
        } else {
            read.await?
        };
        self.next = 0;
        self.filled = filled.unwrap_or(0);
        Ok(filled.is_some())
    }
}

/// Writes frames to a stream, small ones together.
#[derive(Debug)]
pub struct FrameWriter {
    stream: quinn::SendStream,
    buffer: Vec<u8>,
}

impl FrameWriter {
    pub(super) fn new(stream: quinn::SendStream) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Puts a frame, whose body `body` appends, behind those that wait to be flushed.
    pub fn push(&mut self, header: impl Head, body: impl FnOnce(&mut Vec<u8>)) {
        encode_frame(header, &mut self.buffer, body);
    }

    /// Puts bytes that are whole frames already behind those that wait to be flushed.
    pub fn push_raw(&mut self, frames: &[u8]) {
        self.buffer.extend_from_slice(frames);
    }

    /// Bytes that wait to be flushed.
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Hands what waits to the connection; waits while the peer takes no more.
    ///
    /// # Errors
    /// Why no more can be written.
    pub async fn flush(&mut self) -> Result<(), WriteError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let bytes = Bytes::from(std::mem::take(&mut self.buffer));
        Ok(self.stream.write_chunk(bytes).await?)
    }

    /// Writes every frame of `frames` until the queue is closed and empty, then ends the stream.
    /// Frames that wait together are written together.
    ///
    /// # Errors
    /// Why no more can be written.
    pub async fn drain(
        &mut self,
        frames: &mut mpsc::Receiver<OutgoingFrame>,
    ) -> Result<(), WriteError> {
        let mut queued = Vec::with_capacity(QUEUED_MAX);
        let mut chunks = Vec::with_capacity(QUEUED_MAX);
        while frames.recv_many(&mut queued, QUEUED_MAX).await > 0 {
            gather(&mut queued, &mut self.buffer, &mut chunks);
            self.stream.write_all_chunks(&mut chunks).await?;
            chunks.clear();
        }
        self.finish();
        Ok(())
    }

    /// Ends the stream; what was written is still delivered.
    pub fn finish(&mut self) {
        // It fails only if the stream is over already.
        let _ = self.stream.finish();
    }

    /// Gives the stream up; what was written may be lost.
    pub fn reset(&mut self, code: CloseCode) {
        // It fails only if the stream is over already.
        let _ = self.stream.reset(code.number());
    }

    /// Waits until the peer has taken everything or reads no more; to be called after
    /// [`FrameWriter::finish`], or to learn that nobody reads.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + Sync + 'static {
        let stopped = self.stream.stopped();
        async move {
            let _ = stopped.await;
        }
    }
}

/// A frame on its way out: header and body apart, so that a long body is not copied.
#[derive(Clone, Debug)]
pub struct OutgoingFrame {
    header: [u8; HEADER_BYTES],
    body: Bytes,
}

impl OutgoingFrame {
    /// A frame with this body; the header's length is set to the body's. A body above
    /// [`crate::limits::FRAME_BODY_MAX`] is for the caller to avoid: the peer refuses it.
    pub fn new(header: impl Head, body: Bytes) -> Self {
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        Self {
            header: header.before(length),
            body,
        }
    }
}

/// Moves frames into chunks: headers and short bodies are copied together.
fn gather(queued: &mut Vec<OutgoingFrame>, buffer: &mut Vec<u8>, chunks: &mut Vec<Bytes>) {
    for frame in queued.drain(..) {
        buffer.extend_from_slice(&frame.header);
        if frame.body.len() <= COPY_BYTES_MAX {
            buffer.extend_from_slice(&frame.body);
        } else {
            chunks.push(Bytes::from(std::mem::take(buffer)));
            chunks.push(frame.body);
        }
    }
    if !buffer.is_empty() {
        chunks.push(Bytes::from(std::mem::take(buffer)));
    }
}
