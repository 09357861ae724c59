//! What tiles cost while a journal grows, and how fast proofs come out of them afterwards.
//!
//! `cargo run --release -p ledgerd-store --example tiles -- DIRECTORY CYCLES EVENTS BOOKS`. The
//! directory must not exist; it is left behind. 1,222 cycles of 8,190 events in one book are ten
//! million leaves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::block::{Head, OpenBlock};
use ledger::event::TransferPosted;
use ledger::{
    AccountId, AssetId, BatchEntry, BookId, Code, Event, Nanos, Origin, Seq, TransferFlags,
    TransferId, merkle, proof,
};
use store::disk::sim::Random;
use store::disk::{DirDisk, Disk};
use store::embedded::{Embedded, Options};
use store::tiles::{TileBuilder, TileLimits, Tiles};
use store::{Cycle, Journal, Reader};

type Failure = Box<dyn std::error::Error>;

/// Proofs that are timed.
const PROOFS: u64 = 50_000;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("DIRECTORY is missing")?;
    let mut number = |default: u64| args.next().map_or(Ok(default), |text| text.parse());
    let (cycles, events, books) = (number(200)?, number(8_190)?, number(1)?);
    let disk: Arc<dyn Disk> = Arc::new(DirDisk::open(&path)?);
    let (mut journal, _) = Embedded::open(Arc::clone(&disk), Options::default(), &mut |_| {})?;
    let limits = TileLimits::default();
    let (mut builder, tiles) = TileBuilder::open(Arc::clone(&disk), journal.reader(), limits)?;
    let mut heads = vec![Head::default(); usize::try_from(books)?];
    let (mut sealing, mut tiling) = (Duration::ZERO, Duration::ZERO);
    for number in 1..=cycles {
        let (cycle, took) = cycle(number, events, &mut heads)?;
        sealing += took;
        journal.append(&cycle)?;
        let start = Instant::now();
        builder.apply_cycle(&cycle)?;
        builder.work()?;
        tiling += start.elapsed();
    }
    let start = Instant::now();
    builder.sync()?;
    tiling += start.elapsed();
    let leaves = cycles * events * books;
    let each = |took: Duration| took.as_secs_f64() * 1e9 / leaves as f64;
    println!(
        "{leaves} leaves: sealed at {:.1} ns each, writes excluded",
        each(sealing)
    );
    println!(
        "tiles: {:.1} ns a leaf, writes and syncs included",
        each(tiling)
    );
    println!(
        "tiles: {:.2} bytes a leaf",
        bytes(&*disk)? as f64 / leaves as f64
    );
    println!("tiles: {} bytes of edges in memory", tiles.edge_bytes());
    drop(builder);
    let start = Instant::now();
    let (builder, tiles) = TileBuilder::open(disk, journal.reader(), limits)?;
    println!("opened {builder:?} in {:?}", start.elapsed());
    prove(&tiles, &journal.reader(), &heads)
}

fn bytes(disk: &dyn Disk) -> Result<u64, Failure> {
    let mut bytes = 0;
    for name in disk
        .list()?
        .iter()
        .filter(|name| name.starts_with("tiles-"))
    {
        bytes += disk.open(name)?.len()?;
    }
    Ok(bytes)
}

fn prove(tiles: &Tiles, reader: &Reader, heads: &[Head]) -> Result<(), Failure> {
    let mut random = Random::new(1);
    let mut pick = || {
        let book = random.below(heads.len() as u64);
        let size = heads
            .get(book as usize)
            .map_or(0, |head| head.frontier.size());
        (BookId(book as u32 + 1), random.below(size), size)
    };
    time("inclusion of any leaf", PROOFS, || {
        let (book, leaf, size) = pick();
        proof::inclusion(&mut tiles.view(book, size), leaf, size)?;
        Ok(())
    })?;
    time("inclusion of one of the last leaves", PROOFS, || {
        let (book, leaf, size) = pick();
        let leaf = size - 1 - leaf % 8_190.min(size);
        proof::inclusion(&mut tiles.view(book, size), leaf, size)?;
        Ok(())
    })?;
    time("consistency with any size", PROOFS, || {
        let (book, old, size) = pick();
        proof::consistency(&mut tiles.view(book, size), old + 1, size)?;
        Ok(())
    })?;
    time("range of 1,000,000 leaves", 200, || {
        let (book, lo, size) = pick();
        let hi = (lo + 1_000_000).min(size);
        proof::range(&mut tiles.view(book, size), lo..hi, size)?;
        Ok(())
    })?;
    let touch = |blocks: u64| {
        // Blocks are read whole once.
        for (book, head) in (1..).zip(heads) {
            for at in 0..blocks {
                let seq = Seq(head.frontier.size() * at / blocks);
                reader.record(BookId(book), seq)?;
            }
        }
        Ok::<(), Failure>(())
    };
    touch(2_000)?;
    time(
        "inclusion of any leaf, with its record, verified",
        PROOFS / 10,
        || {
            let (book, leaf, size) = pick();
            let record = reader.record(book, Seq(leaf))?.ok_or("no record")?;
            let path = proof::inclusion(&mut tiles.view(book, size), leaf, size)?;
            let root = proof::root_from_inclusion(merkle::leaf(&record), leaf, size, &path);
            let head = heads
                .get(book.0 as usize - 1)
                .map(|head| head.frontier.root());
            (root == head).then_some(()).ok_or("another root")?;
            Ok(())
        },
    )
}

fn time(
    what: &str,
    times: u64,
    mut run: impl FnMut() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut took = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        run()?;
        took.push(start.elapsed());
    }
    took.sort_unstable();
    let all: Duration = took.iter().sum();
    let at = |part: usize| {
        took.get(took.len() * part / 100)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "{what}: {:.0}/s, p50 {:?}, p99 {:?}",
        times as f64 / all.as_secs_f64(),
        at(50),
        at(99)
    );
    Ok(())
}

fn cycle(number: u64, events: u64, heads: &mut [Head]) -> Result<(Cycle, Duration), Failure> {
    let mut blocks = Vec::new();
    let mut sealing = Duration::ZERO;
    for (head, book) in heads.iter_mut().zip(1..) {
        let mut open = OpenBlock::default();
        let first = head.frontier.size();
        for seq in first..first + events {
            open.push(&Event::Transfer(transfer(seq)?));
        }
        open.batches.push(BatchEntry {
            origin: Origin::daemon(),
            first: 0,
            count: open.count,
        });
        let start = Instant::now();
        blocks.push(Arc::new(head.seal(BookId(book), open)?));
        sealing += start.elapsed();
    }
    Ok((Cycle { number, blocks }, sealing))
}

fn transfer(seq: u64) -> Result<TransferPosted, Failure> {
    Ok(TransferPosted {
        flags: TransferFlags(0),
        code: 1,
        result: Code::from_number(0).ok_or("code 0")?,
        asset: AssetId(1),
        timeout: 0,
        seq: Seq(seq),
        posted_at: Nanos(seq),
        effective_at: Nanos(seq),
        user_data: 0,
        debit_seq: seq,
        credit_seq: seq,
        id: TransferId(u128::from(seq) + 1),
        debit: AccountId(1),
        credit: AccountId(2),
        amount: 100,
        requested: 100,
        released: 0,
        target: TransferId(0),
        commitments: None,
    })
}
