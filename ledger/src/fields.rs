//! Little-endian fixed-width fields: how every record of ours is written and read.

/// Why bytes are not the record they claim to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// Fewer bytes than the record needs.
    Truncated {
        /// Bytes the field needed.
        need: usize,
        /// Bytes that were left.
        have: usize,
    },
    /// More bytes than the record has.
    TrailingBytes(usize),
    /// A kind byte that names no record.
    UnknownKind(u8),
    /// A version of the record that this build does not know.
    UnknownVersion(u16),
    /// A field that holds a value which is not allowed there.
    BadField(&'static str),
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated { need, have } => {
                write!(f, "truncated: need {need} bytes, have {have}")
            }
            Self::TrailingBytes(n) => write!(f, "{n} bytes after the end of the record"),
            Self::UnknownKind(kind) => write!(f, "unknown kind `{kind}`"),
            Self::UnknownVersion(version) => write!(f, "unknown version `{version}`"),
            Self::BadField(field) => write!(f, "value not allowed in field `{field}`"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Reads fields from the front of a byte slice.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Bytes not yet read.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next `N` bytes.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.bytes.split_first_chunk::<N>() {
            Some((head, rest)) => {
                self.bytes = rest;
                Ok(*head)
            }
            None => Err(DecodeError::Truncated {
                need: N,
                have: self.bytes.len(),
            }),
        }
    }

    /// The next `n` bytes, without copying them.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        match self.bytes.split_at_checked(n) {
            Some((head, rest)) => {
                self.bytes = rest;
                Ok(head)
            }
            None => Err(DecodeError::Truncated {
                need: n,
                have: self.bytes.len(),
            }),
        }
    }

    /// The next byte.
    #[inline]
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        Ok(self.array::<1>()?[0])
    }

    /// The next two bytes as a number.
    #[inline]
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// The next four bytes as a number.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, DecodeError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// The next eight bytes as a number.
    #[inline]
    pub fn u64(&mut self) -> Result<u64, DecodeError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// The next sixteen bytes as a number.
    #[inline]
    pub fn u128(&mut self) -> Result<u128, DecodeError> {
        Ok(u128::from_le_bytes(self.array()?))
    }

    /// The next sixteen bytes as a signed number.
    #[inline]
    pub fn i128(&mut self) -> Result<i128, DecodeError> {
        Ok(i128::from_le_bytes(self.array()?))
    }

    /// Ends the record.
    ///
    /// # Errors
    /// Bytes are left.
    pub fn end(self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::TrailingBytes(self.bytes.len()))
        }
    }
}

/// Appends fields to a byte buffer.
pub trait Write {
    /// Appends `bytes` as they are.
    fn put(&mut self, bytes: &[u8]);

    /// Appends one byte.
    #[inline]
    fn put_u8(&mut self, v: u8) {
        self.put(&[v]);
    }

    /// Appends two bytes.
    #[inline]
    fn put_u16(&mut self, v: u16) {
        self.put(&v.to_le_bytes());
    }

    /// Appends four bytes.
    #[inline]
    fn put_u32(&mut self, v: u32) {
        self.put(&v.to_le_bytes());
    }

    /// Appends eight bytes.
    #[inline]
    fn put_u64(&mut self, v: u64) {
        self.put(&v.to_le_bytes());
    }

    /// Appends sixteen bytes.
    #[inline]
    fn put_u128(&mut self, v: u128) {
        self.put(&v.to_le_bytes());
    }

    /// Appends sixteen bytes of a signed number.
    #[inline]
    fn put_i128(&mut self, v: i128) {
        self.put(&v.to_le_bytes());
    }
}

impl Write for Vec<u8> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}
