//! Random commands, decided by the core and by the model: both must agree on everything.
//!
//! `LEDGERD_SEED` and `LEDGERD_COMMANDS` say which commands and how many; a failure prints both.

mod requests;
mod world;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use ledger::Code;

use crate::rng::Rng;
use world::World;

/// Commands of one ledger; then another begins, so that a failure is near its beginning.
const COMMANDS_PER_WORLD: u64 = 600;
/// Commands of each of the two tests.
const COMMANDS: u64 = 1_000_000;

#[test]
fn the_same_commands_every_time() {
    run(0x1ed9e4d);
}

#[test]
fn other_commands_every_time() {
    run(RandomState::new().hash_one(0));
}

fn run(seed: u64) {
    let from_environment = |name| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let seed = from_environment("LEDGERD_SEED").unwrap_or(seed);
    let commands = from_environment("LEDGERD_COMMANDS").unwrap_or(COMMANDS);
    let mut seen = BTreeMap::new();
    let mut seeds = Rng(seed);
    let mut done = 0;
    let mut snapshots = 0;
    // The first world is the seed's own, so that the seed of a failure repeats it alone.
    let mut world_seed = seed;
    while done < commands {
        let guard = PrintOnPanic(world_seed);
        let mut world = World::new(world_seed);
        while world.commands < COMMANDS_PER_WORLD {
            world.step();
        }
        world.finish();
        done += world.commands;
        snapshots += world.pair.snapshots;
        for (code, count) in &world.seen {
            *seen.entry(*code).or_insert(0) += count;
        }
        std::mem::forget(guard);
        world_seed = seeds.next();
    }
    if commands >= 100_000 {
        assert_all_codes(&seen);
        assert!(snapshots > commands / 10_000, "only {snapshots} snapshots");
    }
}

struct PrintOnPanic(u64);

impl Drop for PrintOnPanic {
    fn drop(&mut self) {
        eprintln!("repeat with LEDGERD_SEED={} LEDGERD_COMMANDS=1", self.0);
    }
}

/// Commands that never reach some code would test less than they seem to.
fn assert_all_codes(seen: &BTreeMap<Code, u64>) {
    // These take millions of accounts or holds.
    let never = [Code::TooManyAccounts, Code::TooManyHolds];
    // Policies have no verdict: never the code of a member.
    let of_policies = 301..400;
    let missing: Vec<Code> = Code::ALL
        .iter()
        .filter(|code| code.number() < 900 && !of_policies.contains(&code.number()))
        .filter(|code| !never.contains(code) && !seen.contains_key(code))
        .copied()
        .collect();
    assert!(missing.is_empty(), "codes that no command got: {missing:?}");
}
