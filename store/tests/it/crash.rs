//! A disk that loses power at any moment: what was acknowledged is there afterwards, byte for byte,
//! and nothing else but at most the cycle that was on its way, whole.
//!
//! `LEDGERD_SEED` runs one seed alone; a failure names it.

use std::io::{self, IoSlice};
use std::sync::Arc;

use ledger::{BookId, Seq};
use store::disk::sim::Random;
use store::disk::{Disk, File, SimDisk};
use store::embedded::{Embedded, OpenError};
use store::snapshot::{SnapshotWriter, newest_complete};
use store::{Cycle, Journal};

use crate::books::Books;
use crate::contract::small;

const SEEDS: u64 = 60;
/// Lives of one disk, each ended by a power loss or a kill.
const LIVES: u64 = 8;

/// How the disk of a run lies to the journal, if it does.
pub(crate) type Wrap = fn(SimDisk) -> Arc<dyn Disk>;

pub(crate) fn honest(disk: SimDisk) -> Arc<dyn Disk> {
    Arc::new(disk)
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_else_appears() {
    let (mut appended, mut cuts) = (0, 0);
    for seed in seeds() {
        let run = Run::new(seed, honest).lives();
        let run = run.unwrap_or_else(|loss| panic!("LEDGERD_SEED={seed}: {loss}"));
        appended += run.acknowledged.len();
        cuts += run.cuts;
    }
    if std::env::var("LEDGERD_SEED").is_err() {
        assert!(
            appended > 1_200,
            "{appended} cycles are too few to show anything"
        );
        assert!(cuts > 20, "{cuts} cuts are too few to show anything");
    }
}

#[test]
fn a_journal_that_does_not_sync_is_caught() {
    let caught = (0..30)
        .filter(|seed| Run::new(*seed, unsynced).lives().is_err())
        .count();
    assert!(
        caught > 20,
        "only {caught} of 30 runs without a sync were caught"
    );
}

#[test]
fn a_journal_that_does_not_sync_names_is_caught() {
    let caught = (0..30)
        .filter(|seed| Run::new(*seed, nameless).lives().is_err())
        .count();
    assert!(
        caught > 10,
        "only {caught} of 30 runs without a sync of names were caught"
    );
}

fn seeds() -> Vec<u64> {
    match std::env::var("LEDGERD_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (0..SEEDS).collect(),
    }
}

/// What a run found that must not be.
#[derive(Debug)]
enum Loss {
    Refused(OpenError),
    Fewer { acknowledged: usize, found: usize },
    More { acknowledged: usize, found: usize },
    Other { cycle: u64 },
    NoteBack { book: BookId, seq: Seq },
    Snapshot { told: u64, found: Option<u64> },
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "refused: {error}"),
            Self::Fewer {
                acknowledged,
                found,
            } => write!(f, "{acknowledged} cycles acknowledged, {found} found"),
            Self::More {
                acknowledged,
                found,
            } => write!(f, "{found} cycles found, {acknowledged} acknowledged"),
            Self::Other { cycle } => write!(f, "cycle {cycle} is not what it was"),
            Self::NoteBack { book, seq } => write!(f, "erased note {seq} of book {book} is back"),
            Self::Snapshot { told, found } => {
                write!(f, "snapshot {told} is lost, newest is {found:?}")
            }
        }
    }
}

struct Run {
    random: Random,
    disk: SimDisk,
    wrap: Wrap,
    books: Books,
    acknowledged: Vec<Cycle>,
    in_flight: Option<Cycle>,
    /// The note whose erasure was under way.
    erasing: Option<(BookId, Seq)>,
    snapshot: u64,
    cuts: usize,
}

impl Run {
    fn new(seed: u64, wrap: Wrap) -> Self {
        Self {
            random: Random::new(seed ^ 0x5eed),
            disk: SimDisk::new(seed),
            wrap,
            books: Books::new(seed),
            acknowledged: Vec::new(),
            in_flight: None,
            erasing: None,
            snapshot: 0,
            cuts: 0,
        }
    }

