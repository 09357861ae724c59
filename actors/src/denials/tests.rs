use super::*;

const SECOND: u64 = 1_000_000_000;

fn at(seconds: u64) -> Nanos {
    Nanos(seconds * SECOND)
}

fn kind(rule: u16) -> Kind {
    Kind {
        book: BookId(7),
        principal: Digest::of(b"who"),
        operation: Operation::Post,
        result: Code::Denied,
        rule,
        policy: Digest::of(b"policy"),
        is_whole: true,
    }
}

fn tally(request: u8) -> Tally {
    Tally {
        origin: Origin::daemon(),
        named: BookId(7),
        request: Digest::of(&[request]),
        count: 1,
        members: 2,
    }
}

#[test]
fn the_first_is_due_at_once_and_the_others_together_when_ten_seconds_are_over() {
    let mut denials = Denials::default();
    assert!(denials.count(kind(1), &tally(1), at(100)));
    let (_, first) = denials.take(&kind(1), at(100)).unwrap();
    assert_eq!((first.count, first.members), (1, 2));
    for request in 2..6 {
        assert!(!denials.count(kind(1), &tally(request), at(105)));
    }
    assert_eq!(denials.due(at(109)), None);
    assert_eq!(denials.due(at(110)), Some(kind(1)));
    let (_, others) = denials.take(&kind(1), at(110)).unwrap();
    assert_eq!((others.count, others.members), (4, 8));
    assert_eq!(others.request, Digest::of(&[5]), "the last of them");
    // Nothing comes: the kind is forgotten, and the next is the first again.
    assert_eq!(denials.due(at(119)), None);
    assert!(!denials.entries.is_empty());
    assert_eq!(denials.due(at(120)), None);
    assert!(denials.entries.is_empty() && denials.order.is_empty());
    assert!(denials.count(kind(1), &tally(6), at(120)));
}

#[test]
fn kinds_are_counted_apart() {
    let mut denials = Denials::default();
    let other = Kind {
        is_whole: false,
        ..kind(1)
    };
    for kind in [kind(1), kind(2), other] {
        assert!(denials.count(kind, &tally(1), at(1)));
        assert!(denials.take(&kind, at(1)).is_some());
    }
    assert_eq!(denials.take(&kind(1), at(1)), None);
}

#[test]
fn what_shapes_books_and_the_platform_is_never_limited() {
    let mut denials = Denials::default();
    for operation in [Operation::CreateAccounts, Operation::CreateTenant] {
        let kind = Kind {
            operation,
            ..kind(1)
        };
        for request in 0..5 {
            assert!(denials.count(kind, &tally(request), at(1)));
            assert_eq!(denials.take(&kind, at(1)).unwrap().1.count, 1);
        }
    }
}

#[test]
fn what_cannot_be_recorded_is_kept_and_tried_again() {
    let mut denials = Denials::default();
    assert!(denials.count(kind(1), &tally(1), at(1)));
    assert_eq!(denials.due(at(1)), Some(kind(1)));
    denials.try_later(&kind(1), at(1));
    assert_eq!(denials.due(at(1)), None);
    // It was never told: the next that comes may tell of both.
    assert!(denials.count(kind(1), &tally(2), at(1)));
    assert_eq!(denials.due(at(2)), Some(kind(1)));
    assert_eq!(denials.take(&kind(1), at(2)).unwrap().1.count, 2);
}

#[test]
fn a_full_table_counts_what_it_cannot_keep() {
    let mut denials = Denials::default();
    for rule in 0..KINDS_MAX as u16 {
        assert!(denials.has_room_for(&kind(rule)));
        denials.count(kind(rule), &tally(1), at(1));
    }
    let one_more = kind(KINDS_MAX as u16);
    assert!(denials.has_room_for(&kind(0)) && !denials.has_room_for(&one_more));
    denials.count_as_other(one_more, &tally(1));
    denials.count_as_other(kind(5_000), &tally(2));
    let (origin, others) = denials.take_others().unwrap();
    assert_eq!((others.count, others.members), (2, 4));
    assert_eq!((others.principal, others.rule), (Digest::ZERO, 0));
    assert_eq!(origin, Origin::daemon());
    assert!(!denials.has_others());
    assert_eq!(denials.oldest(), Some(kind(0)));
    denials.forget(&kind(0));
    assert!(denials.has_room_for(&one_more));
    assert_eq!(denials.pending().len(), KINDS_MAX - 1);
}

/// However denials come, each is in exactly one event.
#[test]
fn counts_are_exact() {
    let mut denials = Denials::default();
    let mut random = store::disk::sim::Random::new(5);
    let (mut counted, mut told, mut events) = (0, 0, 0);
    let mut now = 0;
    for _ in 0..20_000 {
        now += random.below(SECOND / 10);
        let kind = kind(random.below(5) as u16);
        counted += 1;
        let is_open = !random.one_in(4);
        if denials.count(kind, &tally(1), Nanos(now)) && is_open {
            told += denials.take(&kind, Nanos(now)).unwrap().1.count;
            events += 1;
        }
        while let Some(kind) = denials.due(Nanos(now)) {
            if is_open {
                told += denials.take(&kind, Nanos(now)).unwrap().1.count;
                events += 1;
            } else {
                denials.try_later(&kind, Nanos(now));
            }
        }
    }
    let most = 5 * (1 + now / WINDOW_NANOS);
    assert!(events <= most, "{events} events where {most} may be");
    for kind in denials.pending() {
        told += denials.take(&kind, Nanos(now)).unwrap().1.count;
    }
    assert_eq!(told, counted);
}
