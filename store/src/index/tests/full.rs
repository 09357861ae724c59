//! Disks that are full, or fail.

use std::sync::Arc;

use ledger::event::TransferPosted;
use ledger::fields::DecodeError;

use super::world::{Shape, World, block_of};
use crate::disk::SimDisk;
use crate::index::{IndexBuilder, IndexError, IndexLimits};

fn tight() -> IndexLimits {
    IndexLimits::new(64 << 10, 128 << 10)
}

#[test]
fn a_full_disk_costs_time_and_nothing_else() {
    let mut world = World::new(2, Shape::default());
    let disk = SimDisk::new(2);
    let (mut builder, index) = IndexBuilder::open(Arc::new(disk.clone()), tight()).unwrap();
    let mut refused = 0;
    for cycle in 0..120_u64 {
        world.grow();
        disk.set_capacity(disk.used() + cycle * 97 % 5000);
        while let Err(error) = world.feed(&mut builder) {
            assert!(error.is_full(), "{error}");
            assert!(error.to_string().contains("index-"), "{error}");
            refused += 1;
            world.check_hot(&index);
            disk.set_capacity(disk.used() + refused % 3 * 400_000);
        }
    }
    assert!(refused > 5, "the disk was never full");
    disk.set_capacity(u64::MAX);
    builder.flush().unwrap();
    while builder.work().unwrap() {}
    world.check(&index);
    drop(builder);
    let (_, index) = IndexBuilder::open(Arc::new(disk), tight()).unwrap();
    assert_eq!(index.covered_cycle(), world.last());
    world.check(&index);
}

#[test]
fn a_failed_sync_is_never_taken_for_a_good_one() {
    for nth in 0..40 {
        let mut world = World::new(nth, Shape::default());
        let disk = SimDisk::new(nth);
        let (mut builder, index) = IndexBuilder::open(Arc::new(disk.clone()), tight()).unwrap();
        disk.fail_sync_after(nth);
        for _ in 0..40 {
            world.grow();
            while builder.indexed_cycle() < world.last() {
                match world.feed_one(&mut builder) {
                    Ok(()) => {}
                    Err(IndexError::Stopped) => break,
                    Err(IndexError::Io { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
        let told = index.covered_cycle();
        drop((builder, index));
        let disk = disk.power_loss();
        let (mut builder, index) = IndexBuilder::open(Arc::new(disk), tight()).unwrap();
        assert!(builder.covered_cycle() >= told);
        world.feed(&mut builder).unwrap();
        world.check_ids(&index);
    }
}

#[test]
fn a_record_that_is_none_stops_the_index() {
    let (mut builder, _) =
        IndexBuilder::open(Arc::new(SimDisk::new(1)), IndexLimits::default()).unwrap();
    let mut record = vec![ledger::event::kind::TRANSFER; TransferPosted::BYTES];
    record[1] = 77;
    let block = block_of(4, ledger::Seq(0), 1, record);
    match builder.apply(1, [&block]) {
        Err(IndexError::Record {
            cycle: 1,
            book: 4,
            offset: 0,
            error: DecodeError::UnknownVersion(77),
        }) => {}
        other => panic!("{other:?}"),
    }
    assert!(matches!(builder.flush(), Err(IndexError::Stopped)));
    assert!(matches!(builder.apply(1, []), Err(IndexError::Stopped)));
}
