//! The signer out of reach: postings go on until the window is full, and what waited is sealed in
//! order once it is back.

use std::time::Duration;

use signing::{Fault, SignerError};

use super::world::World;
use crate::seal_window::SealWindowLimits;
use crate::signer::chain::{Answer, Ask};

fn unavailable(ask: &Ask) -> Answer {
    let fault = Fault::Unavailable("connection refused".into());
    Answer {
        seq: ask.intent.seq(),
        digest: ask.intent.digest(),
        result: Err(SignerError::new("kms", fault)),
    }
}

#[test]
fn thirty_seconds_without_a_signer_fill_the_window_and_drain_in_order() {
    let mut world = World::new(1);
    world.window = SealWindowLimits {
        events: 100,
        age: Duration::from_secs(3_600),
    };
    let mut chain = world.start().unwrap();
    world.post(&[7], &chain);
    world.settle(&mut chain);
    let before = chain.published.seq;
    let mut posted = 0;
    let mut refused = 0;
    for _ in 0..300 {
        world.pass(100);
        if world.is_full(&chain.window) {
            refused += 1;
        } else {
            world.post(&[7], &chain);
            posted += 1;
        }
        for ask in chain.step(world.now).unwrap().asks {
            chain.answered(unavailable(&ask), world.now).unwrap();
        }
    }
    assert_eq!((posted, refused), (100, 200));
    assert_eq!(chain.published.seq, before, "nothing unsigned is published");
    assert!(chain.batcher.in_flight() <= 16);
    world.settle(&mut chain);
    assert!(!world.is_full(&chain.window));
    assert_eq!(chain.window.events(), 0);
    let rows = world.verify(&chain, &world.keyring.keyring);
    assert!(rows.len() as u64 > before);
    let head = chain.sealed.head(ledger::BookId(7)).unwrap();
    assert_eq!(head.size, 101);
}

#[test]
fn a_seal_a_second_when_little_moves_and_ten_when_somebody_waits() {
    for (is_wanted, seals) in [(false, 10), (true, 100)] {
        let mut world = World::new(2);
        let mut chain = world.start().unwrap();
        world.settle(&mut chain);
        let before = chain.published.seq;
        for _ in 0..1_000 {
            world.pass(10);
            world.post(&[3], &chain);
            if is_wanted {
                chain.sealed.want();
            }
            for ask in chain.step(world.now).unwrap().asks {
                let answer = world.sign(ask);
                chain.answered(answer, world.now).unwrap();
            }
        }
        let made = chain.published.seq - before;
        assert!((seals - 1..=seals + 1).contains(&made), "{made} seals");
    }
}

/// Prints what a seal costs: to be read with `--release`, alone, with `--no-capture`.
#[test]
fn cost_of_a_seal_over_ten_thousand_books_of_which_a_thousand_moved() {
    const SEALS: u32 = 10;
    let mut world = World::new(3);
    for book in 100..10_100 {
        world.create_book(book);
    }
    let mut chain = world.start().unwrap();
    let books: Vec<u32> = (100..10_100).collect();
    world.post(&books, &chain);
    world.settle(&mut chain);
    let (mut made, mut shown) = (Duration::ZERO, Duration::ZERO);
    for round in 0..SEALS {
        let moved: Vec<u32> = (0..1_000).map(|i| 100 + i * 10 + round % 10).collect();
        world.post(&moved, &chain);
        world.pass(1_000);
        let begun = std::time::Instant::now();
        let mut asks = chain.step(world.now).unwrap().asks;
        made += begun.elapsed();
        let ask = asks.pop().unwrap();
        assert_eq!(
            (asks.len(), ask.intent.payload().content.kind()),
            (0, "seal")
        );
        let answer = world.sign(ask);
        let begun = std::time::Instant::now();
        chain.answered(answer, world.now).unwrap();
        shown += begun.elapsed();
    }
    let head = chain.sealed.head(ledger::BookId(100)).unwrap();
    assert!(head.size > 1);
    let (made, shown) = (made / SEALS, shown / SEALS);
    println!("a seal of 1,000 heads among 10,003: {made:?} made, {shown:?} published and shown");
}
