//! Candidates beside what is in force.

use std::sync::Arc;

use crossbeam::channel::bounded;
use ledger::limits::BATCH_TRANSFERS_MAX;
use ledger::{Digest, Operation};

use super::{
    Batch, FOREIGN, NOW, OWN, book_of, platform, post, principal, principal_of, request, seat,
    with_own,
};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::shadow::{Candidate, PER_MILLION_MAX, RuleDifference, ShadowError, ShadowReport};
use crate::{MemberDenial, Needs, Role, Seat, Verdict};

const KEY: Digest = Digest([9; 32]);

fn candidate(seat: Arc<Seat>) -> Candidate {
    Candidate {
        key: KEY,
        tenant: None,
        seat,
        per_million: PER_MILLION_MAX,
    }
}

fn except(denials: &[(u32, u16)]) -> Verdict {
    let denials = denials
        .iter()
        .map(|&(index, rule)| MemberDenial { index, rule });
    Verdict::AllowExcept(denials.collect())
}

fn always(name: &str, verdict: Verdict) -> Arc<Seat> {
    seat(name, Needs::TRANSFERS, move |_, _, _| Ok(verdict.clone()))
}

fn batch() -> Batch {
    Batch::of(1, &[(1, 2), (2, 3), (3, 4)])
}

/// What is counted once `requests` were noted.
fn report(authority: &Authority, requests: u64) -> ShadowReport {
    loop {
        let (_, report) = authority.shadow(KEY).unwrap();
        if report.asked + report.failed + report.skipped >= requests {
            return report;
        }
        std::thread::yield_now();
    }
}

/// What a candidate called `limits` finds beside another that is in force, and a second policy.
fn beside(in_force: Verdict, second: Verdict, found: Verdict) -> ShadowReport {
    let authority = platform(vec![always("limits", in_force), always("second", second)]);
    let candidate = candidate(always("limits", found));
    authority.start_shadow(candidate).unwrap();
    let _ = authority.permit(&principal(Role::Write), post(), batch(), NOW);
    report(&authority, 1)
}

#[test]
fn differences_are_counted_by_rule() {
    let (allow, deny) = (Verdict::Allow, Verdict::Deny(2));
    let second = || Verdict::Allow;
    // In force, the second policy, the candidate; would deny, would allow; by rule.
    let rows = [
        (allow.clone(), second(), allow.clone(), (0, 0), vec![]),
        (deny.clone(), second(), deny.clone(), (0, 0), vec![]),
        (
            allow.clone(),
            second(),
            deny.clone(),
            (1, 0),
            vec![(2, 1, 0)],
        ),
        (
            deny.clone(),
            second(),
            allow.clone(),
            (0, 1),
            vec![(2, 0, 1)],
        ),
        (allow.clone(), deny.clone(), allow.clone(), (0, 0), vec![]),
        (allow.clone(), deny.clone(), deny, (0, 0), vec![]),
        (
            allow,
            except(&[(0, 1)]),
            except(&[(0, 3), (1, 3), (2, 1)]),
            (1, 0),
            vec![(1, 1, 0), (3, 1, 0)],
        ),
        (
            except(&[(0, 1), (2, 1)]),
            except(&[(1, 2)]),
            except(&[(2, 3)]),
            (0, 1),
            vec![(1, 0, 1)],
        ),
        (
            except(&[(0, 1)]),
            second(),
            except(&[(1, 2)]),
            (1, 1),
            vec![(1, 0, 1), (2, 1, 0)],
        ),
    ];
    for (in_force, second, found, (would_deny, would_allow), rules) in rows {
        let report = beside(in_force, second, found);
        let by_rule = |((rule, name), difference): (&(u16, Box<str>), &RuleDifference)| {
            assert_eq!(**name, format!("rule-{rule}"));
            (*rule, difference.would_deny, difference.would_allow)
        };
        assert_eq!((report.asked, report.failed, report.skipped), (1, 0, 0));
        assert_eq!(
            (report.would_deny, report.would_allow),
            (would_deny, would_allow)
        );
        let found: Vec<_> = report.rules.iter().map(by_rule).collect();
        assert_eq!(found, rules);
    }
}

#[test]
fn faults_of_a_candidate_are_counted_and_nobody_is_denied() {
    let authority = platform(vec![always("limits", Verdict::Allow)]);
    let fails = seat("limits", Needs::default(), |_, _, _| Err(Fault::Trapped));
    authority.start_shadow(candidate(fails)).unwrap();
    let permitted = authority.permit(&principal(Role::Write), post(), batch(), NOW);
    assert!(permitted.is_ok());
    let report = report(&authority, 1);
    assert_eq!((report.asked, report.failed), (0, 1));
    assert!(report.rules.is_empty());
}

