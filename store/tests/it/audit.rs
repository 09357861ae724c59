//! The audit log keeps one chain, whatever becomes of the process and the disk.

mod chain;
mod crash;
mod damage;

use std::sync::Arc;

use store::audit::{AuditError, AuditLog, AuditOptions, AuditState};
use store::disk::{DirDisk, Disk, SimDisk};
use verify::ChainHead;
use verify::row::AuditRow;

use chain::{Chain, add, head, row};

const SECRET: [u8; 32] = [5; 32];

/// Segments that a few rows fill.
fn small() -> AuditOptions {
    AuditOptions {
        segment_bytes: 64 << 10,
    }
}

fn open(disk: &SimDisk) -> (AuditLog, AuditState) {
    try_open(disk).unwrap()
}

fn try_open(disk: &SimDisk) -> Result<(AuditLog, AuditState), AuditError> {
    AuditLog::open(Arc::new(disk.clone()), small(), SECRET)
}

#[test]
fn rows_are_read_as_they_were_published() {
    let disk = SimDisk::new(1);
    let (mut log, state) = open(&disk);
    assert_eq!((state.lease, state.secret), (1, SECRET));
    assert_eq!((&state.last, state.unpublished.len()), (&None, 0));
    let mut chain = Chain::of(&state);
    let reader = log.reader();
    let mut follower = reader.entries(1);
    let mut rows: Vec<AuditRow> = Vec::new();
    let mut intents = Vec::new();
    // More rows than a segment holds, up to five of them in flight.
    for round in 0..400u64 {
        let intent = if round % 23 == 7 {
            chain.action(200 + round as usize)
        } else {
            chain.seal(round)
        };
        log.persist_intent(&intent).unwrap();
        intents.push(intent);
        if round % 5 == 4 {
            for intent in &intents[rows.len()..] {
                assert_eq!(reader.row(intent.seq()).unwrap(), None, "not published");
                let row = row(intent);
                log.publish(&row).unwrap();
                rows.push(row);
                assert_eq!(follower.next().unwrap().unwrap().row, *rows.last().unwrap());
                assert!(follower.next().is_none());
            }
        }
    }
    assert!(disk.list().unwrap().len() > 8);
    assert_eq!(reader.last(), Some(rows[399].head()));
    reads_all(&log, &rows, &intents);
    drop(log);
    let (log, state) = AuditLog::open(Arc::new(disk), small(), [9; 32]).unwrap();
    assert_eq!((state.lease, state.secret), (2, SECRET), "made once");
    assert_eq!(state.last.unwrap().row, rows[399]);
    reads_all(&log, &rows, &intents);
}

fn reads_all(log: &AuditLog, rows: &[AuditRow], intents: &[store::audit::Intent]) {
    let reader = log.reader();
    assert_eq!(reader.rows(1, usize::MAX).unwrap(), rows);
    assert_eq!(reader.rows(70, 5).unwrap(), &rows[69..74]);
    assert_eq!(reader.row(0).unwrap(), None);
    assert_eq!(reader.row(rows.len() as u64 + 1).unwrap(), None);
    for (row, intent) in rows.iter().zip(intents) {
        let entry = reader.entry(row.seq()).unwrap().unwrap();
        assert_eq!(entry.row, *row);
        assert_eq!(entry.body.as_ref(), intent.body());
        assert_eq!(entry.covered_cycle, intent.covered_cycle());
        assert_eq!(entry.heads, intent.heads());
    }
    let expected: Vec<u64> = intents
        .iter()
        .filter(|intent| intent.body().is_some())
        .map(|intent| intent.seq())
        .collect();
    let found = reader.operator_entries(1).map(|entry| entry.unwrap().row);
    assert_eq!(found.map(|row| row.seq()).collect::<Vec<_>>(), expected);
}

