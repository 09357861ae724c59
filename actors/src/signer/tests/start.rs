//! What a start refuses: a journal, a log or an anchor that do not fit each other.

use verify::ChainHead;
use verify::approval::Content;

use super::world::World;
use crate::signer::start::{Known, SealStartError};
use ledger::Digest;
use store::Journal as _;
use store::memory::Memory;

fn sealed_world() -> World {
    let mut world = World::new(3);
    let mut chain = world.start().unwrap();
    for _ in 0..5 {
        world.post(&[7, 3], &chain);
        world.settle(&mut chain);
    }
    world
}

#[test]
fn a_new_process_shows_what_was_sealed_before_it_seals() {
    let mut world = sealed_world();
    let before = world.start().unwrap();
    let seal = before.sealed.seal().unwrap();
    let head = before.sealed.proven_head(ledger::BookId(3)).unwrap();
    assert_eq!(head.row, *seal);
    head.verify(&world.keyring.keyring).unwrap();
    drop(before);
    // And again with an intent that nobody signed.
    let mut chain = world.start().unwrap();
    world.post(&[5], &chain);
    chain.sealed.want();
    let step = chain.step(world.now).unwrap();
    assert_eq!(step.asks.len(), 1);
    drop(step);
    drop(chain);
    let mut chain = world.start().unwrap();
    assert_eq!(chain.flights.len(), 1);
    assert_eq!(chain.sealed.seal().unwrap(), seal);
    world.settle(&mut chain);
    let head = chain.sealed.proven_head(ledger::BookId(5)).unwrap();
    assert_eq!(head.head.size, 1);
    head.verify(&world.keyring.keyring).unwrap();
}

#[test]
fn a_book_without_a_block_has_its_position_from_the_start() {
    let mut world = World::new(4);
    let mut chain = world.start().unwrap();
    world.post(&[5], &chain);
    world.settle(&mut chain);
    let head = chain.sealed.proven_head(ledger::BookId(5)).unwrap();
    assert_eq!((head.position, head.row.seal().unwrap().books), (3, 4));
    world.create_book(1);
    world.post(&[1, 7], &chain);
    // The registry that the chain looks positions up in is the shard's: a new process has it.
    drop(chain);
    let mut chain = world.start().unwrap();
    world.settle(&mut chain);
    let head = chain.sealed.proven_head(ledger::BookId(1)).unwrap();
    assert_eq!((head.position, head.row.seal().unwrap().books), (4, 5));
    head.verify(&world.keyring.keyring).unwrap();
}

#[test]
fn a_journal_that_is_older_than_its_seals_is_refused() {
    let mut world = sealed_world();
    let mut older = Memory::new();
    let last = world.cycle - 1;
    for cycle in world.journal.reader().cycles(1).take(last as usize) {
        older.append(&cycle.unwrap()).unwrap();
    }
    (world.journal, world.cycle) = (older, last);
    let error = world.start().err().unwrap();
    assert!(
        matches!(error, SealStartError::JournalBehind { covered, last_cycle, .. }
            if covered == last + 1 && last_cycle == last),
        "{error}"
    );
}

#[test]
fn another_journal_than_was_sealed_is_refused() {
    let mut world = sealed_world();
    let head = world.heads.get_mut(&ledger::BookId(7)).unwrap();
    head.hash = Digest::of(b"another block");
    let error = world.start().err().unwrap();
    assert!(matches!(error, SealStartError::WrongRoot { .. }), "{error}");
}

