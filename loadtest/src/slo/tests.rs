use super::*;

#[test]
fn bounds_are_read_and_what_has_no_meaning_is_refused() {
    use Quantile::{Max, P50, P95, P99, P999};
    use Subject::{Post, Proof, Receipt, Seal};
    use What::{Errors, Rate, Time};
    let table = [
        ("receipt_p99=300ms", Some((Time(Receipt, P99), 300.0))),
        ("proof_p95=5s", Some((Time(Proof, P95), 5_000.0))),
        ("post_p50=250us", Some((Time(Post, P50), 0.25))),
        ("post_max=1.5s", Some((Time(Post, Max), 1_500.0))),
        ("proof_p999=2s", Some((Time(Proof, P999), 2_000.0))),
        ("seal_lag_p99=200ms", Some((Time(Seal, P99), 200.0))),
        ("post_rate=45000", Some((Rate(Post), 45_000.0))),
        ("seal_rate=10", Some((Rate(Seal), 10.0))),
        ("proof_errors=0.01", Some((Errors(Proof), 0.01))),
        ("receipt_errors=0", Some((Errors(Receipt), 0.0))),
        ("receipt_p99", None),
        ("receipt_p98=1s", None),
        ("recipt_p99=1s", None),
        ("receipt_p99=300", None),
        ("receipt_p99=ms", None),
        ("receipt_p99=-1ms", None),
        ("receipt_p99=NaNms", None),
        ("receipt_p99=infs", None),
        ("post_rate=5s", None),
        ("post_rate=NaN", None),
        ("post_errors=1.5", None),
        ("seal_p99=1s", None),
        ("seal_errors=0", None),
        ("seal_lag_rate=1", None),
        ("seal_lag_errors=1", None),
        ("=1s", None),
        ("", None),
    ];
    for (text, expected) in table {
        let read = text.parse::<Slo>().ok();
        assert_eq!(
            read.clone().map(|slo| (slo.what, slo.bound)),
            expected,
            "{text}"
        );
        if let Some(slo) = read {
            assert_eq!(slo.what.to_string(), text.split_once('=').unwrap().0);
        }
    }
}

#[test]
fn refusals_name_the_value_and_the_remedy() {
    for (text, needs) in [
        ("receipt_p99", "`receipt_p99` has no bound"),
        ("recipt_p99=1s", "nothing is called `recipt_p99`"),
        ("proof_p95=5", "`5` is no bound of `proof_p95`"),
    ] {
        let error = text.parse::<Slo>().unwrap_err().to_string();
        assert!(error.contains(needs), "{error}");
    }
}

#[test]
fn what_is_measured_is_judged_against_the_bound_and_nothing_holds_nothing() {
    let table = [
        ("receipt_p99=300ms", Some(300.0), true),
        ("receipt_p99=300ms", Some(300.1), false),
        ("receipt_p99=300ms", None, false),
        ("receipt_p99=300ms", Some(f64::NAN), false),
        ("post_rate=100", Some(100.0), true),
        ("post_rate=100", Some(99.9), false),
        ("seal_rate=10", Some(9.9), true),
        ("seal_rate=10", Some(10.1), false),
        ("proof_errors=0", Some(0.0), true),
        ("proof_errors=0", Some(0.001), false),
    ];
    for (text, measured, held) in table {
        let judged = text.parse::<Slo>().unwrap().judge(measured);
        assert_eq!(judged.held, held, "{text} {measured:?}");
        assert_eq!(judged.to_string().contains("BREACHED"), !held);
    }
}
