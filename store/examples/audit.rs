//! How long rows of the audit log take on a real directory, and opening and reading it afterwards.
//!
//! `cargo run --release -p ledgerd-store --example audit -- DIRECTORY ROWS`. The directory must not
//! exist; it is left behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::Digest;
use store::audit::{AuditLog, AuditOptions, AuditState, Intent};
use store::disk::DirDisk;
use verify::key::{Algorithm, Kid, Signature};
use verify::payload::{Content, Origin, Payload, Seal, Trace};
use verify::row::AuditRow;
use verify::{ChainHead, Micros, Name};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("DIRECTORY is missing")?;
    let rows: u64 = args.next().map_or(Ok(10_000), |text| text.parse())?;
    let (mut log, state) = open(&path)?;
    let (mut intending, mut publishing) = (Vec::new(), Vec::new());
    let mut last = ChainHead::NONE;
    for seq in 1..=rows {
        let intent = intent(&state, last, seq)?;
        let signature = Signature::new(vec![7; 256]).ok_or("no signature")?;
        let row = AuditRow::new(intent.canonical().to_vec(), signature)?;
        let start = Instant::now();
        log.persist_intent(&intent)?;
        intending.push(start.elapsed());
        let start = Instant::now();
        log.publish(&row)?;
        publishing.push(start.elapsed());
        last = row.head();
        log.idle()?;
    }
    report("persisting an intent", &mut intending);
    report("publishing a row", &mut publishing);
    drop(log);
    let start = Instant::now();
    let (log, state) = open(&path)?;
    let took = start.elapsed();
    let found = state.last.map_or(0, |entry| entry.row.seq());
    let each = took.as_secs_f64() * 1e9 / found as f64;
    println!("opened {found} rows in {took:?}: {each:.0} ns each");
    let reader = log.reader();
    let start = Instant::now();
    let read = reader.entries(1).filter(Result::is_ok).count();
    println!("read {read} rows in order in {:?}", start.elapsed());
    let mut looking = Vec::new();
    for at in 0..10_000 {
        let start = Instant::now();
        reader.row(at * 7_919 % rows + 1)?.ok_or("no row")?;
        looking.push(start.elapsed());
    }
    report("reading any row", &mut looking);
    Ok(())
}

fn open(path: &str) -> Result<(AuditLog, AuditState), Failure> {
    let disk = Arc::new(DirDisk::open(path)?);
    Ok(AuditLog::open(disk, AuditOptions::default(), [1; 32])?)
}

fn intent(state: &AuditState, last: ChainHead, seq: u64) -> Result<Intent, Failure> {
    let payload = Payload {
        alg: Algorithm::RsaSha256,
        content: Content::Seal(Seal {
            books: 10_000,
            heads_root: Digest::of(&seq.to_le_bytes()),
            policy_set: Digest::ZERO,
        }),
        lease: state.lease,
        origin: Origin {
            deployment: Name::new("example")?,
            environment: Name::new("production")?,
            epoch: 1,
        },
        prev: (seq > 1).then_some(last.digest),
        seq,
        signer_kid: Kid::new("seal-2026-11")?,
        trace: Trace([1; 16]),
        ts: Micros::new(1_764_000_000_000_000 + seq).ok_or("no time")?,
    };
    Ok(Intent::new(payload.canonical()?, None, seq, Vec::new())?)
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .unwrap_or_default()
    };
    println!("{what}: p50 {:?}, p99 {:?}", at(50), at(99));
}
