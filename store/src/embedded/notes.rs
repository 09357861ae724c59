//! Notes as they stand beside the journal: entries that can be erased in place.

use std::fmt;

use ledger::fields::{DecodeError, Reader, Write};
use ledger::note::Note;
use ledger::{BookId, Seq};

use crate::journal::Cycle;

/// Bytes of an entry before its content.
pub const ENTRY_HEADER_BYTES: usize = 24;
/// Bytes of an entry's content before reference and metadata.
pub const CONTENT_FIXED_BYTES: usize = 4 + 16 + 2;

const PRESENT: u8 = b'N';
const ERASED: u8 = b'E';
/// Offset of the content's length, the first field that the header's CRC-32 covers.
const COVERED_FROM: usize = 4;
const COVERED_TO: usize = 20;

/// Bytes of the entry of `note`.
pub fn entry_bytes(note: &Note) -> u64 {
    (ENTRY_HEADER_BYTES + CONTENT_FIXED_BYTES + note.reference.len() + note.metadata.len()) as u64
}

/// Appends the entries of all notes of `cycle`, in order of its blocks.
pub(crate) fn encode(cycle: &Cycle, out: &mut Vec<u8>) {
    for block in &cycle.blocks {
        for (seq, note) in &block.notes {
            encode_entry(block.header.book, *seq, note, out);
        }
    }
}

fn encode_entry(book: BookId, seq: Seq, note: &Note, out: &mut Vec<u8>) {
    let content = CONTENT_FIXED_BYTES + note.reference.len() + note.metadata.len();
    let start = out.len();
    out.put(&[PRESENT, 0, 0, 0]);
    out.put_u32(content as u32);
    out.put_u32(book.0);
    out.put_u64(seq.0);
    let crc = crc32fast::hash(out.get(start + COVERED_FROM..).unwrap_or_default());
    out.put_u32(crc);
    let start = out.len();
    out.put_u32(0);
    out.put(&note.salt);
    out.put_u16(note.reference.len() as u16);
    out.put(&note.reference);
    out.put(&note.metadata);
    let crc = crc32fast::hash(out.get(start + 4..).unwrap_or_default());
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&crc.to_le_bytes());
    }
}

/// Whether reference and metadata of `note` have lengths that an entry can say.
pub(crate) fn is_storable(note: &Note) -> bool {
    u16::try_from(note.reference.len()).is_ok() && u32::try_from(entry_bytes(note)).is_ok()
}

/// One entry as it stands in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry<'a> {
    /// The event's book.
    pub book: BookId,
    /// The event.
    pub seq: Seq,
    /// Offset in the extent of the entry's first byte, which says whether it is erased.
    pub offset: usize,
    /// Its content; all zero once it is erased.
    pub content: &'a [u8],
    /// Whether it is marked as erased.
    pub is_erased: bool,
}

impl Entry<'_> {
    /// The byte that marks an entry as erased when it stands at [`Entry::offset`].
    pub(crate) const MARK: [u8; 1] = [ERASED];

    /// Offset in the extent of the content.
    pub fn content_offset(&self) -> usize {
        self.offset + ENTRY_HEADER_BYTES
    }

    /// The note, or `None` if it is erased.
    ///
    /// # Errors
    /// The content is damaged.
    pub fn note(&self) -> Result<Option<Note>, NotesFault> {
        if self.is_erased {
            return Ok(None);
        }
        let mut r = Reader::new(self.content);
        let crc = r.u32()?;
        if crc32fast::hash(r.rest()) != crc {
            return Err(NotesFault::ContentCrc {
                offset: self.offset as u64,
            });
        }
        let salt = r.array()?;
        let reference = r.u16()?;
        let reference = r.take(usize::from(reference))?.to_vec();
        Ok(Some(Note {
            salt,
            reference,
            metadata: r.rest().to_vec(),
        }))
    }
}

/// The entries that stand one after the other in an extent.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    reader: Reader<'a>,
    len: usize,
}

impl<'a> Entries<'a> {
    /// The entries of `extent`, given without its padding.
    pub fn new(extent: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(extent),
            len: extent.len(),
        }
    }

    fn entry(&mut self) -> Result<Entry<'a>, NotesFault> {
        let r = &mut self.reader;
        let offset = self.len - r.rest().len();
        let header = *r
            .rest()
            .first_chunk::<ENTRY_HEADER_BYTES>()
            .ok_or(NotesFault::Short {
                offset: offset as u64,
            })?;
        let is_erased = match r.array::<4>()? {
            [PRESENT, 0, 0, 0] => false,
            [ERASED, 0, 0, 0] => true,
            _ => {
                return Err(NotesFault::Mark {
                    offset: offset as u64,
                });
            }
        };
        let (content, book, seq) = (r.u32()?, BookId(r.u32()?), Seq(r.u64()?));
        if crc32fast::hash(header.get(COVERED_FROM..COVERED_TO).unwrap_or_default()) != r.u32()? {
            return Err(NotesFault::HeaderCrc {
                offset: offset as u64,
            });
        }
        let content = r.take(content as usize).map_err(|_| NotesFault::Short {
            offset: offset as u64,
        })?;
        Ok(Entry {
            book,
            seq,
            offset,
            content,
            is_erased,
        })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, NotesFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.rest().is_empty() {
            return None;
        }
        let entry = self.entry();
        if entry.is_err() {
            self.reader = Reader::new(&[]);
        }
        Some(entry)
    }
}

/// Why bytes are not the notes of a cycle. Offsets count from the start of the extent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotesFault {
    /// An entry is cut short.
    Short {
        /// Where the entry starts.
        offset: u64,
    },
    /// An entry is neither present nor erased.
    Mark {
        /// Where the entry starts.
        offset: u64,
    },
    /// The header of an entry does not match its CRC-32.
    HeaderCrc {
        /// Where the entry starts.
        offset: u64,
    },
    /// The content of an entry does not match its CRC-32.
    ContentCrc {
        /// Where the entry starts.
        offset: u64,
    },
    /// The content of an entry is not laid out as a note.
    Field(DecodeError),
    /// The extent lies outside its file or before the notes of earlier cycles.
    Extent,
    /// The file that holds the extent is missing.
    Missing,
}

impl fmt::Display for NotesFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { offset } => write!(f, "note at {offset} bytes is cut short"),
            Self::Mark { offset } => {
                write!(f, "note at {offset} bytes is neither present nor erased")
            }
            Self::HeaderCrc { offset } => {
                write!(
                    f,
                    "header of the note at {offset} bytes does not match its crc"
                )
            }
            Self::ContentCrc { offset } => {
                write!(
                    f,
                    "content of the note at {offset} bytes does not match its crc"
                )
            }
            Self::Field(error) => write!(f, "note: {error}"),
            Self::Extent => f.write_str("notes of the cycle lie where they cannot"),
            Self::Missing => f.write_str("file of notes is missing"),
        }
    }
}

impl std::error::Error for NotesFault {}

impl From<DecodeError> for NotesFault {
    fn from(error: DecodeError) -> Self {
        Self::Field(error)
    }
}
