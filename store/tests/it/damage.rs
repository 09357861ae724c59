//! Files that were changed by something else than a crash: what is answered to which damage.

use std::collections::BTreeMap;
use std::sync::Arc;

use store::disk::sim::Random;
use store::disk::{Disk, SimDisk};
use store::embedded::frame::{ALIGN, FrameFault, FrameHeader};
use store::embedded::notes::NotesFault;
use store::embedded::{Cut, Embedded, LostSuperblock, OpenError, Options, Recovered, Voucher};
use store::{Cycle, FileName, Journal, Place};

use crate::books::Books;
use crate::contract::{reads_all, small};

/// A journal that was ended, and where its cycles stand.
struct Laid {
    disk: SimDisk,
    cycles: Vec<Cycle>,
    places: Vec<(Place, FrameHeader)>,
}

/// How the journal was ended: whether the superblock vouches for the last cycle.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Ended {
    Closed,
    Killed,
}

impl Laid {
    fn new(ended: Ended) -> Self {
        let disk = SimDisk::new(1);
        let mut books = Books::new(1);
        let mut cycles = Vec::new();
        let (mut journal, _) = open(&disk, small()).unwrap();
        for _ in 0..30 {
            let cycle = books.cycle(40);
            journal.append(&cycle).unwrap();
            cycles.push(cycle);
        }
        // Two books of many events: large enough that a page in its middle can be lost.
        let cycle = books.cycle_of(&[(1, 100), (2, 50)], 3);
        journal.append(&cycle).unwrap();
        cycles.push(cycle);
        match ended {
            Ended::Closed => Box::new(journal).close().unwrap(),
            Ended::Killed => drop(journal),
        }
        let places = places(&disk);
        assert_eq!(places.len(), cycles.len());
        assert!(
            places.last().unwrap().0.file >= FileName::Segment(3),
            "several segments"
        );
        Self {
            disk,
            cycles,
            places,
        }
    }

    fn last(&self) -> (Place, FrameHeader) {
        *self.places.last().unwrap()
    }

    /// The cycle with this index.
    fn at(&self, index: usize) -> (Place, FrameHeader) {
        self.places[index]
    }

    /// The first cycle of more than a page.
    fn large(&self) -> Place {
        let is_large = |(_, header): &&(Place, FrameHeader)| header.extent() > ALIGN;
        self.places.iter().find(is_large).unwrap().0
    }

    fn flip(&self, place: Place, offset: u64) {
        self.disk
            .flip_bit(&place.file.to_string(), place.offset + offset, 3)
            .unwrap();
    }

    fn zero(&self, place: Place, offset: u64, bytes: u64) {
        let name = place.file.to_string();
        self.disk
            .zero(&name, place.offset + offset, bytes as usize)
            .unwrap();
    }

    /// All bytes of all files.
    fn content(&self) -> BTreeMap<String, Vec<u8>> {
        let names = self.disk.list().unwrap().into_iter();
        names
            .map(|name| (name.clone(), content(&self.disk, &name)))
            .collect()
    }
}

