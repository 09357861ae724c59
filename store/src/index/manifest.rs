//! The manifest: which runs are the index, and which cycles they cover.

use ledger::fields::{DecodeError, Reader, Write};

use crate::disk::Disk;

use super::error::{Damage, IndexError};
use super::hash::Seed;
use super::names;

/// Which run, and what it covers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RunName {
    /// Number of the file, never used twice.
    pub(super) number: u64,
    /// How often its content was merged.
    pub(super) tier: u8,
    /// First cycle in it.
    pub(super) first_cycle: u64,
    /// Last cycle in it.
    pub(super) last_cycle: u64,
}

/// A run as the manifest knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RunMeta {
    /// Which run.
    pub(super) name: RunName,
    /// Length of the file.
    pub(super) bytes: u64,
    /// Entries, or legs.
    pub(super) items: u64,
    /// Checksum of the file's tail, which vouches for the rest.
    pub(super) tail_crc: u32,
}

impl RunMeta {
    const BYTES: usize = 8 + 1 + 8 + 8 + 8 + 8 + 4;

    /// Where a tail of `len` bytes starts.
    pub(super) fn tail_at(&self, len: usize) -> Result<u64, IndexError> {
        let short = || IndexError::corrupt(names::MANIFEST, 0, Damage::Malformed);
        self.bytes.checked_sub(len as u64).ok_or_else(short)
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.put_u64(self.name.number);
        out.put_u8(self.name.tier);
        out.put_u64(self.name.first_cycle);
        out.put_u64(self.name.last_cycle);
        out.put_u64(self.bytes);
        out.put_u64(self.items);
        out.put_u32(self.tail_crc);
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let number = r.u64()?;
        let tier = r.u8()?;
        let (first_cycle, last_cycle) = (r.u64()?, r.u64()?);
        let name = RunName {
            number,
            tier,
            first_cycle,
            last_cycle,
        };
        Ok(Self {
            name,
            bytes: r.u64()?,
            items: r.u64()?,
            tail_crc: r.u32()?,
        })
    }
}

/// Which runs are the index. Runs stand in the order of their cycles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Manifest {
    /// Key of the filters of all runs.
    pub(super) seed: Seed,
    /// Number of the next file.
    pub(super) next_file: u64,
    /// Every cycle up to this one is in the runs.
    pub(super) covered: u64,
    /// Runs of ids.
    pub(super) ids: Vec<RunMeta>,
    /// Runs of legs.
    pub(super) legs: Vec<RunMeta>,
}

impl Manifest {
    const MAGIC: [u8; 8] = *b"LDGINDEX";
    const VERSION: u16 = 1;
    /// Bytes without runs.
    const HEAD: usize = 8 + 2 + 8 * 4 + 4 * 3;
    /// Far more than the runs of any index need.
    const MAX_BYTES: u64 = 4 << 20;

    /// An index without runs.
    pub(super) fn new(seed: Seed) -> Self {
        Self {
            seed,
            next_file: 1,
            covered: 0,
            ids: Vec::new(),
            legs: Vec::new(),
        }
    }

    /// Reads the manifest; `None` if there is none.
    pub(super) fn load(disk: &dyn Disk) -> Result<Option<Self>, IndexError> {
        let io = || IndexError::io(names::MANIFEST);
        let file = match disk.open(names::MANIFEST) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io()(error)),
        };
        let len = file.len().map_err(io())?;
        let damaged = |damage| IndexError::corrupt(names::MANIFEST, 0, damage);
        if len > Self::MAX_BYTES {
            return Err(damaged(Damage::Length));
        }
        let mut bytes = vec![0; len as usize];
        file.read_exact_at(&mut bytes, 0).map_err(io())?;
        Self::decode(&bytes).map(Some).map_err(damaged)
    }

    /// Writes the manifest beside the one that counts. After an error that one still does.
    pub(super) fn prepare(&self, disk: &dyn Disk) -> Result<(), IndexError> {
        let io = || IndexError::io(names::NEXT_MANIFEST);
        match disk.remove(names::NEXT_MANIFEST) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io()(error)),
            _ => {}
        }
        let file = disk.create(names::NEXT_MANIFEST, 0).map_err(io())?;
        file.write_all_at(&self.encode(), 0).map_err(io())?;
        file.sync().map_err(io())?;
        // The names of the runs must be durable before the manifest that names them counts.
        disk.sync_names().map_err(io())
    }

    /// Makes what was prepared the manifest that counts. After an error it is open which one does.
    pub(super) fn commit(&self, disk: &dyn Disk) -> Result<(), IndexError> {
        let io = || IndexError::io(names::MANIFEST);
        disk.rename(names::NEXT_MANIFEST, names::MANIFEST)
            .map_err(io())?;
        disk.sync_names().map_err(io())
    }

    /// Bytes of the file.
    pub(super) fn bytes(&self) -> u64 {
        let runs = self.ids.len() + self.legs.len();
        (Self::HEAD + runs * RunMeta::BYTES) as u64
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes() as usize);
        out.put(&Self::MAGIC);
        out.put_u16(Self::VERSION);
        out.put_u64(self.seed.0[0]);
        out.put_u64(self.seed.0[1]);
        out.put_u64(self.next_file);
        out.put_u64(self.covered);
        out.put_u32(self.ids.len() as u32);
        out.put_u32(self.legs.len() as u32);
        for run in self.ids.iter().chain(&self.legs) {
            run.encode(&mut out);
        }
        let crc = crc32fast::hash(&out);
        out.put_u32(crc);
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or(Damage::Length)?;
        if crc32fast::hash(body) != u32::from_le_bytes(*crc) {
            return Err(Damage::Checksum);
        }
        let malformed = |_: DecodeError| Damage::Malformed;
        let mut r = Reader::new(body);
        if r.array().map_err(malformed)? != Self::MAGIC {
            return Err(Damage::Magic);
        }
        let version = r.u16().map_err(malformed)?;
        if version != Self::VERSION {
            return Err(Damage::Version(version));
        }
        Self::fields(&mut r).map_err(malformed)
    }

    fn fields(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let seed = Seed([r.u64()?, r.u64()?]);
        let (next_file, covered) = (r.u64()?, r.u64()?);
        let (ids, legs) = (r.u32()?, r.u32()?);
        let runs = |r: &mut Reader<'_>, count| {
            (0..count)
                .map(|_| RunMeta::decode(r))
                .collect::<Result<_, _>>()
        };
        let (ids, legs) = (runs(r, ids)?, runs(r, legs)?);
        r.end()?;
        Ok(Self {
            seed,
            next_file,
            covered,
            ids,
            legs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_tells_damage() {
        let name = RunName {
            number: 7,
            tier: 1,
            first_cycle: 1,
            last_cycle: 9,
        };
        let run = RunMeta {
            name,
            bytes: 4096,
            items: 12,
            tail_crc: 99,
        };
        let manifest = Manifest {
            seed: Seed([1, 2]),
            next_file: 8,
            covered: 9,
            ids: vec![run, run],
            legs: vec![run],
        };
        let bytes = manifest.encode();
        assert_eq!(bytes.len() as u64, manifest.bytes());
        assert_eq!(Manifest::decode(&bytes), Ok(manifest));
        for at in 0..bytes.len() {
            let mut torn = bytes.clone();
            torn[at] ^= 4;
            assert_eq!(Manifest::decode(&torn), Err(Damage::Checksum));
        }
        assert_eq!(Manifest::decode(&bytes[..3]), Err(Damage::Length));
    }
}
