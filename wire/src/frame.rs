//! Frames: a header of 32 bytes and a body, one after the other on a QUIC stream.

mod decoder;
#[cfg(test)]
mod tests;

use ledger::fields::{DecodeError, Reader, Write};
use ledger::{BookId, Code, Operation};

use crate::limits::{FRAME_BODY_MAX, PROTOCOL_VERSION};

pub use decoder::{Frame, FrameDecoder};

/// Bytes of the header of a frame, on every plane.
pub const HEADER_BYTES: usize = 32;

/// What stands before the body of a frame: each plane has a header of its own.
pub trait Head: Copy {
    /// Reads a header.
    ///
    /// # Errors
    /// Why the stream cannot be read on.
    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, FrameError>;

    /// Bytes of the body, at most [`FRAME_BODY_MAX`].
    fn length(&self) -> usize;

    /// The bytes of the header, before a body of `length` bytes.
    fn before(&self, length: u32) -> [u8; HEADER_BYTES];
}

/// What a frame is. Numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Kind {
    /// Client to server: the body is the operation's request.
    Request = 1,
    /// Server to client: the body is the operation's answer.
    Answer = 2,
    /// Server to client: the request as a whole was refused; the body is a failure.
    Failure = 3,
    /// Server to client: events of a subscription.
    Events = 4,
    /// Server to client: a subscription has ended, cancelled or because the server stops; no body.
    End = 5,
    /// Client to server: ends the subscription with this request id; no body.
    Cancel = 6,
    /// Client to server: a request whose answer is to wait until a published seal covers what it
    /// says.
    RequestSealed = 7,
}

/// The header of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Bytes of the body, at most [`FRAME_BODY_MAX`].
    pub length: u32,
    /// What is asked for; an answer repeats it.
    pub operation: Operation,
    /// What the frame is.
    pub kind: Kind,
    /// The client's id of the request, not 0; an answer repeats it. A failure with 0 is about the
    /// stream itself, which ends with it.
    pub request_id: u128,
    /// The book it is about; 0 where the operation is about none.
    pub book: BookId,
    /// Milliseconds from arrival after which the client no longer waits; 0 leaves it to the
    /// server. 0 in frames of the server.
    pub deadline_ms: u32,
}

/// Why a header is refused. The stream cannot be read on after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameError {
    /// The body would be longer than [`FRAME_BODY_MAX`].
    TooLong(u32),
    /// No operation has this number.
    UnknownOperation(u8),
    /// No kind has this number.
    UnknownKind(u8),
    /// This version of the protocol is not spoken here.
    UnknownVersion(u16),
    /// The request id is 0.
    RequestIdZero,
    /// Bytes of the header that mean nothing are not 0.
    Reserved,
    /// A frame of this kind does not go in this direction.
    Misdirected(Kind),
}

impl Kind {
    /// The kind with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Request,
            2 => Self::Answer,
            3 => Self::Failure,
            4 => Self::Events,
            5 => Self::End,
            6 => Self::Cancel,
            7 => Self::RequestSealed,
            _ => return None,
        })
    }

    /// Whether the client sends frames of this kind.
    pub fn is_from_client(self) -> bool {
        matches!(self, Self::Request | Self::Cancel | Self::RequestSealed)
    }
}

impl Header {
    /// Bytes of an encoded header.
    pub const BYTES: usize = HEADER_BYTES;

    /// The header of a request; the length is set when the frame is encoded.
    pub fn request(operation: Operation, request_id: u128, book: BookId) -> Self {
        Self {
            length: 0,
            operation,
            kind: Kind::Request,
            request_id,
            book,
            deadline_ms: 0,
        }
    }

    /// Whether the answer is to wait until a published seal covers what it says.
    pub fn wants_sealed(&self) -> bool {
        self.kind == Kind::RequestSealed
    }

