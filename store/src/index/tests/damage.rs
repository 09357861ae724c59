//! Damaged files are named, and never answered from.

use std::ops::ControlFlow;
use std::sync::Arc;

use ledger::past::KeyKind;
use ledger::{AccountId, BookId};

use super::world::{Shape, World};
use crate::disk::sim::Random;
use crate::disk::{Disk, SimDisk};
use crate::index::{Index, IndexBuilder, IndexError, IndexLimits, rebuild};

fn built(world: &World) -> SimDisk {
    let disk = SimDisk::new(4);
    let limits = IndexLimits::new(64 << 10, 256 << 10);
    let (mut builder, _) = IndexBuilder::open(Arc::new(disk.clone()), limits).unwrap();
    world.feed(&mut builder).unwrap();
    builder.flush().unwrap();
    while builder.work().unwrap() {}
    disk
}

/// Asks everything; the first error.
fn ask(world: &World, index: &Index) -> Option<IndexError> {
    let kinds = [KeyKind::Transfer, KeyKind::HoldEnd, KeyKind::Reversal];
    for ((kind, book, id), (seq, _)) in &world.keys {
        match index.find(BookId(*book), kinds[*kind as usize], *id) {
            Ok(found) => assert_eq!(found, Some(*seq)),
            Err(error) => return Some(error),
        }
    }
    for ((book, account), legs) in &world.legs {
        let mut expected = legs.iter().map(|(leg, _)| leg);
        let read = index.legs(BookId(*book), AccountId(*account), 0..u64::MAX, |leg| {
            assert_eq!(Some(leg), expected.next());
            ControlFlow::Continue(())
        });
        if let Err(error) = read {
            return Some(error);
        }
    }
    None
}

#[test]
fn any_damage_is_told_with_the_file_that_has_it() {
    let mut world = World::new(
        6,
        Shape {
            accounts: 9,
            events: 90,
            ..Shape::default()
        },
    );
    (0..20).for_each(|_| world.grow());
    let mut random = Random::new(6);
    let names = built(&world).list().unwrap();
    assert!(names.len() >= 3, "{names:?}");
    for name in names.iter().cycle().take(40) {
        let disk = built(&world);
        let len = disk.open(name).unwrap().len().unwrap();
        match random.below(3) {
            0 => disk
                .flip_bit(name, random.below(len), random.below(8) as u8)
                .unwrap(),
            1 => disk.truncate(name, random.below(len)).unwrap(),
            _ => {
                let at = random.below(len);
                let junk: Vec<u8> = (0..(len - at).min(700)).map(|n| n as u8 ^ 0xa5).collect();
                disk.overwrite(name, at, &junk).unwrap();
            }
        }
        let opened = IndexBuilder::open(Arc::new(disk.clone()), IndexLimits::default());
        let error = match opened {
            Err(error) => Some(error),
            Ok((_, index)) => ask(&world, &index),
        };
        // Damage to bytes that nothing needed to answer may go unseen, wrong answers may not.
        if let Some(error) = error {
            let IndexError::Corrupt { file, .. } = &error else {
                panic!("{error}")
            };
            assert_eq!(&**file, name, "{error}");
        }
        rebuild(&disk).unwrap();
        let limits = IndexLimits::default();
        let (mut builder, index) = IndexBuilder::open(Arc::new(disk), limits).unwrap();
        world.feed(&mut builder).unwrap();
        builder.flush().unwrap();
        assert!(ask(&world, &index).is_none());
    }
}

#[test]
fn a_missing_run_is_named() {
    let mut world = World::new(7, Shape::default());
    (0..20).for_each(|_| world.grow());
    let disk = built(&world);
    let name = disk
        .list()
        .unwrap()
        .into_iter()
        .find(|name| name.contains("ids"))
        .unwrap();
    disk.remove(&name).unwrap();
    let error = IndexBuilder::open(Arc::new(disk), IndexLimits::default()).unwrap_err();
    assert!(error.to_string().contains(&name), "{error}");
    assert!(error.needs_rebuild());
}