#[test]
fn whoever_waits_for_a_slow_candidate_is_nobody() {
    let (go, wait) = bounded::<()>(0);
    let slow = seat("limits", Needs::default(), move |_, _, _| {
        let _ = wait.recv();
        Ok(Verdict::Deny(1))
    });
    let authority = platform(vec![always("limits", Verdict::Allow)]);
    authority.start_shadow(candidate(slow)).unwrap();
    for _ in 0..200 {
        assert!(
            authority
                .permit(&principal(Role::Write), post(), batch(), NOW)
                .is_ok()
        );
    }
    let (_, waiting) = authority.shadow(KEY).unwrap();
    assert_eq!(waiting.asked, 0);
    assert!((130..200).contains(&waiting.skipped), "{}", waiting.skipped);
    drop(go);
    let report = report(&authority, 200);
    assert_eq!(report.would_deny, report.asked);
}

#[test]
fn no_more_transfers_wait_than_eight_batches_have() {
    let (go, wait) = bounded::<()>(0);
    let slow = seat("limits", Needs::TRANSFERS, move |_, _, _| {
        let _ = wait.recv();
        Ok(Verdict::Allow)
    });
    let authority = platform(vec![always("limits", Verdict::Allow)]);
    authority.start_shadow(candidate(slow)).unwrap();
    let full = [(1, 2); BATCH_TRANSFERS_MAX];
    for _ in 0..20 {
        let batch = Batch::of(1, &full);
        let permitted = authority.permit(&principal(Role::Write), post(), batch, NOW);
        assert!(permitted.is_ok());
    }
    assert_eq!(authority.shadow(KEY).unwrap().1.skipped, 12);
    drop(go);
    assert_eq!(report(&authority, 20).asked, 8);
}

#[test]
fn a_share_is_about_that_many_and_of_the_tenant_alone() {
    let authority = Authority::new(with_own(vec![]));
    let own = Candidate {
        tenant: Some(OWN),
        per_million: 100_000,
        ..candidate(always("own", Verdict::Allow))
    };
    authority.start_shadow(own).unwrap();
    let foreign = Arc::new(principal_of(FOREIGN, Role::Read));
    let read = |tenant| request(Operation::Totals, book_of(tenant));
    for _ in 0..1_000 {
        authority.permit(&foreign, read(FOREIGN), (), NOW).unwrap();
        let auditor = principal(Role::Auditor);
        authority.permit(&auditor, read(OWN), (), NOW).unwrap();
        authority
            .permit(&principal(Role::Read), read(OWN), (), NOW)
            .unwrap();
    }
    let report = report(&authority, 90);
    let noted = report.asked + report.skipped;
    assert!((90..=110).contains(&noted), "{noted}");
}

/// Whose a book is, and what is known of its accounts, is nothing that a tenant may learn by a
/// candidate that counts it, be it called like what denied.
#[test]
fn a_tenants_candidate_is_told_nothing_of_what_is_another_tenants() {
    let authority = Authority::new(with_own(vec![]));
    let (told, owners) = bounded(2);
    let curious = seat("isolation", Needs::TRANSFERS, move |context, _, _| {
        told.send(context.resource.owner.to_owned()).unwrap();
        Ok(Verdict::Allow)
    });
    let own = Candidate {
        tenant: Some(OWN),
        ..candidate(curious)
    };
    authority.start_shadow(own).unwrap();
    let writer = principal(Role::Write);
    for tenant in [FOREIGN, OWN] {
        let request = request(Operation::Post, book_of(tenant));
        let _ = authority.permit(&writer, request, batch(), NOW);
    }
    let report = report(&authority, 1);
    assert_eq!(owners.recv().unwrap(), "tenant-7");
    assert_eq!((report.asked, report.would_allow), (1, 0));
}

#[test]
fn they_are_few_and_end_when_they_are_told_to() {
    let authority = platform(vec![always("limits", Verdict::Allow)]);
    let nth = |key| Candidate {
        key: Digest([key; 32]),
        ..candidate(always("limits", Verdict::Allow))
    };
    for key in 1..=8 {
        authority.start_shadow(nth(key)).unwrap();
    }
    assert_eq!(authority.start_shadow(nth(9)), Err(ShadowError::TooMany));
    assert_eq!(authority.start_shadow(nth(8)), Err(ShadowError::Before));
    assert!(authority.stop_shadow(Digest([8; 32])));
    assert!(!authority.stop_shadow(Digest([8; 32])));
    assert!(authority.shadow(Digest([8; 32])).is_none());
    authority.start_shadow(nth(9)).unwrap();
    let none = Candidate {
        per_million: 0,
        ..nth(10)
    };
    assert_eq!(authority.start_shadow(none), Err(ShadowError::Share(0)));
}
