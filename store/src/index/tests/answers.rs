//! The right answers, before and after flushes, merges and restarts.

use std::sync::Arc;

use ledger::BookId;
use ledger::past::KeyKind;

use super::world::{Ids, Shape, World};
use crate::disk::{Disk, SimDisk};
use crate::index::{IndexBuilder, IndexError, IndexLimits, Seed, rebuild};

/// So little memory that every few cycles are flushed.
fn tight() -> IndexLimits {
    IndexLimits::new(64 << 10, 128 << 10)
}

fn open(disk: &SimDisk, limits: IndexLimits) -> (IndexBuilder, crate::index::Index) {
    IndexBuilder::open(Arc::new(disk.clone()), limits).unwrap()
}

#[test]
fn answers_match_a_model_through_flushes_merges_and_restarts() {
    let shapes = [
        Shape::default(),
        Shape {
            ids: Ids::Time,
            books: 1,
            stray: 0,
            ..Shape::default()
        },
        Shape {
            ids: Ids::Counted,
            books: 9,
            accounts: 2000,
            ..Shape::default()
        },
        Shape {
            books: 300,
            events: 2,
            accounts: 3,
            hot: 100,
            ..Shape::default()
        },
    ];
    for (seed, shape) in shapes.into_iter().enumerate() {
        let mut world = World::new(seed as u64, shape);
        let disk = SimDisk::new(seed as u64);
        for round in 0..4 {
            let (mut builder, index) = open(&disk, tight());
            assert_eq!(builder.indexed_cycle(), builder.covered_cycle());
            for _ in 0..30 {
                world.grow();
                world.feed(&mut builder).unwrap();
                if round == 2 {
                    builder.work().unwrap();
                }
            }
            assert_eq!(index.indexed_cycle(), world.last());
            world.check(&index);
            if round == 1 {
                builder.flush().unwrap();
                assert_eq!(index.covered_cycle(), world.last());
                while builder.work().unwrap() {}
                world.check(&index);
            }
        }
        let (_, index) = open(&disk, tight());
        let snapshot = index.shared.snapshot.load_full();
        let ids = snapshot.ids.iter().map(|live| live.run.meta.name.tier);
        assert!(ids.max() >= Some(1), "no ids were merged");
        let legs = snapshot.legs.iter().map(|run| run.meta.name.tier);
        assert!(legs.max() >= Some(1), "no legs were merged");
    }
}

#[test]
fn one_account_with_long_lists_in_many_runs() {
    let shape = Shape {
        books: 1,
        accounts: 4,
        events: 900,
        hot: 1,
        ..Shape::default()
    };
    let mut world = World::new(5, shape);
    let disk = SimDisk::new(5);
    let (mut builder, index) = open(&disk, IndexLimits::new(64 << 10, 400 << 10));
    for _ in 0..60 {
        world.grow();
        world.feed(&mut builder).unwrap();
    }
    world.check_legs(&index);
    builder.flush().unwrap();
    while builder.work().unwrap() {}
    world.check(&index);
}

#[test]
fn a_flush_of_nothing_is_nothing() {
    let disk = SimDisk::new(1);
    let (mut builder, index) = open(&disk, tight());
    builder.flush().unwrap();
    assert_eq!((index.covered_cycle(), index.indexed_cycle()), (0, 0));
    builder.apply(1, []).unwrap();
    builder.flush().unwrap();
    assert_eq!((index.covered_cycle(), index.indexed_cycle()), (1, 1));
    let (builder, _) = open(&disk, tight());
    assert_eq!(builder.covered_cycle(), 1);
}

#[test]
fn cycles_are_taken_in_order() {
    let disk = SimDisk::new(1);
    let (mut builder, _) = open(&disk, tight());
    let refused = builder.apply(2, []);
    assert!(matches!(
        refused,
        Err(IndexError::OutOfOrder {
            expected: 1,
            got: 2
        })
    ));
    builder.apply(1, []).unwrap();
    assert!(matches!(
        builder.apply(1, []),
        Err(IndexError::OutOfOrder { .. })
    ));
}

