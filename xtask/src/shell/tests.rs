use std::time::{Duration, Instant};

use super::{program, run_within};

#[test]
fn what_takes_too_long_is_killed() {
    let start = Instant::now();
    let error = run_within(Duration::from_millis(50), program("sleep").arg("60")).unwrap_err();
    assert_eq!(error.to_string(), "`sleep 60` took longer than 0 s");
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn what_ends_in_time_is_judged_by_its_status() {
    let limit = Duration::from_secs(60);
    run_within(limit, &mut program("true")).unwrap();
    let error = run_within(limit, &mut program("false")).unwrap_err();
    assert!(
        error.to_string().starts_with("`false` ended with"),
        "{error}"
    );
}
