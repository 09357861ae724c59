//! What every journal keeps, whatever it keeps it in.

use std::sync::Arc;

use ledger::event::Records;
use ledger::{BookId, Event, Height, Nanos, Seq};
use store::disk::{DirDisk, Disk, SimDisk};
use store::embedded::{Embedded, Options};
use store::memory::Memory;
use store::{AppendError, Cycle, Journal, Need, Reader};

use crate::books::Books;

/// Small files, so that a few cycles fill them.
pub(crate) fn small() -> Options {
    Options {
        segment_bytes: 96 << 10,
        notes_bytes: 64 << 10,
        ..Options::default()
    }
}

/// Opens a journal, again and again, on what the one before left.
type Open = Box<dyn FnMut() -> Box<dyn Journal>>;

fn embedded(disk: Arc<dyn Disk>, options: Options) -> Box<dyn Journal> {
    Box::new(Embedded::open(disk, options, &mut |_| {}).unwrap().0)
}

#[test]
fn memory_keeps_the_contract() {
    let memory = Memory::new();
    keeps_contract(Box::new(move || Box::new(memory.clone())));
}

#[test]
fn embedded_on_a_directory_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data");
    keeps_contract(Box::new(move || {
        embedded(Arc::new(DirDisk::open(&path).unwrap()), small())
    }));
}

#[test]
fn embedded_on_a_simulated_disk_keeps_the_contract() {
    let mut disk = SimDisk::new(3);
    keeps_contract(Box::new(move || {
        disk = disk.power_loss();
        embedded(Arc::new(disk.clone()), small())
    }));
}

#[test]
fn embedded_without_a_cache_keeps_the_contract() {
    let disk = SimDisk::new(4);
    let options = Options {
        cache_bytes: 0,
        ..small()
    };
    keeps_contract(Box::new(move || embedded(Arc::new(disk.clone()), options)));
}

fn keeps_contract(mut open: Open) {
    let mut books = Books::new(11);
    let mut cycles: Vec<Cycle> = Vec::new();
    let mut journal = open();
    assert_eq!(journal.reader().last_cycle(), 0);
    assert_eq!(journal.reader().cycles(0).count(), 0);
    for round in 0..60 {
        let cycle = books.cycle(40);
        assert!(journal.room().has(Need::of_cycle(&cycle)), "round {round}");
        journal.append(&cycle).unwrap();
        cycles.push(cycle);
        if round % 7 == 0 {
            journal.idle().unwrap();
        }
        if round % 20 == 9 {
            reads_all(&journal.reader(), &cycles);
            let close = round % 40 == 9;
            if close {
                journal.close().unwrap();
            } else {
                drop(journal);
            }
            journal = open();
            reads_all(&journal.reader(), &cycles);
        }
    }
    refuses_misfits(&mut *journal, &mut books);
    erases(&mut *journal, &mut cycles);
    journal.close().unwrap();
    reads_all(&open().reader(), &cycles);
}

/// Everything in `cycles`, and nothing else, is read back by every way there is.
pub(crate) fn reads_all(reader: &Reader, cycles: &[Cycle]) {
    assert_eq!(reader.last_cycle(), cycles.len() as u64);
    let found: Vec<Arc<Cycle>> = reader.cycles(1).map(Result::unwrap).collect();
    assert_eq!(found.len(), cycles.len());
    for (found, cycle) in found.iter().zip(cycles) {
        assert!(**found == *cycle, "cycle {}", cycle.number);
    }
    let from = reader
        .cycles(cycles.len() as u64 / 2)
        .next()
        .map(|cycle| cycle.unwrap().number);
    assert_eq!(
        from,
        (!cycles.is_empty()).then_some((cycles.len() as u64 / 2).max(1))
    );
    for block in cycles.iter().flat_map(|cycle| &cycle.blocks) {
        let header = &block.header;
        let seqs = header.seqs();
        for seq in [seqs.start, (seqs.start + seqs.end) / 2, seqs.end - 1] {
            let found = reader.block_at(header.book, Seq(seq)).unwrap().unwrap();
            assert!(*found == **block, "book {} seq {seq}", header.book);
            let record = reader.record(header.book, Seq(seq)).unwrap();
            assert_eq!(record.as_deref(), block.record(Seq(seq)));
        }
        let found = reader
            .block_by_height(header.book, header.height)
            .unwrap()
            .unwrap();
        assert!(
            *found == **block,
            "book {} height {}",
            header.book,
            header.height
        );
        for (seq, note) in &block.notes {
            assert_eq!(reader.note(header.book, *seq).unwrap().as_ref(), Some(note));
        }
        for record in Records(&block.events).step_by(7) {
            let event = Event::decode(record.unwrap()).unwrap();
            let at = reader.seq_at_time(header.book, event.posted_at()).unwrap();
            assert_eq!(at, Some(event.seq()));
            let before = Nanos(event.posted_at().0 - 1);
            let at = reader.seq_at_time(header.book, before).unwrap();
            assert_eq!(
                at,
                event.seq().0.checked_sub(1).map(Seq),
                "posted times are dense enough"
            );
        }
    }
    for end in reader.books() {
        assert_eq!(reader.block_at(end.book, end.next_seq).unwrap(), None);
        assert_eq!(
            reader
                .block_by_height(end.book, Height(end.height.0 + 1))
                .unwrap(),
            None
        );
        assert_eq!(reader.block_by_height(end.book, Height(0)).unwrap(), None);
        let last = reader
            .seq_at_time(end.book, Nanos(u64::MAX))
            .unwrap()
            .unwrap();
        assert_eq!(last.0 + 1, end.next_seq.0);
    }
    assert_eq!(reader.block_at(BookId(99), Seq(0)).unwrap(), None);
    assert_eq!(reader.seq_at_time(BookId(99), Nanos(5)).unwrap(), None);
}

