//! Pages of ids: 4 KiB of sorted entries, each told as its difference from the one before.
//!
//! A page is a CRC-32 of what follows it, a count (u16) and entries. An entry is a control byte
//! (bits 0–4: bytes of the id's difference; bits 5–7: bytes of the sequence's, 7 meaning 8), the
//! book less the least book of the run in as many bytes as the run says, the difference of the id
//! and the zigzag difference of the sequence. Both start from 0 in each page.

use super::error::Damage;
use super::num::{Packed, len128, load64, load128, long_len, short_len, unzigzag, zigzag};

/// Bytes of a page.
pub(super) const PAGE: usize = 4096;
const HEAD: usize = 6;

/// What an id of one kind points to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct IdEntry {
    /// The id.
    pub(super) id: u128,
    /// Sequence of the event in its book.
    pub(super) seq: u64,
    /// The book.
    pub(super) book: u32,
}

impl IdEntry {
    /// What entries of one kind are sorted by. Ids come first, so that ids that grow with time keep
    /// runs apart whatever the number of books.
    #[inline]
    pub(super) fn key(&self) -> (u128, u32) {
        (self.id, self.book)
    }
}

/// The books of a run, and so the bytes that an entry needs to tell its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Books {
    /// The least book.
    pub(super) min: u32,
    /// The greatest book.
    pub(super) max: u32,
}

impl Books {
    /// No book yet.
    pub(super) const NONE: Self = Self {
        min: u32::MAX,
        max: 0,
    };

    /// The books of both.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// Bytes of a book in an entry.
    #[inline]
    pub(super) fn width(self) -> usize {
        len128(u128::from(self.max.saturating_sub(self.min)))
    }

    /// How many books there can be.
    pub(super) fn span(self) -> u64 {
        u64::from(self.max.saturating_sub(self.min)) + 1
    }
}

/// A page being filled.
pub(super) struct PageWriter {
    bytes: Vec<u8>,
    books: Books,
    count: u16,
    id: u128,
    seq: u64,
}

impl PageWriter {
    /// An empty page of a run with these books.
    pub(super) fn new(books: Books) -> Self {
        let mut bytes = Vec::with_capacity(PAGE);
        bytes.resize(HEAD, 0);
        Self {
            bytes,
            books,
            count: 0,
            id: 0,
            seq: 0,
        }
    }

    /// Whether nothing was pushed yet.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Appends an entry, the next in order, if it fits.
    #[inline]
    pub(super) fn push(&mut self, entry: &IdEntry) -> bool {
        let id = entry.id.wrapping_sub(self.id);
        let seq = zigzag(entry.seq.wrapping_sub(self.seq) as i64);
        let id_len = len128(id);
        let (code, seq_len) = short_len(seq);
        let mut packed = Packed::new();
        packed.put(u128::from(id_len as u8 | code << 5), 1);
        packed.put(
            u128::from(entry.book.wrapping_sub(self.books.min)),
            self.books.width(),
        );
        packed.put(id, id_len);
        packed.put(u128::from(seq), seq_len);
        if self.bytes.len() + packed.bytes().len() > PAGE {
            return false;
        }
        self.bytes.extend_from_slice(packed.bytes());
        self.count += 1;
        self.id = entry.id;
        self.seq = entry.seq;
        true
    }

    /// Hands the finished page to `take` and begins the next.
    pub(super) fn finish<T>(&mut self, take: impl FnOnce(&[u8]) -> T) -> T {
        self.bytes.resize(PAGE, 0);
        self.bytes[4..HEAD].copy_from_slice(&self.count.to_le_bytes());
        let crc = crc32fast::hash(&self.bytes[4..]);
        self.bytes[..4].copy_from_slice(&crc.to_le_bytes());
        let taken = take(&self.bytes);
        self.bytes.clear();
        self.bytes.resize(HEAD, 0);
        self.count = 0;
        self.id = 0;
        self.seq = 0;
        taken
    }
}

/// Entries of a page, in order.
#[derive(Clone, Copy)]
pub(super) struct PageReader {
    at: usize,
    left: u16,
    id: u128,
    seq: u64,
}

impl PageReader {
    /// A reader at the start of `page`, whose checksum it checks.
    pub(super) fn new(page: &[u8]) -> Result<Self, Damage> {
        let (Some(crc), Some(rest)) = (page.first_chunk::<4>(), page.get(4..)) else {
            return Err(Damage::Length);
        };
        if crc32fast::hash(rest) != u32::from_le_bytes(*crc) {
            return Err(Damage::Checksum);
        }
        let count = rest.first_chunk::<2>().ok_or(Damage::Length)?;
        Ok(Self {
            at: HEAD,
            left: u16::from_le_bytes(*count),
            id: 0,
            seq: 0,
        })
    }

    /// The next entry of `page`, the page this reader was made for.
    #[inline]
    pub(super) fn next(&mut self, page: &[u8], books: Books) -> Result<Option<IdEntry>, Damage> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.step(page, books).map(Some).ok_or(Damage::Malformed)
    }

    #[inline]
    fn step(&mut self, page: &[u8], books: Books) -> Option<IdEntry> {
        let control = *page.get(self.at)?;
        let id_len = usize::from(control & 31);
        let seq_len = long_len(control >> 5);
        let width = books.width();
        let mut at = self.at + 1;
        let book = load64(page, at, width)? as u32;
        at += width;
        self.id = self.id.wrapping_add(load128(page, at, id_len)?);
        at += id_len;
        self.seq = self
            .seq
            .wrapping_add(unzigzag(load64(page, at, seq_len)?) as u64);
        self.at = at + seq_len;
        Some(IdEntry {
            id: self.id,
            seq: self.seq,
            book: books.min.wrapping_add(book),
        })
    }
}

/// What the id points to, if `page` has it.
pub(super) fn search(page: &[u8], books: Books, key: (u128, u32)) -> Result<Option<u64>, Damage> {
    let mut reader = PageReader::new(page)?;
    while let Some(entry) = reader.next(page, books)? {
        if entry.key() >= key {
            return Ok((entry.key() == key).then_some(entry.seq));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gives_back_what_it_took() {
        let books = Books {
            min: 3,
            max: 70_000,
        };
        let mut writer = PageWriter::new(books);
        let mut entries = Vec::new();
        for n in 0_u128.. {
            let entry = IdEntry {
                id: (n * n) << 60,
                seq: 900 - (n as u64 % 7) * 100,
                book: 3,
            };
            let other = IdEntry {
                seq: u64::MAX,
                book: 70_000,
                ..entry
            };
            if !writer.push(&entry) || !writer.push(&other) {
                break;
            }
            entries.extend([entry, other]);
        }
        let page = writer.finish(<[u8]>::to_vec);
        assert_eq!(page.len(), PAGE);
        for entry in &entries {
            assert_eq!(search(&page, books, entry.key()), Ok(Some(entry.seq)));
            assert_eq!(search(&page, books, (entry.id, 4)), Ok(None));
        }
        let mut torn = page;
        torn[PAGE - 1] ^= 1;
        assert_eq!(search(&torn, books, (0, 3)), Err(Damage::Checksum));
    }
}
