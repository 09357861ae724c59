//! The log of one book: tiles, and the proofs that are made of them.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::block::{Head, OpenBlock};
use ledger::event::{Records, TransferPosted};
use ledger::{
    AccountId, AssetId, BatchEntry, BookId, Code, Digest, Event, Height, Nanos, Origin, Seq,
    TransferFlags, TransferId, merkle, proof,
};
use loadtest::outcome::Outcome;
use store::disk::{DirDisk, Disk};
use store::embedded::{Embedded, Options};
use store::tiles::{TileBuilder, TileLimits, Tiles};
use store::{Cycle, Journal, Reader};
use verify::head::{self, HeadLeaf};
use verify::range::RangeProof;
use verify::receipt::Receipt;
use verify::sealed_head::SealedHead;

use super::Figures;
use super::chain::Chain;
use crate::ProofsArguments;

const BOOK: BookId = BookId(1);
/// Events that a cycle takes.
const CYCLE: u64 = 8_190;
/// Bytes of records that a verifier gets at once.
const CHUNK: usize = 64 * 1024;

/// A log with its tiles and the seal over it.
struct Log {
    reader: Reader,
    tiles: Tiles,
    sealed: SealedHead,
    size: u64,
}

/// Fills a log, and measures what is made of it.
pub(super) fn run(
    arguments: &ProofsArguments,
    folder: &Path,
    chain: &mut Chain,
    figures: &mut Figures,
) -> Outcome<()> {
    let log = fill(arguments.events, folder, chain, figures)?;
    receipts(arguments, &log, chain, figures)?;
    ranges(arguments, &log, chain, figures)
}

fn fill(events: u64, folder: &Path, chain: &mut Chain, figures: &mut Figures) -> Outcome<Log> {
    let disk: Arc<dyn Disk> = Arc::new(DirDisk::open(folder)?);
    let (mut journal, _) = Embedded::open(Arc::clone(&disk), Options::default(), &mut |_| {})?;
    let limits = TileLimits::default();
    let (mut builder, tiles) = TileBuilder::open(disk, journal.reader(), limits)?;
    let mut head = Head::default();
    let (mut hashing, mut tiling) = (Duration::ZERO, Duration::ZERO);
    let mut number = 0;
    while head.frontier.size() < events {
        number += 1;
        let count = (events - head.frontier.size()).min(CYCLE);
        let open = block(head.frontier.size(), count);
        let start = Instant::now();
        let block = head.seal(BOOK, open)?;
        hashing += start.elapsed();
        let cycle = Cycle {
            number,
            blocks: vec![Arc::new(block)],
        };
        journal.append(&cycle)?;
        let start = Instant::now();
        builder.apply_cycle(&cycle)?;
        builder.work()?;
        tiling += start.elapsed();
    }
    let start = Instant::now();
    builder.sync()?;
    tiling += start.elapsed();
    figures.together("log: events hashed into the tree", events, hashing);
    figures.together("log: events into tiles, synced", events, tiling);
    Ok(Log {
        reader: journal.reader(),
        tiles,
        sealed: seal(chain, events, head.frontier.root())?,
        size: events,
    })
}

fn seal(chain: &mut Chain, size: u64, root: Digest) -> Outcome<SealedHead> {
    let head = HeadLeaf {
        salt: head::salt(&[7; 32], BOOK, size),
        book: BOOK,
        size,
        height: Height(size.div_ceil(CYCLE)),
        root,
        block_hash: Digest::ZERO,
    };
    let row = chain.seal(1, head.hash())?;
    Ok(SealedHead {
        head,
        position: 0,
        path: Vec::new(),
        row,
    })
}