/// What does not continue the journal is refused, and the journal can be used further.
fn refuses_misfits(journal: &mut dyn Journal, books: &mut Books) {
    let before = books.clone();
    let good = books.cycle(5);
    books.forget(&before);
    let with = |change: &dyn Fn(&mut Cycle)| {
        let mut cycle = good.clone();
        change(&mut cycle);
        cycle
    };
    let gap = with(&|cycle| cycle.number += 1);
    let again = with(&|cycle| cycle.number -= 1);
    let repeated = with(&|cycle| cycle.blocks.push(Arc::clone(&cycle.blocks[0])));
    let height = with(&|cycle| Arc::make_mut(&mut cycle.blocks[0]).header.height.0 += 1);
    let seq = with(&|cycle| Arc::make_mut(&mut cycle.blocks[0]).header.first_seq.0 += 1);
    for cycle in [gap, again] {
        let error = journal.append(&cycle).unwrap_err();
        assert!(matches!(error, AppendError::Gap { .. }), "{error}");
        assert!(error.leaves_journal_usable());
    }
    for cycle in [repeated, height, seq] {
        let error = journal.append(&cycle).unwrap_err();
        assert!(matches!(error, AppendError::Discontinuous(_)), "{error}");
        assert!(error.leaves_journal_usable());
    }
    assert_eq!(journal.reader().last_cycle() + 1, good.number);
}

/// An erased note is gone by every way there is; all others stay.
fn erases(journal: &mut dyn Journal, cycles: &mut [Cycle]) {
    let reader = journal.reader();
    let mut erased = 0;
    for cycle in cycles.iter_mut().step_by(3) {
        for block in &mut cycle.blocks {
            let Some((seq, _)) = block.notes.first().cloned() else {
                continue;
            };
            let book = block.header.book;
            assert!(reader.note(book, seq).unwrap().is_some());
            assert!(reader.erase_note(book, seq).unwrap());
            assert!(!reader.erase_note(book, seq).unwrap(), "gone already");
            assert_eq!(reader.note(book, seq).unwrap(), None);
            Arc::make_mut(block).notes.remove(0);
            erased += 1;
        }
    }
    assert!(erased > 10);
    assert!(!reader.erase_note(BookId(99), Seq(0)).unwrap());
    reads_all(&reader, cycles);
}

#[test]
fn a_reader_goes_on_when_there_is_more() {
    let disk = SimDisk::new(5);
    let mut journal = embedded(Arc::new(disk), small());
    let mut books = Books::new(5);
    let mut follow = journal.reader().cycles(1);
    for _ in 0..50 {
        assert!(follow.next().is_none());
        let two = [books.cycle(30), books.cycle(30)];
        for cycle in &two {
            journal.append(cycle).unwrap();
        }
        for cycle in &two {
            assert!(*follow.next().unwrap().unwrap() == *cycle);
        }
    }
}

#[test]
fn a_record_of_a_large_block_is_read_without_the_others() {
    let disk = SimDisk::new(6);
    let options = Options {
        cache_bytes: 0,
        ..Options::default()
    };
    let mut journal = embedded(Arc::new(disk.clone()), options);
    let mut books = Books::new(6);
    let cycle = books.cycle_of(&[(1, 1_000), (2, 100), (3, 777)], 5);
    journal.append(&cycle).unwrap();
    let reader = journal.reader();
    for _ in 0..2 {
        for block in &cycle.blocks {
            let book = block.header.book;
            for seq in block.header.seqs() {
                let record = reader.record(book, Seq(seq)).unwrap();
                assert_eq!(record.as_deref(), block.record(Seq(seq)), "{book} {seq}");
            }
            let after = Seq(block.header.seqs().end);
            assert_eq!(reader.record(book, after).unwrap(), None);
        }
    }
    // Some record of the first block, which starts close to the segment's start.
    disk.flip_bit("segment-00000001", 90_000, 3).unwrap();
    let damaged = (0..1_000).filter(|seq| reader.record(BookId(1), Seq(*seq)).is_err());
    assert_eq!(damaged.count(), 64, "those that are read together");
}

#[test]
fn who_follows_close_behind_gets_blocks_with_their_hashes() {
    let disk = SimDisk::new(7);
    let mut journal = embedded(Arc::new(disk.clone()), small());
    let mut books = Books::new(7);
    for number in 1..=20 {
        journal.append(&books.cycle(30)).unwrap();
        let cycle = journal.reader().cycles(number).next().unwrap().unwrap();
        for block in &cycle.blocks {
            assert_eq!(block.hashes.leaves.len(), block.header.count as usize);
        }
    }
    let (book, seq) = (BookId(1), Seq(0));
    journal.reader().erase_note(book, seq).unwrap();
    drop(journal);
    let journal = embedded(Arc::new(disk), small());
    let cycle = journal.reader().cycles(20).next().unwrap().unwrap();
    assert!(
        cycle
            .blocks
            .iter()
            .all(|block| block.hashes.leaves.is_empty())
    );
}
