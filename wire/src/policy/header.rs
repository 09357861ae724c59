//! What stands before the body of a frame of this plane.

use ledger::fields::Reader;

use super::VERSION;
use crate::frame::{FrameError, HEADER_BYTES, Head};
use crate::limits::FRAME_BODY_MAX;

/// What a frame is. Numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Kind {
    /// Daemon to host: a [`Load`](super::Load).
    Load = 1,
    /// Daemon to host: a [`Chunk`](super::Chunk).
    Chunk = 2,
    /// Daemon to host: an [`Echo`](super::Echo), then what the policy is passed.
    Evaluate = 3,
    /// Daemon to host: is anybody there? No body.
    Ping = 4,
    /// Daemon to host: the digest of a policy that is no longer asked.
    Unload = 5,
    /// Host to daemon: a [`Want`](super::Want).
    Want = 17,
    /// Host to daemon: a [`Loaded`](super::Loaded).
    Loaded = 18,
    /// Host to daemon: a [`Refused`](super::Refused).
    Refused = 19,
    /// Host to daemon: the [`Echo`](super::Echo) of what was asked, then what the policy decided.
    Decided = 20,
    /// Host to daemon: somebody is. No body.
    Pong = 21,
    /// Host to daemon: a [`Turned`](super::Turned).
    Turned = 22,
}

impl Kind {
    /// Every kind, in order of number.
    pub const ALL: &'static [Self] = &[
        Self::Load,
        Self::Chunk,
        Self::Evaluate,
        Self::Ping,
        Self::Unload,
        Self::Want,
        Self::Loaded,
        Self::Refused,
        Self::Decided,
        Self::Pong,
        Self::Turned,
    ];

    /// The kind with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| *kind as u8 == number)
    }
}

/// The header of a frame of this plane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Bytes of the body, at most [`FRAME_BODY_MAX`].
    pub length: u32,
    /// What the frame is.
    pub kind: Kind,
    /// The daemon's number of what it asks; an answer repeats it.
    pub call: u64,
    /// Microseconds from arrival after which the daemon no longer waits. 0 in frames of the host.
    pub limit_micros: u32,
}

impl Header {
    /// The header of a frame; the length is set when the frame is encoded.
    pub fn new(kind: Kind, call: u64) -> Self {
        Self {
            length: 0,
            kind,
            call,
            limit_micros: 0,
        }
    }
}

impl Head for Header {
    fn read(bytes: &[u8; HEADER_BYTES]) -> Result<Self, FrameError> {
        let mut r = Reader::new(bytes);
        let mut read = || -> Result<_, ledger::fields::DecodeError> {
            let fixed = (r.u32()?, r.u8()?, r.u8()?, r.u16()?, r.u64()?, r.u32()?);
            Ok((fixed, r.array::<12>()?))
        };
        let Ok(((length, kind, reserved, version, call, limit_micros), rest)) = read() else {
            return Err(FrameError::Reserved);
        };
        if length as usize > FRAME_BODY_MAX {
            return Err(FrameError::TooLong(length));
        }
        if version != VERSION {
            return Err(FrameError::UnknownVersion(version));
        }
        if reserved != 0 || rest != [0; 12] {
            return Err(FrameError::Reserved);
        }
        Ok(Self {
            length,
            kind: Kind::from_number(kind).ok_or(FrameError::UnknownKind(kind))?,
            call,
            limit_micros,
        })
    }

    fn length(&self) -> usize {
        self.length as usize
    }

    fn before(&self, length: u32) -> [u8; HEADER_BYTES] {
        let mut b = [0; HEADER_BYTES];
        b[0..4].copy_from_slice(&length.to_le_bytes());
        b[4] = self.kind as u8;
        b[6..8].copy_from_slice(&VERSION.to_le_bytes());
        b[8..16].copy_from_slice(&self.call.to_le_bytes());
        b[16..20].copy_from_slice(&self.limit_micros.to_le_bytes());
        b
    }
}