#[test]
fn a_log_that_is_older_than_the_anchor_is_refused_until_a_recovery_of_just_that_is_approved() {
    let mut world = sealed_world();
    let chain = world.start().unwrap();
    let head = chain.published;
    let keyring = chain.keys.registry.keyring().clone();
    drop(chain);
    let known = |epoch, head| Known {
        by: "the anchor".to_owned(),
        epoch,
        head,
    };
    // A known head that is there is no reason to stop, and neither is an older one.
    world.known = vec![known(1, head)];
    world.start().unwrap();
    let ahead = ChainHead {
        seq: head.seq + 3,
        digest: Digest::of(b"lost"),
    };
    for lost in [
        ahead,
        ChainHead {
            seq: head.seq,
            ..ahead
        },
    ] {
        world.known = vec![known(1, lost)];
        let error = world.start().err().unwrap();
        assert!(
            matches!(error, SealStartError::AnchorAhead { .. }),
            "{error}"
        );
        // Approvals of something else do not help.
        for (nonce, anchor, epoch) in [(1, head, 2), (2, lost, 1)] {
            let content = Content::Recovery { anchor, epoch };
            world.recovery = Some(world.approve(content, &keyring, nonce));
            let error = world.start().err().unwrap();
            assert!(matches!(error, SealStartError::Recovery(_)), "{error}");
        }
        world.recovery = None;
    }
    world.known = vec![known(1, ahead)];
    let content = Content::Recovery {
        anchor: ahead,
        epoch: 2,
    };
    world.recovery = Some(world.approve(content, &keyring, 3));
    let chain = world.start().unwrap();
    assert_eq!(chain.origin.epoch, 2);
    drop(chain);
    // The approval is carried out by a row that is durable, whether or not it is signed yet.
    for recovery in [world.recovery.take(), None] {
        world.recovery = recovery;
        assert_eq!(world.start().unwrap().origin.epoch, 2);
    }
    let mut chain = world.start().unwrap();
    world.post(&[7], &chain);
    world.settle(&mut chain);
    let rows = world.verify(&chain, &world.keyring.keyring);
    assert_eq!(rows.last().unwrap().payload().origin.epoch, 2);
    drop(chain);
    // From now on the old anchor is explained by the recovery.
    world.start().unwrap();
}

#[test]
fn a_recovery_gives_up_every_head_up_to_the_one_it_names() {
    let mut world = sealed_world();
    let chain = world.start().unwrap();
    let (head, keyring) = (chain.published, chain.keys.registry.keyring().clone());
    drop(chain);
    let known = |by: &str, ahead: u64| Known {
        by: by.to_owned(),
        epoch: 1,
        head: ChainHead {
            seq: head.seq + ahead,
            digest: Digest::of(by.as_bytes()),
        },
    };
    world.known = vec![known("a proxy", 2), known("the anchor", 3)];
    let recovery = |at: usize| Content::Recovery {
        anchor: world.known[at].head,
        epoch: 2,
    };
    let approvals = [0, 1].map(|at| world.approve(recovery(at), &keyring, at as u8 + 1));
    let [less, all] = approvals;
    world.recovery = Some(less);
    let error = world.start().err().unwrap();
    assert!(matches!(error, SealStartError::Recovery(_)), "{error}");
    world.recovery = Some(all);
    world.start().unwrap();
    world.recovery = None;
    world.start().unwrap();
    world.known.push(known("another proxy", 4));
    let error = world.start().err().unwrap();
    assert!(
        matches!(error, SealStartError::AnchorAhead { .. }),
        "{error}"
    );
}

#[test]
fn a_recovery_from_nothing_begins_with_its_keyring_too() {
    let mut world = sealed_world();
    let chain = world.start().unwrap();
    let (lost, keyring) = (chain.published, chain.keys.registry.keyring().clone());
    drop(chain);
    world.disk = store::disk::SimDisk::new(30);
    world.known = vec![Known {
        by: "the anchor".to_owned(),
        epoch: 1,
        head: lost,
    }];
    let content = Content::Recovery {
        anchor: lost,
        epoch: 2,
    };
    world.recovery = Some(world.approve(content, &keyring, 1));
    let mut chain = world.start().unwrap();
    world.recovery = None;
    world.settle(&mut chain);
    super::operators::add_second(&mut chain, &world);
    world.settle(&mut chain);
    world.verify(&chain, &keyring);
    let registry = chain.keys.registry.clone();
    drop(chain);
    assert_eq!(world.start().unwrap().keys.registry, registry);
}
