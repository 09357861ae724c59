//! A whole journal with bytes of one of its files replaced: recovery and every read after it.

use std::sync::{Arc, OnceLock};

use ledger::snapshot::Heads;
use ledger::{BookId, Height, Nanos, Seq};
use store::disk::{Disk, SimDisk};
use store::embedded::frame::ALIGN;
use store::embedded::{Embedded, LostSuperblock, Options};
use store::snapshot::{SnapshotWriter, newest_complete};
use store::{FileName, Journal, Reader};

use crate::world::{empty, world};
use crate::{Verdict, segment};

/// In the second byte: checksums of the cycle are made to fit.
pub const FITTED: u8 = 1;
/// In the second byte: an operator allows a lost superblock.
pub const REBUILT: u8 = 2;
/// In the second byte: the superblock is gone.
pub const BARE: u8 = 4;
/// In the second byte: the file ends where the replaced bytes do.
pub const CUT: u8 = 8;

/// Name and bytes of a file.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The first byte says which file, the second how, two more the offset in units of 8 bytes; the
/// rest replaces what stands there.
pub fn body(data: &[u8]) -> Verdict {
    let Some(([file, how, low, high], bytes)) = data.split_first_chunk::<4>() else {
        return Verdict::Refused;
    };
    let offset = usize::from(u16::from_le_bytes([*low, *high])) * 8;
    let mut files = files().clone();
    damage(&mut files, *file, offset, bytes, how & CUT != 0);
    if how & FITTED != 0 {
        fit(&mut files, offset);
    }
    if how & BARE != 0 {
        files.retain(|(name, _)| *name != FileName::Superblock.to_string());
    }
    let options = Options {
        superblock: if how & REBUILT == 0 {
            LostSuperblock::Refuse
        } else {
            LostSuperblock::Rebuild
        },
        ..small()
    };
    let disk = disk_of(&files);
    load_snapshot(&*disk);
    match Embedded::open(disk, options, &mut |_| {}) {
        Ok((journal, _)) => {
            read_all(&journal.reader());
            Verdict::Accepted
        }
        Err(error) => {
            let _ = error.to_string();
            Verdict::Refused
        }
    }
}

/// Puts `bytes` over one of the files.
pub(crate) fn damage(files: &mut Files, file: u8, offset: usize, bytes: &[u8], is_cut: bool) {
    let at = usize::from(file) % files.len().max(1);
    let Some((_, content)) = files.get_mut(at) else {
        return;
    };
    let offset = offset % content.len().max(1);
    let end = content.len().min(offset + bytes.len());
    if let Some(place) = content.get_mut(offset..end) {
        place.copy_from_slice(bytes.get(..end - offset).unwrap_or_default());
    }
    if is_cut {
        content.truncate(end);
    }
}

/// Makes the checksums fit of the cycle in which `offset` lies, in every segment.
fn fit(files: &mut Files, offset: usize) {
    for (name, content) in files {
        if !matches!(FileName::parse(name), Some(FileName::Segment(_))) {
            continue;
        }
        let start = offset / ALIGN as usize * ALIGN as usize;
        if let Some(cycle) = content.get(start..).filter(|cycle| !cycle.is_empty()) {
            let mut cycle = cycle.to_vec();
            let len = cycle.len();
            segment::fit(&mut cycle);
            cycle.truncate(len);
            if let Some(place) = content.get_mut(start..) {
                place.copy_from_slice(&cycle);
            }
        }
    }
}

fn small() -> Options {
    Options {
        segment_bytes: 8 * ALIGN,
        notes_bytes: 2 * ALIGN,
        cache_bytes: 0,
        superblock: LostSuperblock::Refuse,
    }
}

/// The files of a journal that holds the world and a snapshot of it.
pub(crate) fn files() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        let disk = SimDisk::new(1);
        let opened = Embedded::open(Arc::new(disk.clone()), small(), &mut |_| {});
        if let Ok((mut journal, _)) = opened {
            for cycle in &world().cycles {
                assert!(journal.append(cycle).is_ok());
            }
            assert!(write_snapshot(&disk).is_ok());
            assert!(Box::new(journal).close().is_ok());
        }
        let files = files_of(&disk);
        assert!(files.len() >= 4, "{files:?}");
        files
    })
}

fn write_snapshot(disk: &SimDisk) -> std::io::Result<()> {
    let end = world().cycles.len() as u64;
    let mut writer = SnapshotWriter::begin(Arc::new(disk.clone()), end)?;
    for chunk in &world().chunks {
        writer.chunk(chunk)?;
    }
    writer.finish(end).map(|_| ())
}

/// Every file of a disk.
pub(crate) fn files_of(disk: &SimDisk) -> Files {
    let names = disk.list().unwrap_or_default();
    let read = |name: String| {
        let file = disk.open(&name).ok()?;
        let mut bytes = vec![0; usize::try_from(file.len().ok()?).ok()?];
        file.read_exact_at(&mut bytes, 0).ok()?;
        Some((name, bytes))
    };
    names.into_iter().filter_map(read).collect()
}

/// A disk with these files.
pub(crate) fn disk_of(files: &Files) -> Arc<dyn Disk> {
    let disk = SimDisk::new(1);
    for (name, bytes) in files {
        let written = disk
            .create(name, bytes.len() as u64)
            .and_then(|file| file.write_all_at(bytes, 0).and_then(|()| file.sync()));
        assert!(written.is_ok());
    }
    assert!(disk.sync_names().is_ok());
    Arc::new(disk)
}

fn load_snapshot(disk: &dyn Disk) {
    let Ok(Some(snapshot)) = newest_complete(disk, u64::MAX) else {
        return;
    };
    let (mut ledger, mut heads) = (empty(), Heads::new());
    for chunk in snapshot.chunks() {
        let loaded = chunk.map(|chunk| ledger.load_chunk(&mut heads, &chunk));
        if !matches!(loaded, Ok(Ok(()))) {
            return;
        }
    }
}

/// Reads everything in every way. What was accepted may still not fold, but is told by an error.
fn read_all(reader: &Reader) {
    let mut heads = Heads::new();
    for cycle in reader.cycles(1) {
        let cycle = match cycle {
            Ok(cycle) => cycle,
            Err(error) => {
                let _ = error.to_string();
                return;
            }
        };
        for block in &cycle.blocks {
            let head = heads.entry(block.header.book).or_default();
            if let Err(fault) = head.advance(block) {
                let _ = fault.to_string();
            }
        }
    }
    for end in reader.books() {
        let _ = reader.block_by_height(end.book, end.height);
        let _ = reader.seq_at_time(end.book, Nanos(u64::MAX / 2));
        for seq in 0..end.next_seq.0.min(32) {
            let _ = reader.block_at(end.book, Seq(seq));
            let _ = reader.note(end.book, Seq(seq));
        }
    }
    let _ = reader.block_by_height(BookId(1), Height(u64::MAX));
}
