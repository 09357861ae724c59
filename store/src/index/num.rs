//! Numbers in as few whole bytes as they need, their lengths kept beside them.

/// Signed numbers near zero as unsigned numbers near zero.
#[inline]
pub(super) const fn zigzag(v: i64) -> u64 {
    ((v << 1) ^ (v >> 63)) as u64
}

/// What [`zigzag`] was given.
#[inline]
pub(super) const fn unzigzag(v: u64) -> i64 {
    (v >> 1) as i64 ^ -((v & 1) as i64)
}

/// Bytes that hold `v`: 0 for zero, at most 8.
#[inline]
pub(super) const fn len64(v: u64) -> usize {
    (71 - v.leading_zeros() as usize) / 8
}

/// Bytes that hold `v`: 0 for zero, at most 16.
#[inline]
pub(super) const fn len128(v: u128) -> usize {
    (135 - v.leading_zeros() as usize) / 8
}

/// Three bits for a length of 0 to 8 bytes, 7 bytes being written as 8.
#[inline]
pub(super) const fn short_len(v: u64) -> (u8, usize) {
    match len64(v) {
        7 | 8 => (7, 8),
        n => (n as u8, n),
    }
}

/// The length that three bits of [`short_len`] stand for.
#[inline]
pub(super) const fn long_len(bits: u8) -> usize {
    if bits & 7 == 7 {
        8
    } else {
        (bits & 7) as usize
    }
}

/// The low bytes of a word, by how many.
const LOW: [u64; 9] = [
    0,
    0xff,
    0xffff,
    0xff_ffff,
    u32::MAX as u64,
    u64::MAX >> 24,
    u64::MAX >> 16,
    u64::MAX >> 8,
    u64::MAX,
];

/// The low `len` bytes of a word, at most 8, as a mask.
#[inline]
pub(super) const fn low(len: usize) -> u64 {
    LOW[if len < 8 { len } else { 8 }]
}

/// The `len` bytes at `at`, at most 8, as a number; `None` past the end.
#[inline]
pub(super) fn load64(bytes: &[u8], at: usize, len: usize) -> Option<u64> {
    if let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        return Some(u64::from_le_bytes(*word) & LOW.get(len)?);
    }
    let mut word = [0; 8];
    word.get_mut(..len)?
        .copy_from_slice(bytes.get(at..at + len)?);
    Some(u64::from_le_bytes(word))
}

/// The `len` bytes at `at`, at most 16, as a number; `None` past the end.
#[inline]
pub(super) fn load128(bytes: &[u8], at: usize, len: usize) -> Option<u128> {
    let Some(high) = len.checked_sub(8) else {
        return load64(bytes, at, len).map(u128::from);
    };
    let low = load64(bytes, at, 8)?;
    Some(u128::from(low) | u128::from(load64(bytes, at + 8, high)?) << 64)
}

/// A few numbers on their way into a page, a list or a record.
#[derive(Clone, Copy)]
pub(super) struct Packed {
    bytes: [u8; Self::ROOM + 16],
    len: usize,
}

impl Packed {
    /// The most bytes that are ever packed at once.
    const ROOM: usize = 96;

    /// Nothing yet.
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            bytes: [0; Self::ROOM + 16],
            len: 0,
        }
    }

    /// Appends the low `len` bytes of `v`.
    #[inline]
    pub(super) fn put(&mut self, v: u128, len: usize) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + 16) {
            room.copy_from_slice(&v.to_le_bytes());
            self.len += len;
        }
    }

    /// Appends `v`, seven bits a byte, the low ones first, the high bit telling that more follow.
    #[inline]
    pub(super) fn put_leb(&mut self, mut v: u64) {
        while v >= 0x80 {
            self.put(u128::from(v as u8 | 0x80), 1);
            v >>= 7;
        }
        self.put(u128::from(v), 1);
    }

    /// What was packed and some bytes more, if that is not more than 16 bytes.
    #[inline]
    pub(super) fn short(&self) -> Option<&[u8; 16]> {
        if self.len <= 16 {
            self.bytes.first_chunk()
        } else {
            None
        }
    }

    /// What was packed.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len.min(Self::ROOM)]
    }
}

/// Reads what [`Packed::put_leb`] wrote and moves `at` past it.
#[inline]
pub(super) fn load_leb(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut v = 0;
    let mut shift = 0;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if shift > 63 {
            return None;
        }
        v |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(v);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_read_back() {
        for bits in 0..=64 {
            let v = if bits == 0 {
                0
            } else {
                u64::MAX >> (64 - bits)
            };
            assert_eq!(unzigzag(zigzag(v as i64)), v as i64);
            let (code, len) = short_len(v);
            assert_eq!(long_len(code), len);
            assert_eq!(load64(&v.to_le_bytes()[..len], 0, len), Some(v));
            let mut packed = Packed::new();
            packed.put_leb(v);
            assert_eq!(load_leb(packed.bytes(), &mut 0), Some(v));
        }
        for bits in 0..=128 {
            let v = if bits == 0 {
                0
            } else {
                u128::MAX >> (128 - bits)
            };
            let mut packed = Packed::new();
            packed.put(v, len128(v));
            packed.put(7, 1);
            assert_eq!(load128(packed.bytes(), 0, len128(v)), Some(v));
            assert_eq!(load64(packed.bytes(), len128(v), 1), Some(7));
        }
    }

    #[test]
    fn cut_numbers_are_refused() {
        assert_eq!(load64(&[1, 2], 1, 2), None);
        assert_eq!(load64(&[1, 2], 9, 0), None);
        assert_eq!(load128(&[1; 15], 0, 16), None);
        assert_eq!(load_leb(&[0x80; 20], &mut 0), None);
        assert_eq!(load_leb(&[0x80], &mut 0), None);
    }
}
