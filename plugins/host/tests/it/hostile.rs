//! Guests that mean ill: each has an error of its own, and disturbs nobody else.

use plugins_host::contract::PolicyError;
use plugins_host::{BadOutput, Fault, Limits, LoadError, MemberDenial, Verdict};

use crate::guest::{Guest, allow_except, ask, deny, error, load, load_within};

fn fault(guest: &Guest) -> Fault {
    let policy = load(&guest.build()).unwrap();
    let fault = ask(&policy, 3).unwrap_err();
    // The next one is asked of a fresh instance and fails alike.
    assert_eq!(ask(&policy, 3).unwrap_err(), fault);
    fault
}

#[test]
fn a_guest_that_behaves_is_heard() {
    let policy = load(&Guest::default().build()).unwrap();
    assert_eq!(policy.component_name(), "guest");
    assert_eq!(policy.rules().len(), 1);
    assert_eq!(policy.rule(7).unwrap().name, "rule");
    for transfers in [0, 1, 8_190] {
        assert_eq!(ask(&policy, transfers), Ok(Verdict::Allow));
    }
    let policy = load(&Guest::evaluating(&deny(7)).build()).unwrap();
    assert_eq!(ask(&policy, 1), Ok(Verdict::Deny(7)));
    let policy = load(&Guest::denying(&[(0, 7), (2, 7)]).build()).unwrap();
    let denials = [0, 2].map(|index| MemberDenial { index, rule: 7 });
    assert_eq!(ask(&policy, 3), Ok(Verdict::AllowExcept(denials.to_vec())));
    assert_eq!(policy.faults(), 0);
}

#[test]
fn each_way_of_failing_has_a_fault_of_its_own() {
    let endless = "(loop $l (br $l)) unreachable";
    let recursion = "(func $deep (param i64) (result i32)
        (i32.add (i32.const 1) (call $deep (i64.add (local.get 0) (i64.const 1)))))";
    let hog = "(loop $l (br_if $l (i32.ne (i32.const -1) (memory.grow (i32.const 16)))))";
    let deep = Guest {
        more: recursion.to_owned(),
        ..Guest::evaluating("(call $deep (i64.const 0))")
    };
    let rows: [(&str, Guest, Fault); 12] = [
        ("panic", Guest::evaluating("unreachable"), Fault::Trapped),
        ("recursion", deep, Fault::Trapped),
        (
            "out of bounds",
            Guest::evaluating("(i32.load (i32.const -8))"),
            Fault::Trapped,
        ),
        (
            "divides by zero",
            Guest::evaluating("(i32.div_u (i32.const 1) (i32.const 0))"),
            Fault::Trapped,
        ),
        ("loops", Guest::evaluating(endless), Fault::TimedOut),
        (
            "hogs memory and panics",
            Guest::evaluating(&format!("{hog} unreachable")),
            Fault::OutOfMemory,
        ),
        (
            "hogs memory and answers nonsense",
            Guest::evaluating(&format!("{hog} (i32.const -4)")),
            Fault::OutOfMemory,
        ),
        (
            "hogs memory and hangs",
            Guest::evaluating(&format!("{hog} {endless}")),
            Fault::TimedOut,
        ),
        (
            "answers from beyond its memory",
            Guest::evaluating("(i32.const -4)"),
            Fault::BadOutput(BadOutput::Malformed),
        ),
        (
            "answers a verdict that is none",
            Guest::evaluating("(i32.store8 (i32.const 260) (i32.const 9)) (i32.const 256)"),
            Fault::BadOutput(BadOutput::Malformed),
        ),
        (
            "answers more than there is",
            Guest::evaluating(&allow_except(0, 0x0fff_ffff)),
            Fault::BadOutput(BadOutput::Malformed),
        ),
        (
            "says that it cannot",
            Guest::evaluating(&error(1, 5)),
            Fault::Failed(PolicyError::Unsupported("guest".to_owned())),
        ),
    ];
    for (what, guest, expected) in rows {
        assert_eq!(fault(&guest), expected, "{what}");
    }
}

