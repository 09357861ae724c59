use super::{Deadline, thread_nanos};
use crate::limits::WAIT_FACTOR;

const MS: u64 = 1_000_000;

#[test]
fn a_call_that_runs_all_the_time_ends_when_its_time_is_over() {
    let mut deadline = Deadline::new(10 * MS);
    assert_eq!(deadline.first_ticks(), 5);
    assert_eq!(deadline.more_ticks(105 * MS), Some(5));
    assert_eq!(deadline.more_ticks(110 * MS), None);
}

#[test]
fn a_call_that_waits_for_a_processor_has_its_time_all_the_same() {
    let mut deadline = Deadline::new(10 * MS);
    assert_eq!(deadline.more_ticks(100 * MS), Some(5));
    assert_eq!(deadline.more_ticks(101 * MS), Some(4));
    assert_eq!(deadline.more_ticks(101 * MS), Some(4));
    assert_eq!(deadline.more_ticks(104 * MS + 1), Some(1));
    assert_eq!(deadline.more_ticks(105 * MS), None);
}

#[test]
fn no_call_waits_for_ever() {
    let mut deadline = Deadline::new(10 * MS);
    let mut ticks = 0;
    while let Some(more) = deadline.more_ticks(100 * MS) {
        ticks += more;
    }
    assert_eq!(ticks, 5 * WAIT_FACTOR);
}

#[test]
fn the_least_time_is_a_tick_for_each_half() {
    let mut deadline = Deadline::new(1);
    assert_eq!(deadline.first_ticks(), 1);
    assert_eq!(deadline.more_ticks(0), Some(1));
    assert_eq!(deadline.more_ticks(1), None);
}

#[test]
fn the_time_of_a_thread_goes_on_while_it_runs() {
    let before = thread_nanos();
    while thread_nanos() == before {}
}
