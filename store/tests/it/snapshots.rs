//! Snapshots: whole or not there, the newest two, damage passed over.

use std::sync::Arc;

use store::disk::{Disk, SimDisk};
use store::snapshot::{SnapshotWriter, candidates, newest_complete};

fn disk(seed: u64) -> (SimDisk, Arc<dyn Disk>) {
    let disk = SimDisk::new(seed);
    (disk.clone(), Arc::new(disk))
}

fn chunk(n: u64) -> Vec<u8> {
    (0..n * 1_000 % 3_000_001)
        .map(|i| (i % 251) as u8)
        .collect()
}

fn write(disk: &Arc<dyn Disk>, begin: u64, end: u64, chunks: u64) {
    let mut writer = SnapshotWriter::begin(Arc::clone(disk), begin).unwrap();
    for n in 0..chunks {
        writer.chunk(&chunk(n)).unwrap();
    }
    writer.finish(end).unwrap();
}

fn newest(disk: &SimDisk, last: u64) -> Option<(u64, u64)> {
    let found = newest_complete(disk, last).unwrap()?;
    Some((found.begin_cycle, found.end_cycle))
}

#[test]
fn chunks_read_back_in_order() {
    let (sim, disk) = disk(1);
    assert_eq!(newest(&sim, 100), None);
    write(&disk, 5, 9, 60);
    let found = newest_complete(&sim, 9).unwrap().unwrap();
    assert_eq!((found.begin_cycle, found.end_cycle), (5, 9));
    let chunks: Vec<Vec<u8>> = found.chunks().map(Result::unwrap).collect();
    assert!(chunks == (0..60).map(chunk).collect::<Vec<_>>());
}

#[test]
fn two_are_kept_and_what_is_lost_or_unfinished_goes() {
    let (sim, disk) = disk(2);
    for end in [10, 20, 30, 40] {
        write(&disk, end - 3, end, 3);
    }
    assert_eq!(candidates(&sim, 100).unwrap(), [40, 30]);
    let mut unfinished = SnapshotWriter::begin(Arc::clone(&disk), 41).unwrap();
    unfinished.chunk(&[1; 10]).unwrap();
    drop(unfinished);
    assert!(
        sim.list()
            .unwrap()
            .iter()
            .any(|name| name.ends_with(".part"))
    );
    assert_eq!(newest(&sim, 35), Some((27, 30)), "cycles past 35 were lost");
    assert_eq!(sim.list().unwrap().len(), 1);
    assert_eq!(
        newest(&sim, 100),
        Some((27, 30)),
        "the later one is gone for good"
    );
}

#[test]
fn a_damaged_snapshot_is_passed_over() {
    let name = "snapshot-00000000000000000020";
    for at in [0, 12, 24, 30, 48, 50, 1_100, 3_200, 3_210] {
        let (sim, disk) = disk(3);
        write(&disk, 8, 10, 3);
        write(&disk, 18, 20, 3);
        assert_eq!(newest(&sim, 20), Some((18, 20)));
        sim.flip_bit(name, at % sim.open(name).unwrap().len().unwrap(), 5)
            .unwrap();
        assert_eq!(newest(&sim, 20), Some((8, 10)), "bit at {at}");
    }
    for len in [0, 10, 24, 40, 1_000, 3_100] {
        let (sim, disk) = disk(4);
        write(&disk, 8, 10, 3);
        write(&disk, 18, 20, 3);
        sim.truncate(name, len).unwrap();
        assert_eq!(newest(&sim, 20), Some((8, 10)), "cut to {len}");
    }
    let (sim, disk) = disk(5);
    write(&disk, 8, 10, 3);
    write(&disk, 18, 20, 3);
    disk.rename("snapshot-00000000000000000010", name).unwrap();
    assert_eq!(newest(&sim, 20), None, "a name that its content denies");
}

#[test]
fn a_chunk_too_long_is_refused() {
    let (_, disk) = disk(6);
    let mut writer = SnapshotWriter::begin(disk, 1).unwrap();
    assert!(
        writer
            .chunk(&vec![0; store::snapshot::CHUNK_BYTES_MAX + 1])
            .is_err()
    );
}
