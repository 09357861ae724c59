//! How long appends take on a real directory, and opening and reading it afterwards.
//!
//! `cargo run --release -p ledgerd-store --example append -- DIRECTORY CYCLES EVENTS BOOKS`. The
//! directory must not exist; it is left behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::block::{Head, OpenBlock};
use ledger::event::TransferPosted;
use ledger::{
    AccountId, AssetId, BatchEntry, BookId, Code, Event, Nanos, Origin, Seq, TransferFlags,
    TransferId,
};
use store::disk::DirDisk;
use store::embedded::{Embedded, Options};
use store::{Cycle, Journal};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("DIRECTORY is missing")?;
    let mut number = |default: u64| args.next().map_or(Ok(default), |text| text.parse());
    let (cycles, events, books) = (number(200)?, number(8_190)?, number(1)?);
    let disk = Arc::new(DirDisk::open(&path)?);
    let (mut journal, _) = Embedded::open(disk.clone(), Options::default(), &mut |_| {})?;
    let mut heads = vec![Head::default(); usize::try_from(books)?];
    let mut times = Vec::new();
    for number in 1..=cycles {
        let cycle = cycle(number, events, &mut heads)?;
        let start = Instant::now();
        journal.append(&cycle)?;
        times.push(start.elapsed());
    }
    Box::new(journal).close()?;
    drop(disk);
    report(&mut times, events * books);
    let start = Instant::now();
    let disk = Arc::new(DirDisk::open(&path)?);
    let (journal, recovered) = Embedded::open(disk, Options::default(), &mut |_| {})?;
    let opened = start.elapsed();
    let read = journal.reader().cycles(1).filter(Result::is_ok).count();
    println!("opened {} cycles in {opened:?}", recovered.last_cycle);
    println!("read {read} of them in {:?}", start.elapsed() - opened);
    Ok(())
}

fn report(times: &mut [Duration], events: u64) {
    let all: Duration = times.iter().sum();
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .unwrap_or_default()
    };
    println!(
        "append of {events} events: p50 {:?}, p99 {:?}, {:.0} events/s",
        at(50),
        at(99),
        times.len() as f64 * events as f64 / all.as_secs_f64()
    );
}

fn cycle(number: u64, events: u64, heads: &mut [Head]) -> Result<Cycle, Failure> {
    let mut blocks = Vec::new();
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
        blocks.push(Arc::new(head.seal(BookId(book), open)?));
    }
    Ok(Cycle { number, blocks })
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