    /// The header of what the server sends about this request.
    #[must_use]
    pub fn reply(&self, kind: Kind) -> Self {
        Self {
            length: 0,
            kind,
            deadline_ms: 0,
            ..*self
        }
    }

    /// The 32 bytes of the header.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut b = [0; Self::BYTES];
        b[0..4].copy_from_slice(&self.length.to_le_bytes());
        b[4] = self.operation as u8;
        b[5] = self.kind as u8;
        b[6..8].copy_from_slice(&PROTOCOL_VERSION.to_le_bytes());
        b[8..24].copy_from_slice(&self.request_id.to_le_bytes());
        b[24..28].copy_from_slice(&self.book.0.to_le_bytes());
        b[28..32].copy_from_slice(&self.deadline_ms.to_le_bytes());
        b
    }

    /// Reads a header.
    ///
    /// # Errors
    /// Why it is refused. The length is checked first, so that nobody waits for a body that will
    /// not be read.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, FrameError> {
        let mut r = Reader::new(bytes);
        let mut read = || -> Result<_, DecodeError> {
            Ok((
                r.u32()?,
                r.u8()?,
                r.u8()?,
                r.u16()?,
                r.u128()?,
                r.u32()?,
                r.u32()?,
            ))
        };
        let Ok((length, operation, kind, version, request_id, book, deadline_ms)) = read() else {
            return Err(FrameError::UnknownVersion(0));
        };
        if length as usize > FRAME_BODY_MAX {
            return Err(FrameError::TooLong(length));
        }
        if version != PROTOCOL_VERSION {
            return Err(FrameError::UnknownVersion(version));
        }
        let operation =
            Operation::from_number(operation).ok_or(FrameError::UnknownOperation(operation))?;
        let kind = Kind::from_number(kind).ok_or(FrameError::UnknownKind(kind))?;
        if request_id == 0 && kind.is_from_client() {
            return Err(FrameError::RequestIdZero);
        }
        Ok(Self {
            length,
            operation,
            kind,
            request_id,
            book: BookId(book),
            deadline_ms,
        })
    }
}

impl Head for Header {
    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, FrameError> {
        Self::from_bytes(bytes)
    }

    fn length(&self) -> usize {
        self.length as usize
    }

    fn before(&self, length: u32) -> [u8; HEADER_BYTES] {
        Self { length, ..*self }.to_bytes()
    }
}

/// Appends a frame whose body `write` appends. The length is put in afterwards.
pub fn encode_frame(header: impl Head, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.put(&[0; HEADER_BYTES]);
    write(out);
    let length = u32::try_from(out.len() - start - HEADER_BYTES).unwrap_or(u32::MAX);
    out[start..start + HEADER_BYTES].copy_from_slice(&header.before(length));
}

impl FrameError {
    /// The code of the failure that the server sends before it ends the stream.
    pub fn code(&self) -> Code {
        match self {
            Self::TooLong(_) => Code::TooLarge,
            Self::UnknownOperation(_) | Self::UnknownVersion(_) => Code::Unsupported,
            Self::UnknownKind(_) | Self::RequestIdZero | Self::Reserved | Self::Misdirected(_) => {
                Code::Malformed
            }
        }
    }
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong(length) => {
                write!(
                    f,
                    "body of `{length}` bytes is above the limit of `{FRAME_BODY_MAX}`"
                )
            }
            Self::UnknownOperation(number) => write!(f, "unknown operation `{number}`"),
            Self::UnknownKind(number) => write!(f, "unknown kind of frame `{number}`"),
            Self::UnknownVersion(version) => {
                write!(
                    f,
                    "protocol version `{version}`, spoken here is `{PROTOCOL_VERSION}`"
                )
            }
            Self::RequestIdZero => f.write_str("request id is 0"),
            Self::Reserved => f.write_str("reserved bytes of the header are not 0"),
            Self::Misdirected(kind) => write!(f, "a frame of kind `{kind:?}` from this side"),
        }
    }
}

impl std::error::Error for FrameError {}
