//! A disk that is full, and a disk that fails.

use std::sync::Arc;

use store::disk::SimDisk;
use store::disk::sim::Random;
use store::embedded::{Embedded, OpenError, Options};
use store::{AppendError, Journal, Need};

use crate::books::Books;
use crate::contract::{reads_all, small};

fn open(disk: &SimDisk) -> Embedded {
    Embedded::open(Arc::new(disk.clone()), small(), &mut |_| {})
        .unwrap()
        .0
}

#[test]
fn a_full_disk_shows_before_a_cycle_is_taken_and_goes_on_when_there_is_room() {
    let disk = SimDisk::new(1);
    let mut journal = open(&disk);
    let room = journal.room();
    disk.set_capacity(disk.used());
    let mut books = Books::new(1);
    let mut cycles = Vec::new();
    let mut refused = 0;
    while refused < 3 {
        let before = books.clone();
        let cycle = books.cycle(30);
        if room.has(Need::of_cycle(&cycle)) {
            journal.append(&cycle).unwrap();
            cycles.push(cycle);
            continue;
        }
        // Reserved room alone decides: the cycle may still fit into what is left of a file.
        match journal.append(&cycle) {
            Ok(()) => cycles.push(cycle),
            Err(error) => {
                assert!(matches!(error, AppendError::Full(_)) && error.leaves_journal_usable());
                books.forget(&before);
                journal.idle().unwrap();
                refused += 1;
            }
        }
    }
    reads_all(&journal.reader(), &cycles);
    drop(journal);
    let mut journal = open(&disk);
    reads_all(&journal.reader(), &cycles);
    let cycle = books.cycle_of(&[(1, 200)], 0);
    let room = journal.room();
    assert!(!room.has(Need::of_cycle(&cycle)));
    disk.set_capacity(u64::MAX);
    journal.idle().unwrap();
    assert!(room.has(Need::of_cycle(&cycle)));
    journal.append(&cycle).unwrap();
    cycles.push(cycle);
    reads_all(&journal.reader(), &cycles);
}

#[test]
fn what_there_is_room_for_is_appended() {
    let disk = SimDisk::new(2);
    let mut journal = open(&disk);
    let room = journal.room();
    let mut books = Books::new(2);
    let mut random = Random::new(2);
    for round in 0..100 {
        disk.set_capacity(disk.used() + random.below(200_000));
        let cycles: Vec<_> = (0..1 + random.below(3)).map(|_| books.cycle(60)).collect();
        let need = cycles
            .iter()
            .map(Need::of_cycle)
            .fold(Need::default(), Need::plus);
        if !room.has(need) {
            disk.set_capacity(u64::MAX);
            journal.idle().unwrap();
        }
        assert!(room.has(need), "round {round}");
        disk.set_capacity(disk.used());
        for cycle in &cycles {
            journal.append(cycle).unwrap();
        }
    }
}

#[test]
fn a_journal_that_never_rests_has_room_all_the_same() {
    let disk = SimDisk::new(7);
    let mut journal = open(&disk);
    let room = journal.room();
    let mut books = Books::new(7);
    for round in 0..100 {
        let cycle = books.cycle(100);
        assert!(room.has(Need::of_cycle(&cycle)), "round {round}");
        journal.append(&cycle).unwrap();
    }
}

#[test]
fn a_cycle_larger_than_a_file_is_refused() {
    let disk = SimDisk::new(3);
    let mut journal = open(&disk);
    let mut books = Books::new(3);
    let before = books.clone();
    let cycle = books.cycle_of(&[(1, 1_000)], 0);
    assert!(!Need::of_cycle(&cycle).fits(journal.room().max()));
    let error = journal.append(&cycle).unwrap_err();
    assert!(matches!(error, AppendError::TooLarge { .. }) && error.leaves_journal_usable());
    books.forget(&before);
    journal.append(&books.cycle(5)).unwrap();
}

#[test]
fn a_failed_sync_ends_the_journal() {
    for good in 0..4 {
        let disk = SimDisk::new(good);
        let mut journal = open(&disk);
        let mut books = Books::new(4);
        disk.fail_sync_after(good);
        let mut results = Vec::new();
        for _ in 0..6 {
            results.push(journal.append(&books.cycle(5)));
        }
        let failed = results.iter().position(Result::is_err).unwrap();
        assert!(matches!(results[failed], Err(AppendError::Failed { .. })));
        let after = &results[failed + 1..];
        assert!(
            after
                .iter()
                .all(|result| matches!(result, Err(AppendError::Poisoned)))
        );
        assert!(matches!(journal.idle(), Err(AppendError::Poisoned)));
        assert_eq!(journal.room().free(), Need::default());
        assert!(matches!(
            Box::new(journal).close(),
            Err(AppendError::Poisoned)
        ));
    }
}

#[test]
fn sizes_that_no_journal_has_are_refused() {
    for bytes in [0, 4_096, 10_000, (1 << 31) + 4_096] {
        let options = Options {
            segment_bytes: bytes,
            ..small()
        };
        let opened = Embedded::open(Arc::new(SimDisk::new(1)), options, &mut |_| {});
        assert!(matches!(opened, Err(OpenError::Options(_))), "{bytes}");
    }
}

#[test]
fn need_of_open_blocks_is_that_of_their_cycle() {
    use ledger::block::{Head, OpenBlock};
    use ledger::{BatchEntry, BookId, Origin};
    let mut open = OpenBlock::default();
    for block in &Books::new(9).cycle_of(&[(1, 300)], 2).blocks {
        open.events = Arc::clone(&block.events);
        open.notes.clone_from(&block.notes);
        open.batches = vec![
            BatchEntry {
                origin: Origin::daemon(),
                first: 0,
                count: 1
            };
            40
        ];
    }
    let need = Need::of_open([&open]);
    let block = Head::default().seal(BookId(1), open).unwrap();
    let cycle = store::Cycle {
        number: 1,
        blocks: vec![Arc::new(block)],
    };
    assert_eq!(need, Need::of_cycle(&cycle));
    assert!(need.notes > 0);
}
