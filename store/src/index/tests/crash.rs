//! What power failures and ended processes leave.

use std::sync::Arc;

use super::world::{Shape, World};
use crate::disk::SimDisk;
use crate::disk::sim::Random;
use crate::index::{IndexBuilder, IndexLimits};

#[test]
fn power_failures_lose_nothing_that_was_covered() {
    let limits = IndexLimits::new(48 << 10, 96 << 10);
    for seed in 0..25 {
        let mut random = Random::new(seed);
        let mut world = World::new(
            seed,
            Shape {
                events: 30,
                ..Shape::default()
            },
        );
        let mut disk = SimDisk::new(seed);
        for _ in 0..8 {
            let opened = IndexBuilder::open(Arc::new(disk.clone()), limits);
            let (mut builder, index) = opened.unwrap_or_else(|e| panic!("seed {seed}: {e}"));
            let covered = builder.covered_cycle();
            assert!(covered <= world.last(), "seed {seed}");
            disk.fail_power_at(disk.operations() + random.below(120));
            let mut failed = None;
            for _ in 0..25 {
                world.grow();
                failed = world.feed(&mut builder).err();
                let _busy = builder.work();
                if failed.is_some() {
                    break;
                }
            }
            let told = index.covered_cycle();
            drop((builder, index));
            disk = if random.one_in(3) {
                disk.process_end()
            } else {
                disk.power_loss()
            };
            let (mut builder, index) = IndexBuilder::open(Arc::new(disk.clone()), limits)
                .unwrap_or_else(|e| panic!("seed {seed}: {e} after {failed:?}"));
            assert!(
                builder.covered_cycle() >= told,
                "seed {seed}: a covered cycle is gone"
            );
            world.feed(&mut builder).unwrap();
            world.check_ids(&index);
        }
        let (mut builder, index) = IndexBuilder::open(Arc::new(disk), limits).unwrap();
        world.feed(&mut builder).unwrap();
        world.check(&index);
    }
}
