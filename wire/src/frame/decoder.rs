//! Cuts a stream of bytes into frames. Memory grows with what has arrived, never with what a header
//! claims.

use bytes::{Buf, Bytes, BytesMut};

use super::{FrameError, HEADER_BYTES, Head, Header};

/// Least room that is reserved for a body which spans chunks, in bytes.
const RESERVE_MIN: usize = 16 * 1024;

/// A frame as it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame<H = Header> {
    /// The header.
    pub header: H,
    /// The body, of as many bytes as the header says.
    pub body: Bytes,
}

/// Cuts chunks of a stream into frames. A frame inside one chunk is not copied.
#[derive(Debug)]
pub struct FrameDecoder<H = Header> {
    /// The chunk that is being cut.
    chunk: Bytes,
    /// A header that spans chunks, as far as it has arrived.
    partial: Vec<u8>,
    /// The frame whose body spans chunks, as far as it has arrived.
    open: Option<(H, BytesMut)>,
}

impl<H: Head> Default for FrameDecoder<H> {
    fn default() -> Self {
        Self {
            chunk: Bytes::new(),
            partial: Vec::new(),
            open: None,
        }
    }
}

impl<H: Head> FrameDecoder<H> {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next chunk of the stream. Every frame of the chunk before must have been taken by
    /// [`FrameDecoder::next_frame`], else what is left of it is copied.
    pub fn push(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            let mut joined = BytesMut::with_capacity(self.chunk.len() + chunk.len());
            joined.extend_from_slice(&self.chunk);
            joined.extend_from_slice(&chunk);
            self.chunk = joined.freeze();
        }
    }

    /// The next whole frame; `None` until more bytes are pushed.
    ///
    /// # Errors
    /// The next header is refused. The stream cannot be read on.
    pub fn next_frame(&mut self) -> Result<Option<Frame<H>>, FrameError> {
        if self.open.is_none() {
            let Some(header) = self.next_header()? else {
                return Ok(None);
            };
            let length = header.length();
            if self.chunk.len() >= length {
                return Ok(Some(Frame {
                    header,
                    body: self.chunk.split_to(length),
                }));
            }
            self.open = Some((header, BytesMut::new()));
        }
        Ok(self.fill_body())
    }

    /// Whether a frame has begun and not ended: the peer owes the rest of it.
    pub fn is_mid_frame(&self) -> bool {
        !self.chunk.is_empty() || !self.partial.is_empty() || self.open.is_some()
    }

    /// Bytes of memory held for what has not ended yet.
    pub fn reserved(&self) -> usize {
        self.partial.capacity() + self.open.as_ref().map_or(0, |(_, body)| body.capacity())
    }

    fn next_header(&mut self) -> Result<Option<H>, FrameError> {
        if self.partial.is_empty()
            && let Some(bytes) = self.chunk.first_chunk::<HEADER_BYTES>()
        {
            let header = H::read(bytes)?;
            self.chunk.advance(HEADER_BYTES);
            return Ok(Some(header));
        }
        let take = self.chunk.len().min(HEADER_BYTES - self.partial.len());
        self.partial.extend_from_slice(&self.chunk.split_to(take));
        let Some(bytes) = self.partial.first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let header = H::read(bytes)?;
        self.partial.clear();
        Ok(Some(header))
    }

    fn fill_body(&mut self) -> Option<Frame<H>> {
        let (header, body) = self.open.as_mut()?;
        let missing = header.length() - body.len();
        let take = missing.min(self.chunk.len());
        if body.capacity() - body.len() < take {
            body.reserve(missing.min(take.max(body.len()).max(RESERVE_MIN)));
        }
        body.extend_from_slice(&self.chunk.split_to(take));
        if take < missing {
            return None;
        }
        let (header, body) = self.open.take()?;
        Some(Frame {
            header,
            body: body.freeze(),
        })
    }
}
