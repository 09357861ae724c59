//! A builder that ends at any step, with the power or without, goes on from what is durable.

use std::sync::Arc;

use store::disk::SimDisk;
use store::memory::Memory;

use super::forest::{Forest, small};

#[test]
fn power_may_fail_at_every_step() {
    let (mut ended, mut kept) = (0, 0);
    for step in 0..70 {
        let mut forest = Forest::new(step, Box::new(Memory::new()));
        let disk = SimDisk::new(step);
        disk.fail_power_at(step);
        let (mut covered, mut is_ended) = (0, false);
        let opened =
            store::tiles::TileBuilder::open(Arc::new(disk.clone()), forest.reader(), small());
        let (mut builder, _) = opened.unwrap();
        for round in 0..45 {
            let cycle = forest.grow_some(260);
            let done = builder.apply_cycle(&cycle);
            let done = done.and_then(|()| {
                if round % 5 == 4 {
                    builder.sync()
                } else {
                    Ok(())
                }
            });
            covered = builder.covered_cycle();
            is_ended = done.is_err();
            if is_ended {
                break;
            }
        }
        ended += u32::from(is_ended);
        let disk = disk.power_loss();
        let (mut builder, tiles) = forest.open(Arc::new(disk), small());
        assert!(builder.covered_cycle() >= covered, "step {step}");
        kept += builder.covered_cycle();
        forest.catch_up(&mut builder);
        for _ in 0..5 {
            builder.apply_cycle(&forest.grow_some(260)).unwrap();
        }
        forest.check(&tiles, 8);
    }
    assert!(ended > 40, "{ended} ends are too few to show anything");
    assert!(
        kept > 200,
        "{kept} cycles kept are too few to show anything"
    );
}

#[test]
fn one_disk_lives_through_many_ends() {
    for seed in 0..12 {
        let mut forest = Forest::new(seed, Box::new(Memory::new()));
        let mut disk = SimDisk::new(seed);
        for life in 0..12 {
            let (mut builder, tiles) = forest.open(Arc::new(disk.clone()), small());
            forest.catch_up(&mut builder);
            if life % 3 == 0 {
                forest.check(&tiles, 3);
            }
            let now = disk.operations();
            disk.fail_power_at(now + 1 + forest.random.below(30));
            if forest.random.one_in(4) {
                disk.fail_sync_after(forest.random.below(10));
            }
            for _ in 0..12 {
                let cycle = forest.grow_some(300);
                let done = builder.apply_cycle(&cycle);
                if done.and_then(|()| builder.work()).is_err() {
                    break;
                }
            }
            disk = if forest.random.one_in(3) {
                disk.process_end()
            } else {
                disk.power_loss()
            };
        }
        let (mut builder, tiles) = forest.open(Arc::new(disk), small());
        forest.catch_up(&mut builder);
        forest.check(&tiles, 10);
    }
}