fn receipts(
    arguments: &ProofsArguments,
    log: &Log,
    chain: &Chain,
    figures: &mut Figures,
) -> Outcome<()> {
    let mut random = fastrand::Rng::with_seed(3);
    let times = arguments.proofs;
    let size = log.size;
    figures.each("inclusion: path of any event from tiles", times, |_| {
        let mut view = log.tiles.view(BOOK, size);
        proof::inclusion(&mut view, random.u64(..size), size)?;
        Ok(())
    })?;
    let mut made = Vec::with_capacity(times as usize);
    figures.each("receipt: of any event, checked and encoded", times, |_| {
        let seq = random.u64(..size);
        made.push(log.receipt(seq)?.encode());
        Ok(())
    })?;
    let recent = size.min(10 * CYCLE);
    figures.each("receipt: of a recent event", times, |_| {
        log.receipt(size - 1 - random.u64(..recent))?.encode();
        Ok(())
    })?;
    figures.each("receipt: read and verified", times, |number| {
        let bytes = made.get(number as usize).ok_or("no receipt")?;
        Receipt::decode(bytes)?.verify(chain.keyring())?;
        Ok(())
    })
}

fn ranges(
    arguments: &ProofsArguments,
    log: &Log,
    chain: &Chain,
    figures: &mut Figures,
) -> Outcome<()> {
    let mut random = fastrand::Rng::with_seed(4);
    let (size, length) = (log.size, arguments.range.min(log.size));
    let times = (arguments.proofs / 100).max(1);
    let mut made = Vec::new();
    figures.each("range: proof without events", times, |_| {
        let from = random.u64(..=size - length);
        let mut view = log.tiles.view(BOOK, size);
        let proof = RangeProof::build(&mut view, from..from + length, log.sealed.clone())?;
        made.push(proof.encode());
        Ok(())
    })?;
    figures.each("range: verified without events", times, |number| {
        let bytes = made.get(number as usize).ok_or("no proof")?;
        RangeProof::decode(bytes)?.verify(chain.keyring())?;
        Ok(())
    })?;
    let bytes = made.first().ok_or("no proof")?;
    let proof = RangeProof::decode(bytes)?;
    let mut events = proof.verify(chain.keyring())?.events();
    let records = log.records(proof.lo, proof.hi)?;
    let start = Instant::now();
    for chunk in records.chunks(CHUNK) {
        events.push(chunk)?;
    }
    events.finish()?;
    figures.together(
        "range: events verified by one core",
        length,
        start.elapsed(),
    );
    Ok(())
}

impl Log {
    /// The receipt of an event, made as the daemon makes it: nothing leaves unchecked.
    fn receipt(&self, seq: u64) -> Outcome<Receipt> {
        let record = self.reader.record(BOOK, Seq(seq))?.ok_or("no record")?;
        let mut view = self.tiles.view(BOOK, self.size);
        let path = proof::inclusion(&mut view, seq, self.size)?;
        let root = proof::root_from_inclusion(merkle::leaf(&record), seq, self.size, &path);
        if root != Some(self.sealed.head.root) {
            return Err("a receipt leads to another root".into());
        }
        Ok(Receipt {
            record,
            seq: Seq(seq),
            path,
            sealed: self.sealed.clone(),
        })
    }

    /// The records of these events.
    fn records(&self, from: u64, to: u64) -> Outcome<Vec<u8>> {
        let mut records = Vec::new();
        let mut at = from;
        while at < to {
            let block = self.reader.block_at(BOOK, Seq(at))?.ok_or("no block")?;
            let seqs = block.header.seqs();
            for (record, seq) in Records(&block.events).zip(seqs.clone()) {
                if (from..to).contains(&seq) {
                    records.extend_from_slice(record?);
                }
            }
            at = seqs.end;
        }
        Ok(records)
    }
}

fn block(first: u64, count: u64) -> OpenBlock {
    let mut open = OpenBlock::default();
    for seq in first..first + count {
        open.push(&Event::Transfer(transfer(seq)));
    }
    open.batches.push(BatchEntry {
        origin: Origin::daemon(),
        first: 0,
        count: open.count,
    });
    open
}

fn transfer(seq: u64) -> TransferPosted {
    TransferPosted {
        flags: TransferFlags::NONE,
        code: 1,
        result: Code::Created,
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
    }
}
