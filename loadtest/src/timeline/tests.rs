use super::*;

#[test]
fn a_request_counts_where_it_was_meant_and_where_it_was_done() {
    let start = Instant::now();
    let mut timeline = Timeline::new(start).unwrap();
    let millis = |at| start + Duration::from_millis(at);
    // A stall from 1.0 s on: what was meant in that second was answered in the fourth.
    for meant in (1_000..2_000).step_by(100) {
        timeline.add(millis(meant), millis(3_500), 5);
    }
    timeline.add(millis(10), millis(12), 5);
    let seconds = timeline.seconds();
    assert_eq!(seconds.len(), 2);
    assert_eq!((seconds[0].count, seconds[0].max), (1, 2.0));
    assert_eq!((seconds[1].count, seconds[1].max), (10, 2_500.0));
    assert_eq!(seconds[1].p50, 2_000.0);
    assert_eq!(timeline.done(), [5, 0, 0, 50]);
    assert_eq!(timeline.latencies().count(), 11);
    assert_eq!(timeline.end(), Duration::from_millis(3_500));
}