fn content(disk: &SimDisk, name: &str) -> Vec<u8> {
    let file = disk.open(name).unwrap();
    let mut bytes = vec![0; file.len().unwrap() as usize];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

fn open(disk: &SimDisk, options: Options) -> Result<(Embedded, Recovered), OpenError> {
    Embedded::open(Arc::new(disk.clone()), options, &mut |_| {})
}

fn places(disk: &SimDisk) -> Vec<(Place, FrameHeader)> {
    let mut places = Vec::new();
    for name in disk.list().unwrap() {
        let Some(file @ FileName::Segment(_)) = FileName::parse(&name) else {
            continue;
        };
        let bytes = content(disk, &name);
        let mut offset = 0;
        while let Some(Ok(header)) = bytes.get(offset..).map(FrameHeader::decode) {
            places.push((
                Place {
                    file,
                    offset: offset as u64,
                },
                header,
            ));
            offset += header.extent() as usize;
        }
    }
    places
}

/// What is to be answered.
enum Answer {
    /// All cycles are there.
    Whole,
    /// All cycles are there, and something that was none was cut.
    WholeAndCut,
    /// All cycles but the last are there, which was cut.
    LastCut,
    /// All cycles but the last are there; nothing is left of it.
    LastGone,
    /// Refused, for this reason.
    Refused(fn(&Laid, &OpenError) -> bool),
}

type Damage = fn(&Laid);

fn check(rows: &[(&str, Ended, Damage, Answer)]) {
    for (what, ended, damage, answer) in rows {
        let laid = Laid::new(*ended);
        damage(&laid);
        let before = laid.content();
        let opened = open(&laid.disk, small());
        let all = laid.cycles.len();
        let (cycles, is_cut) = match (answer, opened) {
            (Answer::Refused(is_right), Err(error)) => {
                assert!(is_right(&laid, &error), "{what}: {error:?}");
                assert!(
                    laid.content() == before,
                    "{what}: a refused journal was changed"
                );
                continue;
            }
            (Answer::Refused(_), Ok(_)) => panic!("{what}: not refused"),
            (_, Err(error)) => panic!("{what}: {error}"),
            (Answer::Whole, Ok(opened)) => (check_opened(opened, &laid, all, what), false),
            (Answer::WholeAndCut, Ok(opened)) => (check_opened(opened, &laid, all, what), true),
            (Answer::LastCut, Ok(opened)) => (check_opened(opened, &laid, all - 1, what), true),
            (Answer::LastGone, Ok(opened)) => (check_opened(opened, &laid, all - 1, what), false),
        };
        assert_eq!(cycles.is_some(), is_cut, "{what}: {cycles:?}");
    }
}

/// The journal holds the first `cycles` and goes on from there, also after the next start.
fn check_opened(
    (mut journal, recovered): (Embedded, Recovered),
    laid: &Laid,
    cycles: usize,
    what: &str,
) -> Option<Cut> {
    assert_eq!(recovered.last_cycle, cycles as u64, "{what}");
    let mut cycles = laid.cycles[..cycles].to_vec();
    reads_all(&journal.reader(), &cycles);
    let mut books = Books::new(77);
    for cycle in &cycles {
        books.remember(cycle);
    }
    let next = books.cycle(20);
    journal.append(&next).unwrap();
    cycles.push(next);
    drop(journal);
    let (journal, again) = open(&laid.disk, small()).unwrap();
    assert_eq!(again.cut, None, "{what}");
    reads_all(&journal.reader(), &cycles);
    recovered.cut
}

fn is_damaged(laid: &Laid, error: &OpenError, index: usize) -> bool {
    let text = error.to_string();
    let (right, header) = laid.at(index);
    assert!(text.contains(&right.file.to_string()) && text.contains(&right.offset.to_string()));
    matches!(error, OpenError::Damaged { place, cycle, .. }
        if *place == right && *cycle == header.number)
}

fn is_missing(laid: &Laid, error: &OpenError, index: usize, by_superblock: bool) -> bool {
    let (right, header) = laid.at(index);
    matches!(error, OpenError::Missing { place, cycle, voucher }
        if *place == right && *cycle == header.number
        && (*voucher == Voucher::Superblock) == by_superblock)
}

#[test]
fn a_cycle_that_was_changed_is_refused() {
    let last = |laid: &Laid, error: &OpenError| is_damaged(laid, error, laid.cycles.len() - 1);
    let fifth = |laid: &Laid, error: &OpenError| is_damaged(laid, error, 4);
    check(&[
        (
            "bit in the magic",
            Ended::Killed,
            |l| l.flip(l.last().0, 0),
            Answer::Refused(last),
        ),
        (
            "bit in the header",
            Ended::Killed,
            |l| l.flip(l.last().0, 17),
            Answer::Refused(last),
        ),
        (
            "bit in a prelude",
            Ended::Killed,
            |l| l.flip(l.last().0, 92),
            Answer::Refused(last),
        ),
        (
            "bit in a block",
            Ended::Killed,
            |l| l.flip(l.last().0, 130),
            Answer::Refused(last),
        ),
        (
            "bit in events",
            Ended::Closed,
            |l| l.flip(l.last().0, 9_000),
            Answer::Refused(last),
        ),
        (
            "bit in the padding",
            Ended::Killed,
            |l| l.flip(l.last().0, l.last().1.extent() - 1),
            Answer::Refused(last),
        ),
        (
            "bit in an older cycle",
            Ended::Killed,
            |l| l.flip(l.at(4).0, 300),
            Answer::Refused(fifth),
        ),
        (
            "an older cycle in place of another",
            Ended::Killed,
            |l| {
                let (from, to) = (l.at(1).0, l.at(4).0);
                let bytes = content(&l.disk, &from.file.to_string());
                let bytes = &bytes[from.offset as usize..][..l.at(1).1.extent() as usize];
                l.disk
                    .overwrite(&to.file.to_string(), to.offset, bytes)
                    .unwrap();
            },
            Answer::Refused(fifth),
        ),
    ]);
}

#[test]
fn an_incomplete_cycle_is_cut_unless_something_vouches_for_it() {
    let vouched =
        |laid: &Laid, error: &OpenError| is_missing(laid, error, laid.cycles.len() - 1, true);
    let later = |laid: &Laid, error: &OpenError| is_missing(laid, error, 27, false);
    let superblock = |laid: &Laid, error: &OpenError| is_missing(laid, error, 4, true);
    let page: Damage = |l| l.zero(l.last().0, 2 * ALIGN, ALIGN);
    let sector: Damage = |l| l.zero(l.last().0, 512 * 9, 512);
    let header: Damage = |l| l.zero(l.last().0, 0, 512);
    let all: Damage = |l| l.zero(l.last().0, 0, l.last().1.extent());
    check(&[
        ("page of the last", Ended::Killed, page, Answer::LastCut),
        ("sector of the last", Ended::Killed, sector, Answer::LastCut),
        ("header of the last", Ended::Killed, header, Answer::LastCut),
        ("all of the last", Ended::Killed, all, Answer::LastGone),
        (
            "page of the last",
            Ended::Closed,
            page,
            Answer::Refused(vouched),
        ),
        (
            "sector of the last",
            Ended::Closed,
            sector,
            Answer::Refused(vouched),
        ),
        (
            "header of the last",
            Ended::Closed,
            header,
            Answer::Refused(vouched),
        ),
        (
            "all of the last",
            Ended::Closed,
            all,
            Answer::Refused(vouched),
        ),
        (
            "header of one that others follow",
            Ended::Killed,
            |l| l.zero(l.at(27).0, 0, 512),
            Answer::Refused(later),
        ),
        (
            "all of one that others follow",
            Ended::Killed,
            |l| l.zero(l.at(27).0, 0, l.at(27).1.extent()),
            Answer::Refused(later),
        ),
        (
            "sector of one in an older segment",
            Ended::Killed,
            |l| l.zero(l.at(4).0, 512, 512),
            Answer::Refused(superblock),
        ),
        (
            "bit where nothing was written yet",
            Ended::Closed,
            |l| l.flip(l.last().0, l.last().1.extent() + 700),
            Answer::WholeAndCut,
        ),
    ]);
}

#[test]
fn files_that_are_gone_or_cut_short_are_refused() {
    let missing = |laid: &Laid, error: &OpenError| match error {
        OpenError::MissingFile(file) => laid.disk.open(&file.to_string()).is_err(),
        _ => false,
    };
    let length = |laid: &Laid, error: &OpenError| matches!(error, OpenError::Length { file, .. } if *file == laid.last().0.file);
    let short = |laid: &Laid, error: &OpenError| {
        matches!(error, OpenError::Damaged { place, fault: FrameFault::Short { .. }, .. }
            if place.file == FileName::Segment(1))
            && error.to_string().contains(&laid.at(0).0.file.to_string())
    };
    let gone = |_: &Laid, error: &OpenError| {
        matches!(
            error,
            OpenError::Missing {
                voucher: Voucher::Later(_),
                ..
            }
        )
    };
    check(&[
        (
            "an older segment",
            Ended::Killed,
            |l| l.disk.remove("segment-00000002").unwrap(),
            Answer::Refused(missing),
        ),
        (
            "the first segment",
            Ended::Killed,
            |l| l.disk.remove("segment-00000001").unwrap(),
            Answer::Refused(missing),
        ),
        (
            "the segment in use",
            Ended::Killed,
            |l| l.disk.remove(&l.last().0.file.to_string()).unwrap(),
            Answer::Refused(|_, error| {
                matches!(error, OpenError::MissingFile(FileName::Segment(_)))
            }),
        ),
        (
            "the segment in use, cut where nothing was written",
            Ended::Killed,
            |l| {
                let len = l.last().0.offset + l.last().1.extent();
                l.disk.truncate(&l.last().0.file.to_string(), len).unwrap();
            },
            Answer::Refused(length),
        ),
        (
            "the first segment, cut inside a cycle",
            Ended::Closed,
            |l| {
                l.disk
                    .truncate("segment-00000001", l.large().offset + ALIGN)
                    .unwrap()
            },
            Answer::Refused(short),
        ),
        (
            "the first segment, cut between cycles",
            Ended::Closed,
            |l| {
                l.disk
                    .truncate("segment-00000001", l.at(2).0.offset)
                    .unwrap()
            },
            Answer::Refused(gone),
        ),
        (
            "two segments in each other's place",
            Ended::Closed,
            |l| {
                l.disk.rename("segment-00000001", "x").unwrap();
                l.disk
                    .rename("segment-00000002", "segment-00000001")
                    .unwrap();
                l.disk.rename("x", "segment-00000002").unwrap();
            },
            Answer::Refused(gone),
        ),
    ]);
}

#[test]
fn one_copy_of_the_superblock_is_enough_and_none_is_refused() {
    let lost = |_: &Laid, error: &OpenError| matches!(error, OpenError::SuperblockLost);
    check(&[
        (
            "one copy",
            Ended::Closed,
            |l| l.disk.zero("superblock", 0, 4_096).unwrap(),
            Answer::Whole,
        ),
        (
            "the other copy",
            Ended::Closed,
            |l| l.disk.flip_bit("superblock", 4_096 + 40, 1).unwrap(),
            Answer::Whole,
        ),
        (
            "both copies",
            Ended::Closed,
            |l| l.disk.zero("superblock", 0, 8_192).unwrap(),
            Answer::Refused(lost),
        ),
        (
            "the file",
            Ended::Closed,
            |l| l.disk.remove("superblock").unwrap(),
            Answer::Refused(lost),
        ),
        (
            "the file's content",
            Ended::Killed,
            |l| l.disk.truncate("superblock", 0).unwrap(),
            Answer::Refused(lost),
        ),
    ]);
}

#[test]
fn an_operator_may_have_the_superblock_rebuilt() {
    let laid = Laid::new(Ended::Closed);
    laid.disk.remove("superblock").unwrap();
    let options = Options {
        superblock: LostSuperblock::Rebuild,
        ..small()
    };
    let opened = open(&laid.disk, options).unwrap();
    assert_eq!(opened.1.superblock_copies, 0);
    assert_eq!(
        check_opened(opened, &laid, laid.cycles.len(), "rebuilt"),
        None
    );
}

#[test]
fn an_empty_journal_needs_no_superblock() {
    for damage in [
        |disk: &SimDisk| disk.remove("superblock").unwrap(),
        |disk: &SimDisk| {
            disk.truncate("segment-00000001", 100).unwrap();
            disk.truncate("notes-00000001", 0).unwrap();
            disk.zero("superblock", 0, 8_192).unwrap();
        },
    ] {
        let disk = SimDisk::new(2);
        drop(open(&disk, small()).unwrap());
        damage(&disk);
        let (mut journal, recovered) = open(&disk, small()).unwrap();
        assert_eq!(recovered.last_cycle, 0);
        journal.append(&Books::new(2).cycle(9)).unwrap();
    }
}

#[test]
fn damaged_notes_are_refused() {
    fn extent(l: &Laid) -> (String, u64) {
        let notes = l
            .places
            .iter()
            .find_map(|(_, header)| header.notes)
            .unwrap();
        (FileName::Notes(notes.file).to_string(), notes.offset)
    }
    fn is(error: &OpenError, is_right: fn(&NotesFault) -> bool) -> bool {
        matches!(error, OpenError::DamagedNotes { fault, .. } if is_right(fault))
    }
    fn flip(l: &Laid, at: u64) {
        let (file, offset) = extent(l);
        l.disk.flip_bit(&file, offset + at, 2).unwrap();
    }
    check(&[
        (
            "mark",
            Ended::Closed,
            |l| flip(l, 0),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::Mark { .. }))),
        ),
        (
            "header",
            Ended::Closed,
            |l| flip(l, 13),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::HeaderCrc { .. }))),
        ),
        (
            "content",
            Ended::Closed,
            |l| flip(l, 30),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::ContentCrc { .. }))),
        ),
        (
            "file",
            Ended::Killed,
            |l| l.disk.remove(&extent(l).0).unwrap(),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::Missing))),
        ),
        (
            "end of the file",
            Ended::Killed,
            |l| l.disk.truncate(&extent(l).0, 100).unwrap(),
            Answer::Refused(|_, e| is(e, |f| matches!(f, NotesFault::Extent))),
        ),
    ]);
}

