//! A policy that fails again and again is not asked for a while, and never passed over.

use std::sync::Arc;

use parking_lot::Mutex;
use plugins_host::{Fault, Limits, Policy, Runtime, RuntimeOptions, Turn, limits};

use crate::guest::{Guest, ask, options};

#[test]
fn an_open_breaker_denies_with_a_fault_of_its_own_and_is_told_of() {
    let changes = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&changes);
    let runtime = Runtime::new(RuntimeOptions {
        watch: Some(Arc::new(move |change| told.lock().push(change.clone()))),
        ..RuntimeOptions::default()
    })
    .unwrap();
    let component = Guest::evaluating("unreachable").build();
    let policy = Policy::load(&runtime, &options(&component, Limits::default())).unwrap();
    for _ in 0..limits::FAULTS_IN_A_ROW {
        assert!(!policy.is_breaker_open());
        assert_eq!(ask(&policy, 1), Err(Fault::Trapped));
    }
    assert!(policy.is_breaker_open());
    assert_eq!(ask(&policy, 1), Err(Fault::BreakerOpen));
    assert_eq!(policy.faults(), u64::from(limits::FAULTS_IN_A_ROW));
    let changes = changes.lock();
    assert_eq!(changes.len(), 1);
    assert_eq!(&*changes[0].name, "guest");
    assert_eq!(changes[0].turn, Turn::Opened);
}

#[test]
fn a_policy_that_says_that_it_cannot_decide_goes_on_being_asked() {
    let component = Guest::evaluating(&crate::guest::error(1, 5)).build();
    let policy = crate::guest::load(&component).unwrap();
    for _ in 0..3 * limits::FAULTS_IN_A_ROW {
        assert!(matches!(ask(&policy, 1), Err(Fault::Failed(_))));
    }
    assert!(!policy.is_breaker_open());
}
