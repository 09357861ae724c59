use std::time::Duration;

use super::{Before, Fault, Inner};

#[test]
fn faults_read() {
    let millis = Duration::from_millis;
    let table = [
        (
            "latency=50ms±20ms",
            Some(Fault::Latency(millis(50), millis(20))),
        ),
        (
            "latency=50ms+-20ms",
            Some(Fault::Latency(millis(50), millis(20))),
        ),
        ("latency=2s", Some(Fault::Latency(millis(2_000), millis(0)))),
        ("error=0.05", Some(Fault::Error(0.05))),
        ("throttle=1", Some(Fault::Throttle(1.0))),
        ("wrong-key=0", Some(Fault::WrongKey(0.0))),
        ("garbage=0.5", Some(Fault::Garbage(0.5))),
        ("stall=0.01", Some(Fault::Stall(0.01))),
        ("error=1.5", None),
        ("error=NaN", None),
        ("error", None),
        ("latency=50", None),
        ("latency=700s", None),
        ("latency=-1ms", None),
        ("flood=1", None),
        ("", None),
    ];
    for (text, expected) in table {
        assert_eq!(text.parse().ok(), expected, "{text}");
    }
}

#[test]
fn a_seed_gives_one_order_of_events() {
    let plan = vec![
        Fault::Latency(Duration::from_millis(50), Duration::from_millis(20)),
        Fault::Error(0.2),
        Fault::Garbage(0.5),
    ];
    let run = |seed| {
        let mut inner = Inner {
            plan: plan.clone(),
            chances: fastrand::Rng::with_seed(seed),
        };
        (0..100)
            .map(|_| {
                let (wait, then) = inner.before();
                (wait, matches!(then, Before::Error), inner.after(64))
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
    let waits = run(7);
    let within = Duration::from_millis(30)..=Duration::from_millis(70);
    assert!(waits.iter().all(|(wait, ..)| within.contains(wait)));
    let failed = waits.iter().filter(|(_, is_error, _)| *is_error).count();
    assert!((5..50).contains(&failed), "{failed}");
}
