use std::time::Duration;

use super::{Steps, Taken};

#[test]
fn warns_above_the_budget_only() {
    let step = |seconds| Taken {
        name: "clippy".to_owned(),
        time: Duration::from_secs(seconds),
        budget: Duration::from_secs(10),
    };
    assert_eq!(step(10).warning(), None);
    assert_eq!(
        step(11).warning().as_deref(),
        Some("warning: clippy took 11.0 s, its budget is 10 s")
    );
}

#[test]
fn a_failure_names_its_step() {
    let mut steps = Steps::default();
    let outcome = steps.run("fmt", Duration::from_secs(1), || Err::<(), _>("no".into()));
    assert_eq!(outcome.unwrap_err().to_string(), "fmt: no");
}
