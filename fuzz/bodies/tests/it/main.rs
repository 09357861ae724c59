//! Every body on every seed, and on mutations of them.
//!
//! The mutations follow from a seed, which a failure prints; `FUZZ_SEED` gives another. What a
//! longer search finds belongs into `fuzz/seeds/`, where it stays a test.

#![cfg(test)]

mod corpus;
mod mutate;
mod run;

macro_rules! targets {
    ($($name:ident)*) => {
        /// The targets that have a test below.
        const TESTED: &[&str] = &[$(stringify!($name)),*];

        $(#[test]
        fn $name() {
            run::target(stringify!($name));
        })*
    };
}

targets! {
    frame message identity segment journal notes superblock snapshot index event replay proof
    audit policy
}

#[test]
fn every_target_is_tested_and_has_seeds_and_a_binary() {
    let names: Vec<&str> = fuzz_bodies::TARGETS.iter().map(|t| t.name).collect();
    assert_eq!(names, TESTED);
    let manifest = std::fs::read_to_string(corpus::fuzz_folder().join("Cargo.toml")).unwrap();
    for name in names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(!corpus::seeds(name).is_empty(), "{name}");
    }
}