/// Whatever single bit flips, no cycle reads back differently: it is refused, or nothing is lost.
#[test]
fn no_flipped_bit_goes_unseen() {
    let mut refused = 0;
    for seed in 0..60 {
        let laid = Laid::new(Ended::Closed);
        let mut random = Random::new(seed);
        let names: Vec<String> = laid.disk.list().unwrap();
        let name = &names[random.below(names.len() as u64) as usize];
        let bytes = content(&laid.disk, name).len() as u64;
        laid.disk
            .flip_bit(name, random.below(bytes), random.below(8) as u8)
            .unwrap();
        match open(&laid.disk, small()) {
            Ok((journal, _)) => reads_all(&journal.reader(), &laid.cycles),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 20, "{refused}");
}

/// A reader that meets damage which came after the start says so.
#[test]
fn a_reader_says_where_the_damage_is() {
    let laid = Laid::new(Ended::Closed);
    let options = Options {
        cache_bytes: 0,
        ..small()
    };
    let (journal, _) = open(&laid.disk, options).unwrap();
    let reader = journal.reader();
    let (place, header) = laid.at(3);
    laid.flip(place, 400);
    let error = reader
        .cycles(header.number)
        .next()
        .unwrap()
        .unwrap_err()
        .to_string();
    assert!(error.contains(&place.file.to_string()), "{error}");
    let block = &laid.cycles[3].blocks[0].header;
    assert!(reader.block_at(block.book, block.first_seq).is_err());
    assert!(reader.cycles(header.number + 1).next().unwrap().is_ok());
}