#[test]
fn an_intent_must_continue_the_last() {
    let (mut log, state) = open(&SimDisk::new(2));
    let mut chain = Chain::of(&state);
    let first = chain.seal(1);
    let before = chain.clone();
    let second = chain.seal(2);
    assert!(matches!(
        log.persist_intent(&second),
        Err(AuditError::NotNext {
            expected: 1,
            got: 2
        })
    ));
    log.persist_intent(&first).unwrap();
    assert!(matches!(
        log.persist_intent(&first),
        Err(AuditError::NotLater(1) | AuditError::NotNext { .. })
    ));
    let mut fork = Chain {
        last: ChainHead {
            seq: 1,
            digest: ledger::Digest::of(b"another"),
        },
        ..before
    };
    let refused = log.persist_intent(&fork.seal(2));
    assert!(matches!(refused, Err(AuditError::OtherPrev(2))));
    let mut other_lease = Chain { lease: 7, ..before };
    let refused = log.persist_intent(&other_lease.seal(2));
    assert!(matches!(
        refused,
        Err(AuditError::Lease {
            expected: 1,
            got: 7
        })
    ));
    let action = chain.action(10);
    let bodiless = store::audit::Intent::new(action.canonical().to_vec(), None, 0, Vec::new());
    let refused = log.persist_intent(&bodiless.unwrap());
    assert!(matches!(refused, Err(AuditError::OtherBody(3))));
    // After all that the log goes on.
    log.persist_intent(&second).unwrap();
    assert!(matches!(
        log.publish(&row(&second)),
        Err(AuditError::NotIntended(2))
    ));
    log.publish(&row(&first)).unwrap();
    assert!(log.publish(&row(&first)).is_err(), "once");
    log.publish(&row(&second)).unwrap();
    add(&mut log, &action);
}

#[test]
fn whoever_opens_later_fences_the_one_before() {
    let disk = SimDisk::new(3);
    let (mut first, state) = open(&disk);
    let mut chain = Chain::of(&state);
    add(&mut first, &chain.seal(1));
    let waiting = chain.seal(2);
    first.persist_intent(&waiting).unwrap();
    let (mut second, state) = open(&disk);
    assert_eq!(state.lease, 2);
    assert_eq!(state.unpublished, std::slice::from_ref(&waiting));
    for _ in 0..2 {
        let refused = first.persist_intent(&chain.clone().seal(3));
        let error = refused.unwrap_err();
        assert!(!error.leaves_log_usable(), "{error}");
    }
    assert!(first.publish(&row(&waiting)).is_err());
    assert!(first.idle().is_err());
    // What the first intended, the second publishes, and goes on.
    second.publish(&row(&waiting)).unwrap();
    let mut chain = Chain::of(&state);
    for covered in 3..200 {
        add(&mut second, &chain.seal(covered));
    }
    let (third, state) = open(&disk);
    assert_eq!((state.lease, state.last.unwrap().row.seq()), (3, 199));
    assert!(matches!(
        second.persist_intent(&chain.seal(1)),
        Err(AuditError::Fenced { lease: 2 })
    ));
    drop(third);
}

#[test]
fn a_lease_is_lost_wherever_the_segment_ends() {
    // The last holder may stand anywhere in its segment, the last sector included.
    for rows in 20..60 {
        let disk = SimDisk::new(rows);
        let (mut first, state) = open(&disk);
        let mut chain = Chain::of(&state);
        for covered in 0..rows {
            add(&mut first, &chain.seal(covered % 2 * 400));
        }
        let (_second, _) = open(&disk);
        let refused = first.persist_intent(&chain.seal(1));
        assert!(matches!(refused, Err(AuditError::Fenced { lease: 1 })));
    }
}

#[test]
fn a_revocation_takes_back_what_follows_the_trusted_row() {
    let disk = SimDisk::new(4);
    let (mut log, state) = open(&disk);
    let mut chain = Chain::of(&state);
    let mut rows: Vec<AuditRow> = (0..150).map(|c| add(&mut log, &chain.seal(c))).collect();
    let flying: Vec<_> = (0..3).map(|covered| chain.seal(covered)).collect();
    for intent in &flying {
        log.persist_intent(intent).unwrap();
    }
    // In flight alone: the first of them is trusted.
    let trusted = head(&flying[0]);
    let revocation = chain.revocation(trusted);
    assert_eq!(
        log.persist_revocation(&revocation).unwrap(),
        Some(152..=153)
    );
    assert!(log.publish(&row(&flying[1])).is_err());
    for intent in [&flying[0], &revocation] {
        log.publish(&row(intent)).unwrap();
        rows.push(row(intent));
    }
    reads(&log, &rows);
    // Published rows too.
    let mut follower = log.reader().entries(99);
    assert_eq!(follower.next().unwrap().unwrap().row, rows[98]);
    let revocation = chain.revocation(rows[99].head());
    assert_eq!(
        log.persist_revocation(&revocation).unwrap(),
        Some(101..=152)
    );
    rows.truncate(100);
    reads(&log, &rows);
    add_to(&mut log, &mut rows, &revocation);
    for covered in 0..10 {
        let intent = chain.seal(covered);
        log.persist_intent(&intent).unwrap();
        add_to(&mut log, &mut rows, &intent);
    }
    reads(&log, &rows);
    let rest: Vec<AuditRow> = follower.map(|entry| entry.unwrap().row).collect();
    assert_eq!(rest, &rows[99..]);
    // Of a head that is not of this chain, none at all.
    let stranger = ChainHead {
        seq: 50,
        digest: ledger::Digest::of(b"another"),
    };
    let refused = log.persist_revocation(&chain.clone().revocation(stranger));
    assert!(matches!(refused, Err(AuditError::OtherPrev(51))));
    let refused = log.persist_revocation(&chain.clone().seal(1));
    assert!(matches!(refused, Err(AuditError::NoRevocation(_))));
    drop(log);
    let (log, state) = open(&disk);
    assert_eq!(state.last.unwrap().row, *rows.last().unwrap());
    reads(&log, &rows);
}