    fn lives(mut self) -> Result<Self, Loss> {
        for _ in 0..LIVES {
            let now = self.disk.operations();
            self.disk.fail_power_at(now + 1 + self.random.below(120));
            if self.random.one_in(4) {
                self.disk.fail_sync_after(self.random.below(40));
            }
            self.live()?;
            // A process that is killed leaves what it wrote in memory, synced or not.
            self.disk = if self.random.one_in(3) {
                self.disk.process_end()
            } else {
                self.disk.power_loss()
            };
        }
        let end = self.open()?.map(drop);
        assert!(end.is_some(), "the last life has power");
        Ok(self)
    }

    /// Opens and appends until power or a sync fails.
    fn live(&mut self) -> Result<(), Loss> {
        let Some(mut journal) = self.open()? else {
            return Ok(());
        };
        let mut snapshot: Option<(SnapshotWriter, u64)> = None;
        loop {
            let before = self.books.clone();
            let cycle = self.books.cycle(30);
            match journal.append(&cycle) {
                Ok(()) => self.acknowledged.push(cycle),
                Err(error) => {
                    assert!(!error.leaves_journal_usable(), "{error}");
                    assert!(journal.append(&cycle).is_err(), "poisoned");
                    assert!(!journal.room().has(store::Need::of_cycle(&cycle)));
                    self.books.forget(&before);
                    self.in_flight = Some(cycle);
                    return Ok(());
                }
            }
            if self.random.one_in(5) && journal.idle().is_err() {
                return Ok(());
            }
            if self.random.one_in(4) && self.erase(&journal).is_err() {
                return Ok(());
            }
            if self.random.one_in(4) && self.snapshot(&mut snapshot, &mut journal).is_err() {
                return Ok(());
            }
        }
    }

    /// The journal, once it has been compared with what was acknowledged; `None` if power failed.
    fn open(&mut self) -> Result<Option<Embedded>, Loss> {
        let disk = (self.wrap)(self.disk.clone());
        let (journal, recovered) = match Embedded::open(disk, small(), &mut |_| {}) {
            Ok(opened) => opened,
            Err(OpenError::Io { .. } | OpenError::List(_)) => return Ok(None),
            Err(error) => return Err(Loss::Refused(error)),
        };
        self.cuts += usize::from(recovered.cut.is_some());
        self.compare(&journal)?;
        if recovered.snapshots.first().copied().unwrap_or(0) < self.snapshot {
            let found = recovered.snapshots.first().copied();
            return Err(Loss::Snapshot {
                told: self.snapshot,
                found,
            });
        }
        Ok(Some(journal))
    }

    fn compare(&mut self, journal: &Embedded) -> Result<(), Loss> {
        let reader = journal.reader();
        let found: Vec<Arc<Cycle>> = reader.cycles(1).map(Result::unwrap).collect();
        let acknowledged = self.acknowledged.len();
        if found.len() < acknowledged {
            return Err(Loss::Fewer {
                acknowledged,
                found: found.len(),
            });
        }
        if let Some(cycle) = self.in_flight.take()
            && found.len() > acknowledged
        {
            // It was written whole after all: from now on it counts.
            self.books.remember(&cycle);
            self.acknowledged.push(cycle);
        }
        if found.len() > self.acknowledged.len() {
            return Err(Loss::More {
                acknowledged,
                found: found.len(),
            });
        }
        self.settle_erasure(&found);
        for (found, cycle) in found.iter().zip(&self.acknowledged) {
            if **found != *cycle {
                return Err(self.difference(found, cycle));
            }
        }
        Ok(())
    }

    /// An erasure that was under way has happened, or it has not.
    fn settle_erasure(&mut self, found: &[Arc<Cycle>]) {
        let Some((book, seq)) = self.erasing.take() else {
            return;
        };
        let holds = |cycle: &Cycle| {
            cycle.blocks.iter().any(|block| {
                block.header.book == book && block.notes.iter().any(|(at, _)| *at == seq)
            })
        };
        if !found.iter().any(|cycle| holds(cycle)) {
            forget_note(&mut self.acknowledged, book, seq);
        }
    }

    fn difference(&self, found: &Cycle, cycle: &Cycle) -> Loss {
        for (found, block) in found.blocks.iter().zip(&cycle.blocks) {
            if found.notes.len() > block.notes.len() {
                let seq = found.notes[0].0;
                return Loss::NoteBack {
                    book: block.header.book,
                    seq,
                };
            }
        }
        Loss::Other {
            cycle: cycle.number,
        }
    }

