//! The superblock: what is known to be durable, in two copies of which one is always whole.

use std::io;
use std::sync::Arc;

use ledger::Digest;
use ledger::fields::{DecodeError, Reader, Write};

use super::frame::{ALIGN, PADDING};
use crate::disk::{Disk, File};
use crate::file_name::FileName;

const MAGIC: [u8; 8] = *b"LGRSUPER";
const VERSION: u16 = 1;
/// Bytes that a copy's CRC-32 covers.
const COVERED: usize = 80;
const COPIES: u64 = 2;

/// What a journal vouches for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Superblock {
    /// Grows by one with every write; the larger of two copies counts.
    pub sequence: u64,
    /// Number of a cycle that is durable with all before it; 0 before the first.
    pub durable: u64,
    /// Digest of that cycle's frame.
    pub digest: Digest,
    /// Number of the segment that is written to.
    pub segment: u32,
    /// Bytes of that segment.
    pub segment_bytes: u64,
    /// End cycle of the newest complete snapshot; 0 before the first.
    pub snapshot: u64,
}

impl Superblock {
    /// Bytes of a copy in its file.
    pub const BYTES: usize = ALIGN as usize;

    /// One copy.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::BYTES);
        out.put(&MAGIC);
        out.put_u16(VERSION);
        out.put_u16(0);
        out.put_u32(self.segment);
        out.put_u64(self.sequence);
        out.put_u64(self.durable);
        out.put(&self.digest.0);
        out.put_u64(self.segment_bytes);
        out.put_u64(self.snapshot);
        let crc = crc32fast::hash(&out);
        out.put_u32(crc);
        out.resize(Self::BYTES, PADDING);
        out
    }

    /// Reads one copy.
    ///
    /// # Errors
    /// It is damaged, or of a version that this build does not know.
    pub fn decode(copy: &[u8]) -> Result<Self, DecodeError> {
        let covered = copy.get(..COVERED);
        let covered = covered.ok_or(DecodeError::Truncated {
            need: COVERED,
            have: copy.len(),
        })?;
        let mut r = Reader::new(copy);
        r.take(COVERED)?;
        if crc32fast::hash(covered) != r.u32()? {
            return Err(DecodeError::BadField("crc"));
        }
        let mut r = Reader::new(covered);
        if r.array()? != MAGIC {
            return Err(DecodeError::BadField("magic"));
        }
        let version = r.u16()?;
        if version != VERSION {
            return Err(DecodeError::UnknownVersion(version));
        }
        if r.u16()? != 0 {
            return Err(DecodeError::BadField("reserved"));
        }
        let segment = r.u32()?;
        Ok(Self {
            segment,
            sequence: r.u64()?,
            durable: r.u64()?,
            digest: Digest(r.array()?),
            segment_bytes: r.u64()?,
            snapshot: r.u64()?,
        })
    }
}

/// Both copies as they were found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Found {
    /// The newer of those that are whole.
    pub(crate) newest: Option<Superblock>,
    /// How many are whole.
    pub(crate) whole: u32,
}

/// Reads both copies; what is missing or damaged is not an error here.
pub(crate) fn find(disk: &dyn Disk) -> io::Result<Found> {
    let mut found = Found::default();
    let file = match disk.open(&FileName::Superblock.to_string()) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    let mut copy = vec![0; COVERED + 4];
    for index in 0..COPIES {
        let read = file.read_exact_at(&mut copy, index * Superblock::BYTES as u64);
        match read {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => continue,
            Err(error) => return Err(error),
        }
        let Ok(superblock) = Superblock::decode(&copy) else {
            continue;
        };
        found.whole += 1;
        if found
            .newest
            .is_none_or(|newest| newest.sequence < superblock.sequence)
        {
            found.newest = Some(superblock);
        }
    }
    Ok(found)
}

/// The file of both copies, open for writing.
pub(crate) struct SuperblockFile {
    file: Arc<dyn File>,
    sequence: u64,
}

impl SuperblockFile {
    /// Opens the file, or makes it anew if it is not as long as it must be. `newest` is what was
    /// found in it.
    pub(crate) fn open(disk: &dyn Disk, newest: Option<Superblock>) -> io::Result<Self> {
        let name = FileName::Superblock.to_string();
        let bytes = COPIES * Superblock::BYTES as u64;
        let file = match disk.open(&name) {
            Ok(file) if file.len()? == bytes || newest.is_some() => file,
            Ok(_) => {
                disk.remove(&name)?;
                create(disk, &name, bytes)?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(disk, &name, bytes)?,
            Err(error) => return Err(error),
        };
        Ok(Self {
            file,
            sequence: newest.map_or(0, |newest| newest.sequence),
        })
    }

    /// Writes `superblock` with the next sequence over the older copy.
    pub(crate) fn write(&mut self, superblock: Superblock) -> io::Result<()> {
        let sequence = self.sequence + 1;
        let copy = Superblock {
            sequence,
            ..superblock
        }
        .encode();
        self.file
            .write_all_at(&copy, (sequence % COPIES) * Superblock::BYTES as u64)?;
        self.file.sync()?;
        self.sequence = sequence;
        Ok(())
    }
}

fn create(disk: &dyn Disk, name: &str, bytes: u64) -> io::Result<Arc<dyn File>> {
    let file = disk.create(name, bytes)?;
    file.sync()?;
    disk.sync_names()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::SimDisk;

    fn superblock(durable: u64) -> Superblock {
        Superblock {
            sequence: 0,
            durable,
            digest: Digest::of(&durable.to_le_bytes()),
            segment: 3,
            segment_bytes: 1 << 26,
            snapshot: 7,
        }
    }

    #[test]
    fn the_newer_copy_counts_and_one_is_enough() {
        let disk = SimDisk::new(1);
        let mut file = SuperblockFile::open(&disk, None).unwrap();
        for durable in 1..=4 {
            file.write(superblock(durable)).unwrap();
            assert_eq!(find(&disk).unwrap().newest.unwrap().durable, durable);
        }
        assert_eq!(find(&disk).unwrap().whole, 2);
        let name = FileName::Superblock.to_string();
        disk.flip_bit(&name, 70, 3).unwrap();
        let found = find(&disk).unwrap();
        assert_eq!((found.whole, found.newest.unwrap().durable), (1, 3));
        let mut file = SuperblockFile::open(&disk, found.newest).unwrap();
        file.write(superblock(9)).unwrap();
        assert_eq!(find(&disk).unwrap().newest.unwrap().durable, 9);
        disk.truncate(&name, 4_000).unwrap();
        assert_eq!(find(&disk).unwrap().whole, 1);
        disk.flip_bit(&name, 0, 0).unwrap();
        assert_eq!(find(&disk).unwrap(), Found::default());
    }

    #[test]
    fn copies_read_back_and_damage_is_seen() {
        let copy = superblock(5).encode();
        assert_eq!(copy.len(), Superblock::BYTES);
        assert_eq!(Superblock::decode(&copy).unwrap(), superblock(5));
        for byte in 0..COVERED + 4 {
            let mut damaged = copy.clone();
            damaged[byte] ^= 0x10;
            assert!(Superblock::decode(&damaged).is_err(), "byte {byte}");
        }
    }
}
