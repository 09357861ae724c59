//! Files of the log that were changed by something else than a crash: refused, by file and offset.

use store::audit::{AuditError, AuditFault};
use store::disk::sim::Random;
use store::disk::{Disk, SimDisk};
use store::{FileName, Place};

use super::chain::{Chain, add};
use super::{open, try_open};

const FIRST: &str = "audit-00000001";

/// A log of a few segments, and where its records start.
fn laid() -> (SimDisk, Vec<Place>) {
    let disk = SimDisk::new(1);
    let (mut log, state) = open(&disk);
    let mut chain = Chain::of(&state);
    for covered in 0..80 {
        add(&mut log, &chain.seal(covered * 30));
    }
    drop(log);
    let mut places = Vec::new();
    for name in disk.list().unwrap() {
        let file = disk.open(&name).unwrap();
        for offset in (0..file.len().unwrap()).step_by(512) {
            let mut magic = [0; 4];
            file.read_exact_at(&mut magic, offset).unwrap();
            if magic == *b"LGRA" {
                let file = FileName::parse(&name).unwrap();
                places.push(Place { file, offset });
            }
        }
    }
    assert!(places.len() > 160);
    (disk, places)
}

/// The files of a disk, to be changed at will.
fn copy(disk: &SimDisk) -> SimDisk {
    let other = SimDisk::new(2);
    for name in disk.list().unwrap() {
        let file = disk.open(&name).unwrap();
        let len = file.len().unwrap();
        let mut bytes = vec![0; len as usize];
        file.read_exact_at(&mut bytes, 0).unwrap();
        other.create(&name, len).unwrap();
        other.overwrite(&name, 0, &bytes).unwrap();
    }
    other.sync_names().unwrap();
    other
}

#[test]
fn a_flipped_bit_is_refused_where_it_is() {
    let (disk, places) = laid();
    let mut random = Random::new(3);
    for (at, place) in places.iter().enumerate() {
        let next = places.get(at + 1).filter(|next| next.file == place.file);
        let bytes = next.map_or(512, |next| next.offset - place.offset);
        let disk = copy(&disk);
        let offset = place.offset + random.below(bytes);
        disk.flip_bit(&place.file.to_string(), offset, 5).unwrap();
        let found = match try_open(&disk).unwrap_err() {
            AuditError::Damaged { place, .. } => place,
            error => panic!("{place}: {error}"),
        };
        assert_eq!(found, *place);
    }
}

#[test]
fn a_lost_sector_that_later_records_vouch_for_is_refused() {
    let (disk, places) = laid();
    for place in places.iter().take(places.len() - 1).step_by(3) {
        let disk = copy(&disk);
        disk.zero(&place.file.to_string(), place.offset, 512)
            .unwrap();
        match try_open(&disk).unwrap_err() {
            AuditError::Missing { place: found, .. } => assert_eq!(found, *place),
            error => panic!("{place}: {error}"),
        }
    }
}

#[test]
fn a_lost_sector_of_the_last_record_is_cut() {
    let (disk, places) = laid();
    let last = places.last().unwrap();
    disk.zero(&last.file.to_string(), last.offset, 512).unwrap();
    let (_, state) = open(&disk);
    // Nothing shows that the row was published; its intent is still there.
    assert_eq!(state.unpublished.len(), 1);
    assert_eq!(state.last.unwrap().row.seq(), 79);
}

#[test]
fn files_that_are_missing_or_cut_are_refused() {
    let (disk, places) = laid();
    let segments = places.last().unwrap().file;
    assert!(segments > FileName::Audit(2));
    let gone = copy(&disk);
    gone.remove(FIRST).unwrap();
    let error = try_open(&gone).unwrap_err();
    assert!(matches!(error, AuditError::MissingFile(FileName::Audit(1))));
    let short = copy(&disk);
    short.truncate(&segments.to_string(), 1_024).unwrap();
    let error = try_open(&short).unwrap_err();
    assert!(matches!(error, AuditError::Length { found: 1_024, .. }));
    let empty = copy(&disk);
    empty.zero(FIRST, 0, 64 << 10).unwrap();
    let error = try_open(&empty).unwrap_err();
    assert!(matches!(error, AuditError::Missing { .. }), "{error}");
    assert!(error.to_string().contains(FIRST), "{error}");
}

#[test]
fn records_of_another_log_are_refused() {
    let (disk, places) = laid();
    let other = SimDisk::new(9);
    let (mut log, state) = open(&other);
    let mut chain = Chain::of(&state);
    chain.seal(0);
    let mut chain = Chain::of(&state);
    for covered in 0..40 {
        add(&mut log, &chain.seal(covered * 30 + 1));
    }
    // A segment of another log, whose records are as whole as ours.
    let file = other.open(FIRST).unwrap();
    let mut bytes = vec![0; 64 << 10];
    file.read_exact_at(&mut bytes, 0).unwrap();
    let second = FileName::Audit(2).to_string();
    disk.overwrite(&second, 0, &bytes).unwrap();
    let error = try_open(&disk).unwrap_err();
    let AuditError::Damaged { place, fault } = error else {
        panic!("{error}");
    };
    assert_eq!((place.file, fault), (FileName::Audit(2), AuditFault::Link));
    assert!(places.iter().any(|place| place.file == FileName::Audit(2)));
}
