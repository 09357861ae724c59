use super::*;

#[test]
fn starts_stand_at_even_distances_and_none_goes_early() {
    let start = Instant::now();
    for per_second in [0.5, 3.0, 50.0, 333.3, 10_000.0, 1_234_567.0] {
        let schedule = Schedule::new(start, per_second, 5_000);
        for number in [0, 1, 2, 7, 999, 4_999] {
            let meant = schedule.meant(number);
            assert_eq!(schedule.due(meant), number + 1, "{per_second} {number}");
            if number > 0 {
                let just_before = meant - Duration::from_nanos(2);
                assert_eq!(schedule.due(just_before), number, "{per_second} {number}");
            }
        }
    }
}

#[test]
fn there_are_as_many_as_are_offered_and_no_more() {
    let start = Instant::now();
    let schedule = Schedule::over(start, 40.0, Duration::from_secs(3));
    assert_eq!(schedule.count(), 120);
    assert_eq!(schedule.due(start), 1);
    assert_eq!(schedule.due(start + Duration::from_secs(1)), 41);
    assert_eq!(schedule.due(start + Duration::from_secs(3_600)), 120);
    let none = Schedule::over(start, 40.0, Duration::ZERO);
    assert_eq!(none.due(start + Duration::from_secs(1)), 0);
}

#[test]
fn a_start_before_the_first_is_none() {
    let start = Instant::now() + Duration::from_secs(60);
    let schedule = Schedule::new(start, 100.0, 10);
    // The clock may be read before a start that lies ahead.
    assert_eq!(schedule.due(Instant::now()), 0);
}
