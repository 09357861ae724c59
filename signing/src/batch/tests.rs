use super::*;

const MS: u64 = 1_000_000;

fn at(ms: u64) -> Nanos {
    Nanos(ms * MS)
}

fn batcher() -> Batcher {
    Batcher::new(BatchLimits::default())
}

#[test]
fn nothing_moved_is_nothing_to_seal() {
    let mut b = batcher();
    assert_eq!(b.due(at(5)), Due::Never);
    b.want();
    assert_eq!(b.due(at(5)), Due::Never);
    b.moved(1);
    assert_eq!(b.due(at(5)), Due::Now);
}

#[test]
fn the_pause_depends_on_load_and_on_who_waits() {
    // (events since the last seal, whether somebody waits, pause in ms)
    for (events, is_wanted, pause) in [
        (1, false, 1_000),
        (999, false, 1_000),
        (1_000, false, 100),
        (1, true, 100),
    ] {
        let mut b = batcher();
        b.moved(1);
        b.sealed(1, at(0)).unwrap();
        b.moved(events);
        if is_wanted {
            b.want();
        }
        assert_eq!(b.due(at(pause - 1)), Due::At(at(pause)), "{events}");
        assert_eq!(b.due(at(pause)), Due::Now, "{events}");
    }
}

#[test]
fn seals_leave_places_for_operators() {
    let mut b = batcher();
    for seq in 1..=16 {
        b.moved(1);
        assert_eq!(b.due(at(seq * 1_000)), Due::Now);
        b.sealed(seq, at(seq * 1_000)).unwrap();
    }
    b.moved(1);
    assert_eq!(b.due(at(99_000)), Due::Never);
    for seq in 17..=20 {
        assert!(b.has_place());
        b.intended(seq, at(99_000)).unwrap();
    }
    assert!(!b.has_place());
}

#[test]
fn rows_are_published_in_order_however_they_are_signed() {
    let mut b = batcher();
    for seq in 7..10 {
        b.intended(seq, at(0)).unwrap();
    }
    assert_eq!(b.intended(11, at(0)).unwrap_err().step, "intended");
    assert_eq!(
        [b.ask(at(0)), b.ask(at(0)), b.ask(at(0))],
        [Some(7), Some(8), Some(9)]
    );
    assert_eq!(b.ask(at(0)), None);
    assert!(b.signed(9).unwrap());
    assert!(b.signed(8).unwrap());
    assert_eq!(b.publishable(), None);
    assert!(b.published(8).is_err());
    assert!(b.signed(7).unwrap());
    for seq in 7..10 {
        assert_eq!(b.publishable(), Some(seq));
        b.published(seq).unwrap();
    }
    assert_eq!(b.in_flight(), 0);
}

#[test]
fn a_failed_row_is_asked_again_after_a_growing_pause() {
    let mut b = batcher();
    b.intended(1, at(0)).unwrap();
    let mut now = 0;
    for pause in [50, 100, 200, 400, 800, 1_600, 2_000, 2_000] {
        assert_eq!(b.ask(at(now)), Some(1));
        assert_eq!(b.ask(at(now)), None);
        assert!(b.failed(1, at(now)).unwrap());
        assert_eq!(b.next_ask(), Some(at(now + pause)));
        assert_eq!(b.ask(at(now + pause - 1)), None);
        now += pause;
    }
}

#[test]
fn one_signature_ends_the_pauses_of_all_others() {
    let mut b = batcher();
    for seq in 1..=3 {
        b.intended(seq, at(0)).unwrap();
        assert_eq!(b.ask(at(0)), Some(seq));
    }
    for seq in 2..=3 {
        assert!(b.failed(seq, at(0)).unwrap());
    }
    assert_eq!(b.ask(at(1)), None);
    assert!(b.signed(1).unwrap());
    assert_eq!((b.ask(at(1)), b.ask(at(1))), (Some(2), Some(3)));
}

/// Every stage against every step: what may follow, and that nothing else does.
#[test]
fn stages_and_steps() {
    fn in_stage(stage: &str) -> Batcher {
        let mut b = batcher();
        b.intended(1, at(0)).unwrap();
        if stage != "intended" {
            assert_eq!(b.ask(at(0)), Some(1));
        }
        if stage == "signed" || stage == "published" {
            assert!(b.signed(1).unwrap());
        }
        if stage == "published" {
            b.published(1).unwrap();
        }
        b
    }
    let table = [
        // stage, ask, signed, failed, published
        ("intended", true, Err(()), Err(()), false),
        ("asked", false, Ok(true), Ok(true), false),
        ("signed", false, Err(()), Err(()), true),
        ("published", false, Ok(false), Ok(false), false),
    ];
    for (stage, ask, signed, failed, published) in table {
        assert_eq!(in_stage(stage).ask(at(9)).is_some(), ask, "{stage}");
        let got = in_stage(stage).signed(1).map_err(|_| ());
        assert_eq!(got, signed, "{stage}");
        let got = in_stage(stage).failed(1, at(9)).map_err(|_| ());
        assert_eq!(got, failed, "{stage}");
        assert_eq!(in_stage(stage).published(1).is_ok(), published, "{stage}");
    }
}

#[test]
fn what_was_abandoned_is_sealed_again_and_its_late_answers_count_for_nothing() {
    let mut b = batcher();
    b.moved(5);
    b.sealed(1, at(0)).unwrap();
    b.moved(5);
    b.sealed(2, at(200)).unwrap();
    assert_eq!((b.ask(at(200)), b.ask(at(200))), (Some(1), Some(2)));
    b.abandon(2);
    b.moved(5);
    assert_eq!(b.in_flight(), 1);
    assert!(!b.signed(2).unwrap());
    assert_eq!(b.due(at(201)), Due::Now);
    b.sealed(2, at(201)).unwrap();
    assert_eq!(b.ask(at(201)), Some(2));
}
