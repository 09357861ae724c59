//! Tiles give the nodes of every tree, whatever became of the process and the disk in between.

mod damage;
mod forest;
mod restart;

use std::sync::Arc;

use ledger::BookId;
use ledger::proof::{Node, Nodes};
use store::disk::{DirDisk, SimDisk};
use store::embedded::{Embedded, Options};
use store::memory::Memory;
use store::tiles::{TileError, TileLimits};

use forest::{Forest, small};

#[test]
fn nodes_and_proofs_are_those_of_the_tree() {
    let mut forest = Forest::new(1, Box::new(Memory::new()));
    let disk = Arc::new(SimDisk::new(1));
    let (mut builder, tiles) = forest.open(disk, small());
    for round in 0..120 {
        let cycle = forest.grow_some(150);
        builder.apply_cycle(&cycle).unwrap();
        if round % 8 == 0 {
            forest.check(&tiles, 3);
        }
        if round % 30 == 0 {
            builder.sync().unwrap();
        }
    }
    forest.check(&tiles, 30);
}

#[test]
fn tiles_of_tiles_are_made_and_found_again() {
    let mut forest = Forest::new(2, Box::new(Memory::new()));
    let disk = SimDisk::new(2);
    let limits = TileLimits {
        frame_tiles: 100,
        ..small()
    };
    let (mut builder, tiles) = forest.open(Arc::new(disk.clone()), limits);
    for _ in 0..20 {
        // 140,000 leaves: two tiles of level 1, and the edge of a third.
        let cycle = forest.grow(&[(1, 7_000), (2, 3)]);
        builder.apply_cycle(&cycle).unwrap();
    }
    forest.check(&tiles, 40);
    builder.sync().unwrap();
    drop(builder);
    let (mut builder, tiles) = forest.open(Arc::new(disk.process_end()), limits);
    assert_eq!(builder.covered_cycle(), 20);
    forest.check(&tiles, 40);
    builder.apply_cycle(&forest.grow(&[(1, 60_000)])).unwrap();
    forest.check(&tiles, 40);
}

#[test]
fn blocks_that_remember_no_hashes_do_as_well() {
    let disk = Arc::new(SimDisk::new(3));
    let options = Options {
        cache_bytes: 0,
        ..Options::default()
    };
    let (journal, _) = Embedded::open(disk.clone(), options, &mut |_| {}).unwrap();
    let mut forest = Forest::new(3, Box::new(journal));
    for _ in 0..60 {
        forest.grow_some(120);
    }
    // Beside the journal, whose disk they share.
    let (mut builder, tiles) = forest.open(disk, small());
    forest.catch_up(&mut builder);
    forest.check(&tiles, 20);
}

#[test]
fn a_directory_does_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let mut forest = Forest::new(4, Box::new(Memory::new()));
    for life in 0..4 {
        let disk = Arc::new(DirDisk::open(dir.path()).unwrap());
        let (mut builder, tiles) = forest.open(disk, small());
        forest.catch_up(&mut builder);
        for _ in 0..20 {
            builder.apply_cycle(&forest.grow_some(200)).unwrap();
        }
        forest.check(&tiles, 10);
        if life % 2 == 0 {
            builder.sync().unwrap();
        }
    }
}

#[test]
fn cycles_come_in_order_and_twice_does_no_harm() {
    let mut forest = Forest::new(5, Box::new(Memory::new()));
    let (mut builder, tiles) = forest.open(Arc::new(SimDisk::new(5)), small());
    let first = forest.grow(&[(1, 300)]);
    let second = forest.grow(&[(1, 300), (2, 10)]);
    let refused = builder.apply_cycle(&second);
    assert!(matches!(
        refused,
        Err(TileError::OutOfOrder {
            expected: 1,
            got: 2
        })
    ));
    builder.apply_cycle(&first).unwrap();
    let mut ahead = tiles.view(BookId(1), 600);
    let node = Node { level: 8, index: 1 };
    assert!(matches!(ahead.node(node), Err(TileError::Behind { .. })));
    builder.apply_cycle(&second).unwrap();
    builder.apply_cycle(&first).unwrap();
    builder.apply_cycle(&second).unwrap();
    assert!(ahead.node(node).is_ok());
    forest.check(&tiles, 10);
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let mut forest = Forest::new(6, Box::new(Memory::new()));
    let disk = SimDisk::new(6);
    disk.set_capacity(60 << 10);
    let (mut builder, tiles) = forest.open(Arc::new(disk.clone()), small());
    let mut was_full = 0;
    for _ in 0..10 {
        let cycle = forest.grow(&[(1, 700), (2, 200)]);
        while let Err(error) = builder.apply_cycle(&cycle) {
            assert!(error.is_full(), "{error}");
            was_full += 1;
            disk.set_capacity(disk.used() + (30 << 10));
        }
        forest.check(&tiles, 5);
    }
    assert!(was_full > 3, "{was_full}");
    disk.set_capacity(u64::MAX);
    builder.sync().unwrap();
    assert_eq!(builder.covered_cycle(), 10);
    let (_, tiles) = forest.open(Arc::new(disk.process_end()), small());
    forest.check(&tiles, 10);
}

#[test]
fn memory_of_ten_thousand_books_is_bounded() {
    let mut forest = Forest::new(7, Box::new(Memory::new()));
    let limits = TileLimits {
        edge_bytes: 1 << 20,
        ..TileLimits::default()
    };
    let (mut builder, tiles) = forest.open(Arc::new(SimDisk::new(7)), limits);
    for round in 0..6u32 {
        let books = (0..2_000).map(|book| (1 + (round * 1_900 + book) % 10_000, 40));
        let cycle = forest.grow(&books.collect::<Vec<_>>());
        builder.apply_cycle(&cycle).unwrap();
        assert!(tiles.edge_bytes() <= 1 << 20, "{}", tiles.edge_bytes());
    }
    assert!(forest.trees.len() > 9_000);
    forest.check(&tiles, 0);
    assert!(tiles.edge_bytes() <= 1 << 20, "{}", tiles.edge_bytes());
}
