//! Instances that are kept, and those that are not.

use plugins_host::{Limits, Policy, Runtime, RuntimeOptions, Verdict};

use crate::guest::{Guest, ask, deny, options};

#[test]
fn all_instances_together_stay_within_what_may_be_kept() {
    let kept_bytes = 2 << 20;
    let runtime = Runtime::new(RuntimeOptions {
        kept_bytes,
        ..RuntimeOptions::default()
    })
    .unwrap();
    let component = Guest::default().build();
    let policies: Vec<Policy> = (0..100)
        .map(|_| Policy::load(&runtime, &options(&component, Limits::default())).unwrap())
        .collect();
    for _ in 0..3 {
        for policy in &policies {
            assert_eq!(ask(policy, 1), Ok(Verdict::Allow));
            assert!(runtime.instance_bytes() as u64 <= kept_bytes);
        }
    }
    // 2 MiB hold 16 instances of two pages.
    assert_eq!(runtime.instances(), 16);
    drop(policies);
    assert_eq!((runtime.instances(), runtime.instance_bytes()), (0, 0));
}

#[test]
fn a_grown_instance_is_counted_as_it_has_become() {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let guest = Guest::evaluating("(drop (memory.grow (i32.const 10))) (i32.const 16)");
    let component = guest.build();
    let policy = Policy::load(&runtime, &options(&component, Limits::default())).unwrap();
    assert_eq!(runtime.instance_bytes(), 2 << 16);
    assert_eq!(ask(&policy, 0), Ok(Verdict::Allow));
    assert_eq!(runtime.instance_bytes(), 12 << 16);
    assert_eq!(policy.peak_bytes(), 12 << 16);
}

#[test]
fn a_trapped_instance_is_never_asked_again() {
    // It traps at the second call: only if the first one left something behind.
    let guest = Guest {
        more: "(global $asked (mut i32) (i32.const 0))".to_owned(),
        ..Guest::evaluating(
            "(if (i32.eq (global.get $asked) (i32.const 1))
               (then (global.set $asked (i32.const 2)) unreachable))
             (if (i32.eq (global.get $asked) (i32.const 2)) (then (return (i32.const -4))))
             (global.set $asked (i32.const 1))
             (i32.const 16)",
        )
    };
    let policy = crate::guest::load(&guest.build()).unwrap();
    for _ in 0..10 {
        assert_eq!(ask(&policy, 1), Ok(Verdict::Allow));
        assert_eq!(ask(&policy, 1), Err(plugins_host::Fault::Trapped));
    }
}

#[test]
fn one_program_serves_policies_that_do_not_share_memory() {
    // Denies if its configuration is longer than two bytes, which it keeps.
    let guest = Guest {
        more: "(global $length (mut i32) (i32.const 0))".to_owned(),
        init: "(global.set $length (local.get 1)) (i32.const 16)".to_owned(),
        ..Guest::evaluating(&format!(
            "(if (i32.le_u (global.get $length) (i32.const 2)) (then (return (i32.const 16)))) {}",
            deny(7)
        ))
    };
    let component = guest.build();
    let runtime = crate::guest::runtime();
    let plain = options(&component, Limits::default());
    let other = plugins_host::LoadOptions {
        config: "{ }",
        ..plain
    };
    let (allows, denies) = (
        Policy::load(runtime, &plain).unwrap(),
        Policy::load(runtime, &other).unwrap(),
    );
    for _ in 0..5 {
        assert_eq!(ask(&allows, 1), Ok(Verdict::Allow));
        assert_eq!(ask(&denies, 1), Ok(Verdict::Deny(7)));
    }
}
