use super::*;
use crate::figures::Beside;
use crate::figures::tests::{plan, proven};

fn page(slos: &[&str]) -> String {
    let slos: Vec<_> = slos.iter().map(|text| text.parse().unwrap()).collect();
    let beside = Beside {
        signer: "a <signer> & more".to_owned(),
        ..Beside::default()
    };
    let proven = proven();
    let figures = Figures::new(&plan(), &proven, &beside, &slos);
    html(&plan(), &proven, &figures).unwrap()
}

/// How many points the first line with this name has.
fn points(page: &str, name: &str) -> usize {
    let from = page.find(&format!("data-series=\"{name}\"")).unwrap();
    let from = from + page[from..].find("d=\"").unwrap() + 3;
    let to = from + page[from..].find('"').unwrap();
    page[from..to].matches('L').count()
}

#[test]
fn the_page_holds_every_series() {
    let page = page(&["receipt_p99=300ms", "proof_p95=5s"]);
    for (name, count) in [
        ("post p99", 3),
        ("receipt p99", 3),
        ("proof p50", 3),
        ("transfers offered", 2),
        ("transfers achieved", 3),
        ("receipts achieved", 3),
        ("proofs offered", 2),
        ("proofs achieved", 3),
        ("seal lag", 30),
        ("unsealed", 30),
    ] {
        assert_eq!(points(&page, name), count, "{name}");
    }
    assert!(points(&page, "receipt") > 30, "the percentile curve");
    assert!(page.contains("nothing is signed"), "the outage");
    assert_eq!(page.matches("<svg").count(), 7);
    assert!(page.contains("A bound is breached"));
    assert!(page.contains("<td>receipt_p99</td><td>300 ms</td>"));
}

#[test]
fn the_page_needs_nothing_else_and_takes_no_text_for_markup() {
    let page = page(&[]);
    for foreign in [
        "http:", "https:", "<script", "src=", "href=", "url(", "@import",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("a &lt;signer&gt; &amp; more"));
    assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
    let count = |text: &str| page.matches(text).count();
    for tag in ["svg", "figure", "details", "table", "main", "section"] {
        let (open, closed) = (count(&format!("<{tag}")), count(&format!("</{tag}>")));
        assert_eq!(open, closed, "{tag}");
    }
}
