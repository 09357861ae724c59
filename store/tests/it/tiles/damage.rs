//! Files of tiles that were changed: no wrong node is ever given, and they can be built anew.

use std::sync::Arc;

use store::disk::{Disk, SimDisk};
use store::memory::Memory;
use store::tiles::{TileBuilder, TileError, rebuild};

use super::forest::{Forest, small};

/// Tiles over several files, ended in order.
fn laid(seed: u64) -> (Forest, SimDisk, Vec<String>) {
    let mut forest = Forest::new(seed, Box::new(Memory::new()));
    let disk = SimDisk::new(seed);
    let (mut builder, _) = forest.open(Arc::new(disk.clone()), small());
    for _ in 0..20 {
        builder
            .apply_cycle(&forest.grow(&[(1, 500), (2, 100)]))
            .unwrap();
    }
    builder.sync().unwrap();
    let files = disk.list().unwrap();
    assert!(files.len() > 4, "{files:?}");
    (forest, disk.process_end(), files)
}

#[test]
fn a_flipped_bit_anywhere_is_refused_or_made_good() {
    let (mut forest, disk, files) = laid(1);
    let (mut refused, mut healed) = (0, 0);
    for (at, name) in files.iter().enumerate() {
        let len = disk.open(name).unwrap().len().unwrap();
        for _ in 0..60 {
            let offset = forest.random.below(len);
            disk.flip_bit(name, offset, 3).unwrap();
            match damaged(&mut forest, &disk) {
                Some(error) => {
                    assert!(error.needs_rebuild(), "{name} {offset}: {error}");
                    refused += 1;
                }
                // The tail of the last file may be cut and made again.
                None => {
                    assert_eq!(at + 1, files.len(), "{name} {offset}");
                    healed += 1;
                }
            }
            disk.flip_bit(name, offset, 3).unwrap();
        }
    }
    assert!(refused > 100 && healed > 10, "{refused} {healed}");
}

/// What opening the tiles and looking at every leaf says; nodes that are given are the right ones.
fn damaged(forest: &mut Forest, disk: &SimDisk) -> Option<TileError> {
    use ledger::proof::{Node, Nodes};
    let opened = TileBuilder::open(Arc::new(disk.clone()), forest.reader(), small());
    let (mut builder, tiles) = match opened {
        Ok(opened) => opened,
        Err(error) => return Some(error),
    };
    for cycle in forest.cycles.iter().skip(builder.covered_cycle() as usize) {
        if let Err(error) = builder.apply_cycle(cycle) {
            return Some(error);
        }
    }
    for (book, tree) in &mut forest.trees {
        let size = tree.size();
        let mut view = tiles.view(*book, size);
        for level in [0, 8] {
            for index in (0..size >> level).step_by(if level == 0 { 128 } else { 1 }) {
                let node = Node { level, index };
                match view.node(node) {
                    Ok(hash) => assert_eq!(hash, tree.node(node).unwrap()),
                    Err(error) => return Some(error),
                }
            }
        }
    }
    None
}

#[test]
fn what_was_refused_is_built_anew() {
    let (mut forest, disk, files) = laid(2);
    disk.flip_bit(&files[1], 3, 0).unwrap();
    let opened = TileBuilder::open(Arc::new(disk.clone()), forest.reader(), small());
    let error = opened.unwrap_err();
    assert!(error.needs_rebuild(), "{error}");
    assert!(error.to_string().contains(&files[1]), "{error}");
    rebuild(&disk).unwrap();
    assert_eq!(disk.list().unwrap().len(), 0);
    let (mut builder, tiles) = forest.open(Arc::new(disk), small());
    assert_eq!(builder.covered_cycle(), 0);
    forest.catch_up(&mut builder);
    forest.check(&tiles, 10);
}

#[test]
fn a_missing_file_is_refused() {
    let (forest, disk, files) = laid(3);
    disk.remove(&files[1]).unwrap();
    let opened = TileBuilder::open(Arc::new(disk), forest.reader(), small());
    let error = opened.unwrap_err();
    assert!(error.needs_rebuild(), "{error}");
    assert!(error.to_string().contains(&files[1]), "{error}");
}

#[test]
fn a_last_file_that_was_cut_short_is_made_good() {
    let (mut forest, disk, files) = laid(4);
    let last = files.last().unwrap();
    let len = disk.open(last).unwrap().len().unwrap();
    for cut in [1, 100, len / 2, len - 1, len] {
        disk.truncate(last, len - cut).unwrap();
        let (mut builder, tiles) = forest.open(Arc::new(disk.clone()), small());
        forest.catch_up(&mut builder);
        builder.sync().unwrap();
        forest.check(&tiles, 5);
    }
}

#[test]
fn tiles_of_another_journal_are_refused() {
    let (_, disk, _) = laid(5);
    let mut other = Forest::new(6, Box::new(Memory::new()));
    let opened = TileBuilder::open(Arc::new(disk.clone()), other.reader(), small());
    assert!(matches!(opened, Err(TileError::Stranger { cycle: 20 })));
    for _ in 0..25 {
        other.grow(&[(1, 500), (2, 100)]);
    }
    let opened = TileBuilder::open(Arc::new(disk), other.reader(), small());
    let error = opened.unwrap_err();
    assert!(
        matches!(error, TileError::Stranger { cycle: 20 }),
        "{error}"
    );
    assert!(error.needs_rebuild());
}
