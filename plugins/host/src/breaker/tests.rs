use super::{Breaker, Outcome, Turn};
use crate::limits::{COOL_DOWN_DOUBLINGS, COOL_DOWN_TICKS, FAULTS_IN_A_ROW};

use Outcome::{Answered, Faulted, NotAsked};

fn opened(now: u64) -> Breaker {
    let mut breaker = Breaker::default();
    for fault in 1..=FAULTS_IN_A_ROW {
        assert!(breaker.lets_through(now));
        let turn = breaker.learn(Faulted, now);
        assert_eq!(turn.is_some(), fault == FAULTS_IN_A_ROW);
    }
    assert!(breaker.is_open());
    breaker
}

#[test]
fn faults_that_are_not_in_a_row_do_not_open_it() {
    let mut breaker = Breaker::default();
    for now in 0..100 {
        assert!(breaker.lets_through(now));
        let outcome = if now % u64::from(FAULTS_IN_A_ROW) == 0 {
            Answered
        } else {
            Faulted
        };
        assert_eq!(breaker.learn(outcome, now), None);
    }
}

#[test]
fn an_open_one_lets_nothing_through_until_it_has_cooled_down_and_then_one_call() {
    let mut breaker = opened(7);
    assert!(!breaker.lets_through(7));
    assert!(!breaker.lets_through(7 + COOL_DOWN_TICKS - 1));
    assert!(breaker.lets_through(7 + COOL_DOWN_TICKS));
    assert!(!breaker.lets_through(7 + COOL_DOWN_TICKS), "one at a time");
    assert_eq!(
        breaker.learn(Answered, 8 + COOL_DOWN_TICKS),
        Some(Turn::Closed)
    );
    assert!(!breaker.is_open());
    assert!(breaker.lets_through(8 + COOL_DOWN_TICKS));
}

#[test]
fn each_time_it_opens_for_twice_as_long_up_to_a_bound() {
    let mut breaker = opened(0);
    let mut now = 0;
    for opening in 0..COOL_DOWN_DOUBLINGS + 3 {
        let wait = COOL_DOWN_TICKS << opening.min(COOL_DOWN_DOUBLINGS);
        assert!(!breaker.lets_through(now + wait - 1), "opening {opening}");
        now += wait;
        assert!(breaker.lets_through(now), "opening {opening}");
        assert_eq!(breaker.learn(Faulted, now), None, "it never closed");
    }
    assert!(breaker.is_open());
}

#[test]
fn a_call_that_reached_nobody_tells_nothing() {
    let mut breaker = opened(0);
    assert!(breaker.lets_through(COOL_DOWN_TICKS));
    assert_eq!(breaker.learn(NotAsked, COOL_DOWN_TICKS), None);
    assert!(breaker.lets_through(COOL_DOWN_TICKS), "the next one tries");
    let mut breaker = Breaker::default();
    for _ in 0..10 * FAULTS_IN_A_ROW {
        assert_eq!(breaker.learn(NotAsked, 0), None);
    }
    assert!(!breaker.is_open());
}

#[test]
fn what_was_under_way_when_it_opened_changes_nothing() {
    let mut breaker = opened(0);
    assert_eq!(breaker.learn(Answered, 1), None);
    assert_eq!(breaker.learn(Faulted, 1), None);
    assert!(breaker.lets_through(COOL_DOWN_TICKS));
}
