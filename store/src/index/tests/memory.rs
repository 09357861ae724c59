//! Memory stays within its limits, and finds everything all the same.

use std::sync::Arc;

use ledger::event::TransferPosted;
use ledger::fields::Write;
use ledger::past::KeyKind;
use ledger::{BookId, Seq};

use super::world::block_of;
use crate::disk::DirDisk;
use crate::disk::sim::Random;
use crate::index::{Index, IndexBuilder, IndexLimits};

const IDS: u64 = 5_000_000;
const CYCLE: u64 = 2_000;
/// One id in so many is offered again.
const AGAIN: u64 = 50;
const LIMIT: usize = 4 << 20;

fn id(nth: u64) -> u128 {
    let mut random = Random::new(nth.wrapping_mul(0x5851_f42d_4c95_7f2d));
    u128::from(random.next_u64()) << 64 | u128::from(random.next_u64())
}

/// The records of `CYCLE` transfers, ids from `first` on.
fn records(first: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(CYCLE as usize * TransferPosted::BYTES);
    for nth in first..first + CYCLE {
        out.put(&[3, 1]);
        out.put(&[0; 14]);
        out.put_u64(nth);
        out.put(&[0; 40]);
        out.put_u128(id(nth));
        out.put_u128(u128::from(nth % 50));
        out.put_u128(50 + u128::from(nth % 50));
        out.put_u128(1);
        out.put(&[0; 48]);
    }
    out
}

fn find(index: &Index, nth: u64) -> Option<Seq> {
    index.find(BookId(1), KeyKind::Transfer, id(nth)).unwrap()
}

/// The ledger forgets an id once it is covered, so from then on the index alone tells it again.
#[test]
fn five_million_random_ids_in_four_mebibytes_are_all_told_again_across_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(DirDisk::open(dir.path()).unwrap());
    let mut limits = IndexLimits::new(LIMIT, 2 << 20);
    let mut random = Random::new(7);
    let mut offered = 0;
    let mut restarts = 0;
    let (mut builder, mut index) = IndexBuilder::open(disk.clone(), limits).unwrap();
    let mut most = 0;
    for cycle in 1..=IDS / CYCLE {
        let first = (cycle - 1) * CYCLE;
        for nth in (first..first + CYCLE).step_by(AGAIN as usize) {
            assert_eq!(find(&index, nth), None, "{nth} is new");
            let covered = index.covered_cycle() * CYCLE;
            if covered > 0 {
                let old = random.below(covered);
                assert_eq!(find(&index, old), Some(Seq(old)));
                offered += 1;
            }
        }
        let block = block_of(1, Seq(first), CYCLE as u32, records(first));
        builder.apply(cycle, [&block]).unwrap();
        most = most.max(builder.memory().ids);
        if cycle % (IDS / CYCLE / 3) == 0 && restarts < 2 {
            restarts += 1;
            drop(builder);
            limits.seed = IndexLimits::default().seed;
            (builder, index) = IndexBuilder::open(disk.clone(), limits).unwrap();
            for again in builder.covered_cycle() + 1..=cycle {
                let first = (again - 1) * CYCLE;
                let block = block_of(1, Seq(first), CYCLE as u32, records(first));
                builder.apply(again, [&block]).unwrap();
            }
        }
    }
    builder.flush().unwrap();
    for old in (0..IDS).step_by(97) {
        assert_eq!(find(&index, old), Some(Seq(old)));
    }
    assert!(most <= LIMIT, "{most} bytes of {LIMIT}");
    assert!(
        restarts == 2 && offered > IDS / AGAIN / 2,
        "{offered} offered again"
    );
}
