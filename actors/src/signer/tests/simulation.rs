//! A seeded simulation: books move, signers answer late, in any order or not at all, and the power
//! fails at any write. What was published stays, and no place of the chain has two digests.

use std::collections::VecDeque;

use signing::{Fault, SignerError};
use store::disk::sim::Random;

use super::world::World;
use crate::signer::chain::{Answer, Ask, Chain};

const ROUNDS: usize = 60;
const STEPS: usize = 60;

#[test]
fn whatever_fails_published_rows_stay_and_no_place_has_two_digests() {
    for seed in 1..=ROUNDS as u64 {
        round(seed);
    }
}

fn round(seed: u64) {
    let mut random = Random::new(seed);
    let mut world = World::new(seed);
    let mut published = Vec::new();
    for life in 0..4 {
        let started = world.start();
        let mut chain = match started {
            Ok(chain) => chain,
            // The power failed while it started: the next life goes on.
            Err(_) if life > 0 => {
                world.disk = world.disk.power_loss();
                continue;
            }
            Err(error) => panic!("seed {seed}: {error}"),
        };
        let rows = world.verify(&chain, &world.keyring.keyring);
        assert!(
            rows.len() >= published.len() && rows[..published.len()] == published[..],
            "seed {seed}: published rows are gone or changed"
        );
        if life < 3 {
            let at = world.disk.operations() + random.below(400);
            world.disk.fail_power_at(at);
        }
        live(&mut world, &mut chain, &mut random);
        if life < 3 {
            // What readers of this life saw may be less than what is durable, never more.
            let seen = chain.log.reader().last().map_or(0, |head| head.seq);
            let seen = seen.min(chain.published.seq);
            world.disk = if random.below(2) == 0 {
                world.disk.power_loss()
            } else {
                world.disk.process_end()
            };
            published = rows_of(&world, seen);
        } else {
            // What this life asked and nobody answered, the next one asks again.
            drop(chain);
            let mut chain = world.start().unwrap();
            world.settle(&mut chain);
            world.verify(&chain, &world.keyring.keyring);
            assert_eq!(chain.window.events(), 0, "seed {seed}");
        }
    }
}

/// The first rows, as another process reads them.
fn rows_of(world: &World, seen: u64) -> Vec<verify::row::AuditRow> {
    let Ok(chain) = world.start() else {
        return Vec::new();
    };
    let rows = chain.log.reader().rows(1, 10_000).unwrap();
    assert!(rows.len() as u64 >= seen, "a published row is gone");
    rows
}

fn live(world: &mut World, chain: &mut Chain, random: &mut Random) {
    let mut asked: VecDeque<Ask> = VecDeque::new();
    let mut answers: Vec<Answer> = Vec::new();
    for _ in 0..STEPS {
        world.pass(random.below(200));
        let went_on = match random.below(6) {
            0 | 1 => {
                let books: Vec<u32> = [7, 3, 5]
                    .into_iter()
                    .filter(|_| random.below(2) == 0)
                    .collect();
                if !books.is_empty() {
                    world.post(&books, chain);
                }
                Ok(())
            }
            2 | 3 => {
                if random.below(2) == 0 {
                    chain.sealed.want();
                }
                chain.step(world.now).map(|step| asked.extend(step.asks))
            }
            4 => {
                if let Some(ask) = asked.pop_front() {
                    answers.push(answer(world, ask, random));
                }
                Ok(())
            }
            _ => {
                if answers.is_empty() {
                    continue;
                }
                let at = random.below(answers.len() as u64) as usize;
                chain.answered(answers.swap_remove(at), world.now)
            }
        };
        if went_on.is_err() {
            // The process stops here: the disk refused.
            return;
        }
    }
}

fn answer(world: &mut World, ask: Ask, random: &mut Random) -> Answer {
    if random.below(4) != 0 {
        return world.sign(ask);
    }
    let fault = if random.below(2) == 0 {
        Fault::Throttled
    } else {
        Fault::WrongKey("its signature does not verify".into())
    };
    Answer {
        seq: ask.intent.seq(),
        digest: ask.intent.digest(),
        result: Err(SignerError::new("simulated signer", fault)),
    }
}
