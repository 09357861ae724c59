//! Runs a body on seeds and mutations.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use fastrand::Rng;
use fuzz_bodies::{TARGETS, Verdict};

use crate::corpus::seeds;
use crate::mutate::mutate;

/// How long mutations are tried. Which come first follows from the seed alone.
const TIME: Duration = Duration::from_millis(800);
const SEED: u64 = 0x1ed6_e4d0;

pub(crate) fn target(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let seeds = seeds(name);
    for seed in &seeds {
        let verdict = (target.body)(&seed.bytes);
        if seed.must_be_accepted() {
            assert_eq!(verdict, Verdict::Accepted, "{name}/{}", seed.name);
        }
    }

    let seed = std::env::var("FUZZ_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    let mut rng = Rng::with_seed(seed);
    let (begin, mut tried, mut accepted) = (Instant::now(), 0_u64, 0_u64);
    while begin.elapsed() < TIME {
        let mut bytes = seeds[rng.usize(..seeds.len())].bytes.clone();
        let other = &seeds[rng.usize(..seeds.len())].bytes;
        mutate(&mut bytes, other, &mut rng);
        tried += 1;
        match catch_unwind(AssertUnwindSafe(|| (target.body)(&bytes))) {
            Ok(verdict) => accepted += u64::from(verdict == Verdict::Accepted),
            Err(_) => panic!("{name}: FUZZ_SEED={seed}, input {tried}: {}", hex(&bytes)),
        }
    }
    println!("{name}: seed {seed}, {tried} inputs, {accepted} accepted");
    assert!(tried > 20, "{name}: {tried} inputs in {TIME:?}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
