//! Nobody takes more than a share.

use crate::harness::client::Answer;
use crate::harness::{As, Place};

const KEYS: &[(&str, &str)] = &[("seal", "seal")];

/// How many of so many requests pass, and an answer that did not.
async fn pass(place: &Place, proxy: &crate::harness::process::Proxy, who: As) -> (usize, Answer) {
    let client = place.client(proxy, who);
    let (mut passed, mut last) = (0, None);
    for _ in 0..20 {
        let answer = client.get("/health").await;
        if answer.status == 429 {
            last = Some(answer);
        } else {
            passed += 1;
        }
    }
    (passed, last.unwrap())
}

#[tokio::test]
async fn each_client_has_its_own_share_and_the_unknown_have_one_per_address() {
    let limits = "[limits]\nrequests_per_second = 1\nburst = 5\nunauthenticated_per_second = 3\n";
    let place = Place::new(KEYS, limits);
    let proxy = place.start();
    for (who, burst) in [
        (As::Key("kernel"), 5),
        (As::Certificate("ledger"), 5),
        (As::Nobody, 3),
    ] {
        let (passed, refused) = pass(&place, &proxy, who).await;
        // Time goes by, and a little comes back.
        assert!((burst..20).contains(&passed), "{who:?}: {passed}");
        assert_eq!(refused.body["error"], "too_many_requests");
        assert!(refused.retry_after.is_some_and(|seconds| seconds >= 1));
    }
    // Guesses of an API key are counted with the unknown.
    let (passed, _) = pass(&place, &proxy, As::Key("wrong")).await;
    assert!(passed < 20, "{passed}");
    // What was refused of clients has its line, and a flood of the unknown fills no disk.
    let mut asked = 0;
    crate::harness::until("lines are written", async || {
        place.client(&proxy, As::Nobody).get("/health").await;
        asked += 1;
        let of = |client| {
            let lines = place.audit().into_iter();
            let refused = lines.filter(|line| line["outcome"] == "too_many_requests");
            let refused = refused.filter(|line| line["client"] == client);
            let count = |line: serde_json::Value| 1 + line["untold"].as_u64().unwrap_or(0);
            refused.map(count).collect::<Vec<u64>>()
        };
        let unknown = of("");
        of("kernel").len() >= 10
            && of("ledger").len() >= 10
            && unknown.iter().sum::<u64>() > 20
            && unknown.len() < asked
    })
    .await;
}
