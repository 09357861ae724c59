//! Permits that no longer hold.

use std::sync::Arc;

use crossbeam::channel::bounded;
use ledger::{Code, Nanos};

use super::{Batch, FOREIGN, NOW, OWN, post, principal, principal_of, seat, shipped, with_own};
use crate::authority::{Authority, PERMIT_NANOS_MAX, ROUNDS_MAX};
use crate::denied::{Reason, Refused};
use crate::permitted::Permitted;
use crate::{Needs, Principal, Role, Verdict};

fn permit(authority: &Authority, principal: &Arc<Principal>) -> Permitted<Batch> {
    authority
        .permit(principal, post(), Batch::of(1, &[(1, 2)]), NOW)
        .unwrap()
}

fn again(
    authority: &Authority,
    permitted: Permitted<Batch>,
    now: Nanos,
) -> Result<Permitted<Batch>, Refused<Batch>> {
    let (tell, told) = bounded(1);
    authority.again(permitted, now, move |judged| tell.send(judged).unwrap());
    told.recv().unwrap()
}

#[test]
fn one_that_is_too_old_is_judged_anew_and_keeps_its_request() {
    let authority = shipped();
    let first = permit(&authority, &principal(Role::Write));
    assert_eq!(first.expires_at(), Nanos(NOW.0 + PERMIT_NANOS_MAX));
    assert!(authority.is_current(&first, first.expires_at()));

    let later = Nanos(first.expires_at().0 + 1);
    assert!(!authority.is_current(&first, later));
    let origin = first.origin();
    let second = again(&authority, first, later).unwrap();
    assert!(authority.is_current(&second, later));
    assert_eq!((second.origin(), second.rounds()), (origin, 2));
    assert_eq!(second.request(), post().digest);
    assert_eq!(second.into_value(), Batch::of(1, &[(1, 2)]));
}

#[test]
fn one_that_was_judged_again_and_again_is_refused_as_busy() {
    let authority = shipped();
    let mut permitted = permit(&authority, &principal(Role::Write));
    for round in 1..ROUNDS_MAX {
        assert_eq!(permitted.rounds(), round);
        permitted = again(&authority, permitted, NOW).unwrap();
    }
    let refused = again(&authority, permitted, NOW).unwrap_err();
    assert_eq!(refused.denied().reason, Reason::Restless);
    assert_eq!(refused.denied().code(), Code::Busy);
}

#[test]
fn another_set_makes_those_stale_whom_it_is_another_for() {
    let authority = shipped();
    let own = permit(&authority, &principal(Role::Write));
    let read = super::request(ledger::Operation::Totals, super::book_of(FOREIGN));
    let foreign = Arc::new(principal_of(FOREIGN, Role::Read));
    let foreign = authority.permit(&foreign, read, (), NOW).unwrap();

    let allow = seat("own", Needs::default(), |_, _, _| Ok(Verdict::Allow));
    authority.install(with_own(vec![allow]));
    assert!(!authority.is_current(&own, NOW));
    assert!(authority.is_current(&foreign, NOW));
    let own = again(&authority, own, NOW).unwrap();
    assert!(authority.is_current(&own, NOW));
    assert_eq!(own.policy_set(), authority.policy_set_for(OWN));

    let deny = seat("own", Needs::default(), |_, _, _| Ok(Verdict::Deny(2)));
    authority.install(with_own(vec![deny]));
    // The same name and version: a set is told by what it consists of, not by when it came.
    assert!(authority.is_current(&own, NOW));
    authority.install(shipped().policies());
    assert!(!authority.is_current(&own, NOW));
}

#[test]
fn whoever_lost_its_standing_has_no_permit_and_gets_none() {
    let authority = shipped();
    let writer = principal(Role::Write);
    let permitted = permit(&authority, &writer);
    writer.lose_standing();
    assert!(!authority.is_current(&permitted, NOW));
    let refused = again(&authority, permitted, NOW).unwrap_err();
    assert_eq!(refused.denied().reason, Reason::StandingLost);
    assert_eq!(refused.denied().code(), Code::Denied);
}

#[test]
fn what_is_judged_while_the_set_is_exchanged_is_judged_to_its_end_by_the_one_before() {
    let (begin, begun) = bounded(1);
    let (go, wait) = bounded::<()>(1);
    let slow = seat("slow", Needs::TIME, move |_, _, _| {
        begin.send(()).unwrap();
        let _ = wait.recv();
        Ok(Verdict::Allow)
    });
    let set = with_own(vec![slow]);
    let before = set.digest_for(OWN);
    let authority = Authority::start(set, super::super::AuthorityLimits::default()).unwrap();
    let (tell, told) = bounded(1);
    let line = authority.line();
    let batch = Batch::of(1, &[(1, 2)]);
    let then = move |judged| tell.send(judged).unwrap();
    authority.judge(&line, &principal(Role::Write), post(), batch, NOW, then);
    begun.recv().unwrap();
    authority.install(shipped().policies());
    drop(go);
    let judged: Result<Permitted<Batch>, Refused<Batch>> = told.recv().unwrap();
    let permitted = judged.unwrap();
    assert_eq!(permitted.policy_set(), before);
    assert!(!authority.is_current(&permitted, NOW));
    assert!(authority.is_current(&again(&authority, permitted, NOW).unwrap(), NOW));
}
