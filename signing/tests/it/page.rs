//! What `docs/operate/signing.md` claims.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use signing::limits;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operate/signing.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_policy_lets_one_role_sign_and_denies_everybody_else() {
    let page = page();
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (policy, _) = rest.split_once("```").unwrap();
    let policy: Value = serde_json::from_str(policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    let about = |effect: &str| {
        let fits = |s: &&Value| s["Effect"] == effect && s["Action"] == "kms:Sign";
        let found: Vec<&Value> = statements.iter().filter(fits).collect();
        assert_eq!(found.len(), 1, "{effect}");
        found[0].clone()
    };
    let (allow, deny) = (about("Allow"), about("Deny"));
    let role = &allow["Principal"]["AWS"];
    assert_eq!(deny["Principal"], "*");
    assert_eq!(deny["Condition"]["ArnNotEquals"]["aws:PrincipalArn"], *role);
    let wide = statements.iter().filter(|s| {
        let actions = s["Action"].to_string();
        s["Effect"] == "Allow" && (actions.contains('*') || actions.contains("Grant"))
    });
    assert_eq!(wide.count(), 0);
}

#[test]
fn the_times_are_those_of_the_code() {
    let page = page();
    let seconds = |time: Duration| format!("{} s", time.as_secs());
    let pause = format!(
        "up to {} ms, doubled each time, at random, at most {}",
        limits::PAUSE.as_millis(),
        seconds(limits::PAUSE_MAX)
    );
    for (what, value) in [
        (
            "a connection, TLS included",
            seconds(limits::CONNECT_TIMEOUT),
        ),
        ("one attempt", seconds(limits::ATTEMPT_TIMEOUT)),
        (
            "all attempts for one signature, pauses included",
            seconds(limits::OPERATION_TIMEOUT),
        ),
        ("attempts", limits::ATTEMPTS.to_string()),
        ("pause before the next one", pause),
    ] {
        let row = format!("| {what} | {value} |");
        assert!(page.contains(&row), "`{row}` is not there");
    }
    let answer = format!("{} KiB of an answer", limits::ANSWER_MAX >> 10);
    assert!(page.contains(&answer), "`{answer}` is not there");
}