    fn erase(&mut self, journal: &Embedded) -> Result<(), ()> {
        let cycle = self.random.below(self.acknowledged.len() as u64) as usize;
        let noted = self.acknowledged[cycle]
            .blocks
            .iter()
            .find(|block| !block.notes.is_empty());
        let Some(block) = noted else { return Ok(()) };
        let (book, seq) = (block.header.book, block.notes[0].0);
        self.erasing = Some((book, seq));
        assert!(journal.reader().erase_note(book, seq).map_err(drop)?);
        self.erasing = None;
        forget_note(&mut self.acknowledged, book, seq);
        Ok(())
    }

    fn snapshot(
        &mut self,
        writer: &mut Option<(SnapshotWriter, u64)>,
        journal: &mut Embedded,
    ) -> Result<(), ()> {
        let last = self.acknowledged.len() as u64;
        let disk = (self.wrap)(self.disk.clone());
        match writer.take() {
            None => {
                let begun = SnapshotWriter::begin(disk, last).map_err(drop)?;
                *writer = Some((begun, last));
            }
            Some((mut begun, begin)) if self.random.one_in(2) => {
                begun.chunk(&content(begin)).map_err(drop)?;
                *writer = Some((begun, begin));
            }
            Some((mut begun, begin)) => {
                begun.chunk(&content(begin)).map_err(drop)?;
                begun.finish(last).map_err(drop)?;
                self.snapshot = last;
                journal.snapshot_taken(last);
                let newest = newest_complete(&*disk, last).unwrap().unwrap();
                assert_eq!((newest.begin_cycle, newest.end_cycle), (begin, last));
                for chunk in newest.chunks() {
                    assert_eq!(chunk.unwrap(), content(begin));
                }
            }
        }
        Ok(())
    }
}

fn content(begin: u64) -> Vec<u8> {
    vec![begin as u8; 700]
}

fn forget_note(cycles: &mut [Cycle], book: BookId, seq: Seq) {
    for block in cycles.iter_mut().flat_map(|cycle| &mut cycle.blocks) {
        if block.header.book == book && block.notes.iter().any(|(at, _)| *at == seq) {
            Arc::make_mut(block).notes.retain(|(at, _)| *at != seq);
        }
    }
}

/// Where a disk forgets its duty.
#[derive(Clone, Copy)]
struct Forgets {
    sync: bool,
    sync_names: bool,
}

pub(crate) fn unsynced(disk: SimDisk) -> Arc<dyn Disk> {
    Arc::new(Careless {
        disk,
        forgets: Forgets {
            sync: true,
            sync_names: false,
        },
    })
}

pub(crate) fn nameless(disk: SimDisk) -> Arc<dyn Disk> {
    Arc::new(Careless {
        disk,
        forgets: Forgets {
            sync: false,
            sync_names: true,
        },
    })
}

/// A disk as a journal would see it that leaves out its syncs.
struct Careless {
    disk: SimDisk,
    forgets: Forgets,
}

struct CarelessFile {
    file: Arc<dyn File>,
    forgets: Forgets,
}

impl Careless {
    fn wrap(&self, file: Arc<dyn File>) -> Arc<dyn File> {
        Arc::new(CarelessFile {
            file,
            forgets: self.forgets,
        })
    }
}

impl Disk for Careless {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        Ok(self.wrap(self.disk.open(name)?))
    }

    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn File>> {
        Ok(self.wrap(self.disk.create(name, len)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.disk.list()
    }

    fn sync_names(&self) -> io::Result<()> {
        if self.forgets.sync_names {
            Ok(())
        } else {
            self.disk.sync_names()
        }
    }
}

impl File for CarelessFile {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buf, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn write_all_vectored_at(&self, parts: &[IoSlice<'_>], offset: u64) -> io::Result<()> {
        self.file.write_all_vectored_at(parts, offset)
    }

    fn sync(&self) -> io::Result<()> {
        if self.forgets.sync {
            Ok(())
        } else {
            self.file.sync()
        }
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
}
