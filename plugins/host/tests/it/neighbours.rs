//! A policy that means ill does not disturb one that does not.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use plugins_host::{Fault, Verdict};

use crate::guest::{Guest, ask, load};

#[test]
fn a_good_policy_decides_while_bad_ones_fail_beside_it() {
    let good = load(&Guest::default().build()).unwrap();
    let bad = [
        Guest::evaluating("(loop $l (br $l)) unreachable"),
        Guest::evaluating("unreachable"),
        Guest::evaluating(
            "(loop $l (br_if $l (i32.ne (i32.const -1) (memory.grow (i32.const 1))))) unreachable",
        ),
    ]
    .map(|guest| load(&guest.build()).unwrap());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for policy in &bad {
            scope.spawn(|| {
                let mut asked = 0_u32;
                while !done.load(Ordering::Relaxed) || asked == 0 {
                    let fault = ask(policy, 1).unwrap_err();
                    assert!(!matches!(fault, Fault::Unavailable), "{fault}");
                    asked += 1;
                }
            });
        }
        let refused = (0..2_000)
            .filter(|_| ask(&good, 10) != Ok(Verdict::Allow))
            .count();
        done.store(true, Ordering::Relaxed);
        assert_eq!(refused, 0);
    });
    assert_eq!(good.faults(), 0);
}