#[test]
fn readers_keep_what_they_read_while_runs_are_merged_away() {
    let mut world = World::new(8, Shape::default());
    let disk = SimDisk::new(8);
    let (mut builder, index) = open(&disk, tight());
    for _ in 0..40 {
        world.grow();
        world.feed(&mut builder).unwrap();
    }
    let held = index.shared.snapshot.load_full();
    let covered = index.covered_cycle();
    for _ in 0..60 {
        world.grow();
        world.feed(&mut builder).unwrap();
    }
    builder.flush().unwrap();
    while builder.work().unwrap() {}
    let old = |name: &str| held.ids.iter().any(|live| &*live.run.name == name);
    assert!(
        disk.list().unwrap().iter().any(|name| old(name)),
        "files in use stay"
    );
    for ((kind, book, id), (seq, cycle)) in &world.keys {
        if *cycle <= covered && *kind == 0 {
            let found = held.find(KeyKind::Transfer, *book, *id).unwrap();
            assert_eq!(found, Some(seq.0));
        }
    }
    drop(held);
    builder.work().unwrap();
    let left = disk.list().unwrap().len();
    let (_, _) = open(&disk, tight());
    assert_eq!(disk.list().unwrap().len(), left, "nothing was left behind");
    world.check(&index);
}

#[test]
fn many_ids_are_found_like_one() {
    let mut world = World::new(
        9,
        Shape {
            books: 1,
            ..Shape::default()
        },
    );
    let (mut builder, index) = open(&SimDisk::new(9), tight());
    for _ in 0..30 {
        world.grow();
        world.feed(&mut builder).unwrap();
    }
    builder.flush().unwrap();
    let ids = world
        .keys
        .iter()
        .filter(|(key, _)| key.0 == 0)
        .map(|(key, _)| key.2);
    let asked: Vec<u128> = ids.flat_map(|id| [id, id ^ 1]).collect();
    let mut found = vec![None; asked.len()];
    let take = |at: usize, seq| found[at] = Some(seq);
    index
        .find_many(BookId(0), KeyKind::Transfer, asked.iter().copied(), take)
        .unwrap();
    for (id, found) in asked.iter().zip(found) {
        assert_eq!(
            index.find(BookId(0), KeyKind::Transfer, *id).unwrap(),
            found
        );
    }
}

#[test]
fn rebuilt_from_the_first_cycle() {
    let mut world = World::new(3, Shape::default());
    let disk = SimDisk::new(3);
    let (mut builder, _) = open(&disk, tight());
    for _ in 0..40 {
        world.grow();
        world.feed(&mut builder).unwrap();
    }
    drop(builder);
    disk.create("segment-00000001", 0).unwrap();
    rebuild(&disk).unwrap();
    assert_eq!(
        disk.list().unwrap(),
        ["segment-00000001"],
        "nobody else's file goes"
    );
    let (mut builder, index) = open(&disk, tight());
    assert_eq!(builder.covered_cycle(), 0);
    world.feed(&mut builder).unwrap();
    world.check(&index);
}

#[test]
fn no_leg_is_ever_out_of_sight() {
    let shape = Shape {
        books: 1,
        accounts: 300,
        ..Shape::default()
    };
    let mut world = World::new(10, shape);
    let disk = SimDisk::new(10);
    let mut limits = IndexLimits::new(500 << 10, 160 << 10);
    limits.seed = Seed([1, 2]);
    let (mut builder, index) = open(&disk, limits);
    for _ in 0..300 {
        world.grow();
        while builder.indexed_cycle() < world.last() {
            world.feed_one(&mut builder).unwrap();
        }
        // Every step may move legs from a table to a run, or a filter out of the way.
        for _ in 0..2 {
            world.check_hot(&index);
            builder.work().unwrap();
        }
    }
}