#[test]
fn a_verdict_must_be_about_what_was_passed() {
    let rows: [(&[(u32, u16)], BadOutput); 7] = [
        (&[], BadOutput::Empty),
        (&[(3, 7)], BadOutput::OutOfRange(3)),
        (&[(0, 7), (u32::MAX, 7)], BadOutput::OutOfRange(u32::MAX)),
        (&[(1, 7), (0, 7)], BadOutput::NotRising(0)),
        (&[(1, 7), (1, 7)], BadOutput::NotRising(1)),
        (&[(0, 8)], BadOutput::UnknownRule(8)),
        (&[(0, 0)], BadOutput::UnknownRule(0)),
    ];
    for (members, expected) in rows {
        let found = fault(&Guest::denying(members));
        assert_eq!(found, Fault::BadOutput(expected), "{members:?}");
    }
    let found = fault(&Guest::evaluating(&deny(8)));
    assert_eq!(found, Fault::BadOutput(BadOutput::UnknownRule(8)));
}

#[test]
fn a_policy_that_is_not_passed_the_transfers_cannot_speak_about_them() {
    let guest = Guest {
        needs: 0,
        ..Guest::denying(&[(0, 7)])
    };
    assert_eq!(fault(&guest), Fault::BadOutput(BadOutput::OutOfRange(0)));
}

#[test]
fn an_answer_is_never_larger_than_what_was_asked() {
    // Everything in its memory is a list of denied members, many times as many as transfers.
    let guest = Guest {
        pages: 100,
        ..Guest::evaluating(&allow_except(0, 100 * 8_192))
    };
    assert_eq!(fault(&guest), Fault::BadOutput(BadOutput::Malformed));
    let guest = Guest {
        pages: 100,
        ..Guest::evaluating(&error(2, 6_000_000))
    };
    assert_eq!(fault(&guest), Fault::BadOutput(BadOutput::Malformed));
    let guest = Guest::evaluating(&error(2, 5_000));
    let Fault::Failed(PolicyError::Internal(text)) = fault(&guest) else {
        panic!("not told");
    };
    assert_eq!(text.len(), plugins_host::limits::TEXT_BYTES_MAX);
}

#[test]
fn loading_is_bounded_like_asking() {
    let endless = "(loop $l (br $l)) unreachable".to_owned();
    let init = |body: &str| Guest {
        init: body.to_owned(),
        ..Guest::default()
    };
    let describe = |body: &str| Guest {
        describe: body.to_owned(),
        ..Guest::default()
    };
    let bad_config = PolicyError::BadConfig("guest".to_owned());
    let rows = [
        (init(&endless), LoadError::Init(Fault::TimedOut)),
        (init("unreachable"), LoadError::Init(Fault::Trapped)),
        (
            init(&error(0, 5)),
            LoadError::Init(Fault::Failed(bad_config)),
        ),
        (describe(&endless), LoadError::Describe(Fault::TimedOut)),
        (describe("unreachable"), LoadError::Describe(Fault::Trapped)),
        (
            describe("(i32.const -4)"),
            LoadError::Describe(Fault::BadOutput(BadOutput::Malformed)),
        ),
        (
            Guest {
                more: format!("(func $begin {endless}) (start $begin)"),
                ..Guest::default()
            },
            LoadError::Instantiate(Fault::TimedOut),
        ),
        (
            Guest {
                pages: 300,
                ..Guest::default()
            },
            LoadError::Instantiate(Fault::OutOfMemory),
        ),
    ];
    for (guest, expected) in rows {
        assert_eq!(load(&guest.build()).unwrap_err(), expected);
    }
}

#[test]
fn memory_is_what_the_limits_say() {
    let guest = Guest::evaluating(
        "(if (i32.eq (i32.const -1) (memory.grow (i32.const 500))) (then unreachable))
         (i32.const 16)",
    );
    let component = guest.build();
    let limits = |memory_bytes| Limits {
        memory_bytes,
        ..Limits::default()
    };
    let small = load_within(&component, limits(16 << 20)).unwrap();
    assert_eq!(ask(&small, 1), Err(Fault::OutOfMemory));
    let large = load_within(&component, limits(64 << 20)).unwrap();
    assert_eq!(ask(&large, 1), Ok(Verdict::Allow));
    for bytes in [0, 1 << 19, (128 << 20) + 1] {
        let error = load_within(&component, limits(bytes)).unwrap_err();
        assert!(matches!(error, LoadError::Limit(_)), "{error}");
    }
}
