use super::*;

#[test]
fn kinds_come_as_often_as_they_weigh() {
    let mix: Mix = "receipt=7,range=2,checkpoint=1".parse().unwrap();
    let count = |kind| (0..1_000).filter(|at| mix.draw(*at) == kind).count();
    assert_eq!(
        Kind::ALL.map(count),
        [700, 200, 0, 100],
        "{mix}: of a thousand numbers in a row"
    );
    assert_eq!(mix.to_string(), "receipt=7,range=2,checkpoint=1");
}

#[test]
fn what_is_no_mix_is_refused() {
    for text in [
        "",
        "receipt",
        "receipt=",
        "receipt=-1",
        "receipt=0",
        "receipts=1",
        "receipt=1,receipt=2",
        "receipt=1,",
        "range=0,statement=0",
    ] {
        let error = text.parse::<Mix>().unwrap_err();
        assert!(error.to_string().contains("is no mix"), "{text}");
    }
}
