//! Files of cases.

use plugins_host::cases::Cases;
use plugins_host::{Limits, LoadError, LoadOptions, Policy, limits, shipped};

use crate::guest::{Guest, deny, load, options, runtime};

const DENIES: &str = r#"[
  { "name": "by name", "expect": { "deny": "rule" } },
  { "name": "by number", "expect": { "deny": 7 },
    "context": { "operation": "post", "now": "2026-11-24T09:30:00Z" },
    "batch": [{ "debit": "1", "credit": 2, "amount": "340282366920938463463374607431768211455" }] }
]"#;

#[test]
fn the_cases_that_come_with_a_policy_must_pass() {
    let component = Guest::evaluating(&deny(7)).build();
    let with = |cases| LoadOptions {
        cases: Some(cases),
        ..options(&component, Limits::default())
    };
    let policy = Policy::load(runtime(), &with(DENIES.as_bytes())).unwrap();
    let cases = Cases::parse(DENIES.as_bytes()).unwrap();
    let outcomes = cases.run(&policy).unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.passed));
    assert_eq!(outcomes[1].transfers, 1);
    assert_eq!(outcomes[1].found, "deny by `rule`");

    let failing = DENIES.replace(r#"{ "deny": 7 }"#, r#""allow""#);
    let error = Policy::load(runtime(), &with(failing.as_bytes())).unwrap_err();
    let how = "expected allow, found deny by `rule`".to_owned();
    let expected = LoadError::CasesFailed {
        cases: 2,
        failed: vec![("by number".to_owned(), how)],
    };
    assert_eq!(error, expected);
}

#[test]
fn a_fault_can_be_expected_and_is_never_taken_for_a_verdict() {
    let policy = load(&Guest::evaluating("unreachable").build()).unwrap();
    let run = |expect: &str| {
        let text = format!(r#"[{{ "name": "one", "expect": {expect} }}]"#);
        let cases = Cases::parse(text.as_bytes()).unwrap();
        cases.run(&policy).unwrap()[0].passed
    };
    assert!(run(r#"{ "fault": "trapped" }"#));
    assert!(!run(r#"{ "fault": "timed_out" }"#));
    assert!(!run(r#"{ "deny": "rule" }"#));
    assert!(!run(r#""allow""#));
}

#[test]
fn cases_that_fail_keep_no_later_case_and_no_request_from_being_asked() {
    let policy = load(&Guest::evaluating("unreachable").build()).unwrap();
    let case = r#"{ "name": "one", "expect": { "fault": "trapped" } }"#;
    let many = vec![case; 2 * limits::FAULTS_IN_A_ROW as usize].join(",");
    let cases = Cases::parse(format!("[{many}]").as_bytes()).unwrap();
    let outcomes = cases.run(&policy).unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.passed));
    assert!(!policy.is_breaker_open());
}

#[test]
fn what_is_no_file_of_cases_is_refused_and_the_place_is_said() {
    let case = |inner: &str| format!(r#"[{{ "name": "one", "expect": "allow", {inner} }}]"#);
    let transfer = |inner: &str| {
        case(&format!(
            r#""accounts": [{{ "id": 1 }}, {{ "id": 2 }}], "batch": [{{ {inner} }}]"#
        ))
    };
    let rows = [
        ("{}".to_owned(), "expected a sequence"),
        (
            r#"[{ "name": "one" }]"#.to_owned(),
            "missing field `expect`",
        ),
        (case(r#""contxt": {}"#), "unknown field `contxt`"),
        (
            case(r#""context": { "now": "yesterday" }"#),
            "`yesterday` is not a moment",
        ),
        (
            case(r#""context": { "now": "2026-02-29T00:00:00Z" }"#),
            "is not a moment",
        ),
        (
            case(r#""accounts": [{ "id": 1 }, { "id": "1" }]"#),
            "account `1` stands twice",
        ),
        (
            case(r#""accounts": [{ "id": 1, "tags": [64] }]"#),
            "tag `64` is above 63",
        ),
        (
            transfer(r#""debit": 1, "credit": 3, "amount": 1"#),
            "account `3` is not among",
        ),
        (
            transfer(r#""debit": 1, "credit": 2, "amount": "-1""#),
            "`-1` is not a number",
        ),
        (
            r#"[{ "name": "one", "expect": { "fault": "odd" } }]"#.to_owned(),
            "fault `odd` is unknown",
        ),
    ];
    for (text, expected) in rows {
        let problem = Cases::parse(text.as_bytes()).unwrap_err();
        assert!(problem.contains(expected), "{text}: {problem}");
    }
}

#[test]
fn a_case_may_have_a_configuration_of_its_own() {
    let text = r#"[
      { "name": "small batches", "expect": { "deny": "batch_transfers" },
        "config": { "batch": { "max_transfers": 1 } },
        "batch": [{ "debit": 1, "credit": 2, "amount": 1 },
                  { "debit": 1, "credit": 2, "amount": 1 }] },
      { "name": "as it is", "expect": "allow",
        "batch": [{ "debit": 1, "credit": 2, "amount": 1 },
                  { "debit": 1, "credit": 2, "amount": 1 }] }
    ]"#;
    let policy = load(shipped::LIMITS.component).unwrap();
    let outcomes = Cases::parse(text.as_bytes()).unwrap().run(&policy).unwrap();
    let found: Vec<&str> = outcomes
        .iter()
        .map(|outcome| outcome.found.as_str())
        .collect();
    assert!(found[0].starts_with("deny by"), "{found:?}");
    assert_eq!(found[1], "allow");
}

#[test]
fn measuring_tells_time_fuel_and_memory() {
    let component = Guest::default().build();
    let policy = load(&component).unwrap();
    let metered = plugins_host::Runtime::new(plugins_host::RuntimeOptions {
        metered: true,
        ..plugins_host::RuntimeOptions::default()
    })
    .unwrap();
    let metered = Policy::load(&metered, &options(&component, Limits::default())).unwrap();
    let cases = Cases::parse(
        br#"[{ "name": "one", "expect": "allow",
        "batch": [{ "debit": 1, "credit": 2, "amount": 1 }] }]"#,
    )
    .unwrap();
    let start = std::time::Instant::now();
    let clock = || start.elapsed();
    let figures = plugins_host::cases::measure(&cases, &policy, Some(&metered), 5, &clock).unwrap();
    let [one] = &figures[..] else {
        panic!("{figures:?}");
    };
    assert_eq!((one.transfers, one.memory_bytes), (1, 2 << 16));
    assert!(one.time.as_nanos() > 0 && one.nanos_per_transfer > 0.0);
    assert!(one.fuel.unwrap() > 10, "{figures:?}");
}
