//! Files that were changed by something else than a crash: what is answered to which damage.

mod cycles;
mod files;
mod notes;

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