fn add_to(log: &mut AuditLog, rows: &mut Vec<AuditRow>, intent: &store::audit::Intent) {
    let row = row(intent);
    log.publish(&row).unwrap();
    rows.push(row);
}

fn reads(log: &AuditLog, rows: &[AuditRow]) {
    let reader = log.reader();
    assert_eq!(reader.rows(1, usize::MAX).unwrap(), rows);
    for row in rows {
        assert_eq!(reader.row(row.seq()).unwrap().as_ref(), Some(row));
    }
    assert_eq!(reader.last(), rows.last().map(AuditRow::head));
    assert_eq!(reader.row(rows.len() as u64 + 1).unwrap(), None);
}

#[test]
fn operators_find_room_on_a_full_disk() {
    let disk = SimDisk::new(5);
    let (mut log, state) = open(&disk);
    let mut chain = Chain::of(&state);
    disk.set_capacity(disk.used());
    let mut seals = 0;
    loop {
        let before = chain.clone();
        let intent = chain.seal(1);
        match log.persist_intent(&intent) {
            Ok(()) => log.publish(&row(&intent)).unwrap(),
            Err(error) => {
                assert!(matches!(error, AuditError::Full), "{error}");
                chain = before;
                break;
            }
        }
        seals += 1;
    }
    assert!(seals > 40, "{seals}");
    for _ in 0..8 {
        add(&mut log, &chain.action(400));
    }
    log.idle().unwrap();
    assert!(matches!(
        log.persist_intent(&chain.clone().seal(1)),
        Err(AuditError::Full)
    ));
    disk.set_capacity(u64::MAX);
    add(&mut log, &chain.seal(1));
    let (_, state) = open(&disk);
    assert_eq!(state.last.unwrap().row.seq(), seals + 9);
}

#[test]
fn what_is_too_large_is_refused_before_it_is_written() {
    let disk = SimDisk::new(6);
    let (mut log, state) = open(&disk);
    let mut chain = Chain::of(&state);
    let refused = log.persist_intent(&chain.clone().action(64 << 10));
    assert!(matches!(refused, Err(AuditError::Unstorable(1))));
    let action = chain.action(10);
    let zeros = store::audit::Intent::new(
        action.canonical().to_vec(),
        action.body().cloned(),
        0,
        vec![0; 2_000],
    );
    let refused = log.persist_intent(&zeros.unwrap());
    assert!(matches!(refused, Err(AuditError::Unstorable(1))));
    add(&mut log, &action);
    let bytes = 100;
    let options = AuditOptions {
        segment_bytes: bytes,
    };
    let refused = AuditLog::open(Arc::new(SimDisk::new(1)), options, SECRET);
    assert!(matches!(refused, Err(AuditError::Options(100))));
}

#[test]
fn a_directory_does_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = Vec::new();
    for life in 1..=5 {
        let disk = Arc::new(DirDisk::open(dir.path()).unwrap());
        let (mut log, state) = AuditLog::open(disk, small(), SECRET).unwrap();
        assert_eq!(state.lease, life);
        let mut chain = Chain::of(&state);
        for intent in &state.unpublished {
            let row = row(intent);
            log.publish(&row).unwrap();
            rows.push(row);
        }
        rows.extend((0..60).map(|covered| add(&mut log, &chain.seal(covered))));
        log.persist_intent(&chain.seal(1)).unwrap();
        reads(&log, &rows);
    }
}
