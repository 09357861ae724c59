//! Several policies about one request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledger::{Code, Operation};

use super::{
    Batch, NOW, OWN, book_of, name, platform, post, principal, request, seat, shipped, with_own,
};
use crate::authority::Authority;
use crate::contract::PolicyError;
use crate::denied::Reason;
use crate::fault::{BadOutput, Fault};
use crate::permitted::MemberDenied;
use crate::resource::{Owner, Resource};
use crate::{MemberDenial, Needs, Role, Seat, Verdict};

fn always(name: &str, needs: Needs, verdict: Verdict) -> Arc<Seat> {
    seat(name, needs, move |_, _, _| Ok(verdict.clone()))
}

/// A policy that allows, and how often it was asked.
fn counted(name: &str, needs: Needs) -> (Arc<Seat>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let says = move |_: &crate::Context<'_>, _: &_, _: &_| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(Verdict::Allow)
    };
    (seat(name, needs, says), asked)
}

fn batch() -> Batch {
    Batch::of(1, &[(1, 2), (2, 3), (3, 4), (4, 5)])
}

fn except(denials: &[(u32, u16)]) -> Verdict {
    let denial = |(index, rule): &(u32, u16)| MemberDenial {
        index: *index,
        rule: *rule,
    };
    Verdict::AllowExcept(denials.iter().map(denial).collect())
}

#[test]
fn the_first_to_deny_is_told_and_those_behind_it_are_not_asked() {
    let (last, asked) = counted("last", Needs::TRANSFERS);
    let authority = platform(vec![
        always("first", Needs::TRANSFERS, Verdict::Allow),
        always("second", Needs::TRANSFERS, Verdict::Deny(2)),
        always("third", Needs::TRANSFERS, Verdict::Deny(3)),
        last,
    ]);
    let refused = authority
        .permit(&principal(Role::Write), post(), batch(), NOW)
        .unwrap_err();
    let cause = refused.denied().cause().unwrap();
    assert_eq!((&*cause.policy.name, cause.rule), ("second", 2));
    assert_eq!(&*cause.rule_name, "rule-2");
    assert_eq!(refused.value(), &batch());
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn denials_of_members_are_united_each_by_the_first_policy() {
    let authority = platform(vec![
        always("first", Needs::TRANSFERS, except(&[(1, 1), (3, 2)])),
        always(
            "second",
            Needs::TRANSFERS,
            except(&[(0, 3), (1, 3), (2, 2)]),
        ),
    ]);
    let permitted = authority
        .permit(&principal(Role::Write), post(), batch(), NOW)
        .unwrap();
    let told = |member: &MemberDenied| {
        let cause = &member.cause;
        (member.index, cause.policy.name.to_string(), cause.rule)
    };
    let members: Vec<_> = permitted.members().iter().map(told).collect();
    let expected = [
        (0, "second", 3),
        (1, "first", 1),
        (2, "second", 2),
        (3, "first", 2),
    ];
    let expected = expected.map(|(index, name, rule)| (index, name.to_owned(), rule));
    assert_eq!(members, expected);
}

#[test]
fn what_follows_from_who_asks_for_what_is_asked_once_for_each_set() {
    let (constant, constants) = counted("constant", Needs::default());
    let (of_batch, batches) = counted("batch", Needs::TRANSFERS);
    let (of_time, times) = counted("time", Needs::TIME);
    let authority = platform(vec![constant, of_batch, of_time]);
    let writer = principal(Role::Write);
    let counts = || [&constants, &batches, &times].map(|count| count.load(Ordering::Relaxed));
    for _ in 0..3 {
        authority.permit(&writer, post(), batch(), NOW).unwrap();
    }
    assert_eq!(counts(), [1, 3, 3]);
    // Without transfers there is nothing else that it could follow from.
    let read = request(Operation::Totals, book_of(OWN));
    for _ in 0..3 {
        authority.permit(&writer, read, (), NOW).unwrap();
    }
    assert_eq!(counts(), [2, 4, 6]);
    authority
        .permit(&principal(Role::Read), read, (), NOW)
        .unwrap();
    assert_eq!(counts(), [3, 5, 7]);
    authority.install(authority.policies());
    authority.permit(&writer, read, (), NOW).unwrap();
    assert_eq!(counts(), [4, 6, 8]);
}

#[test]
fn no_verdict_denies_with_a_code_of_its_own_and_is_asked_for_again() {
    let faults = [
        (Fault::Trapped, Code::PolicyTrapped),
        (Fault::TimedOut, Code::PolicyTimedOut),
        (Fault::OutOfMemory, Code::PolicyOutOfMemory),
        (Fault::BadOutput(BadOutput::Empty), Code::PolicyBadOutput),
        (Fault::BreakerOpen, Code::PolicyBreakerOpen),
        (
            Fault::Failed(PolicyError::Internal("x".into())),
            Code::PolicyFailed,
        ),
        (Fault::Unavailable, Code::PolicyUnavailable),
    ];
    for needs in [Needs::default(), Needs::TRANSFERS] {
        for (fault, code) in &faults {
            let asked = AtomicUsize::new(0);
            let fault = fault.clone();
            let fails_once = move |_: &crate::Context<'_>, _: &_, _: &_| match asked
                .fetch_add(1, Ordering::Relaxed)
            {
                0 => Err(fault.clone()),
                _ => Ok(Verdict::Allow),
            };
            let authority = platform(vec![seat("fails", needs, fails_once)]);
            let writer = principal(Role::Write);
            let refused = authority.permit(&writer, post(), batch(), NOW).unwrap_err();
            assert_eq!(refused.denied().code(), *code);
            assert!(code.is_retryable());
            assert!(authority.permit(&writer, post(), batch(), NOW).is_ok());
        }
    }
}

#[test]
fn what_another_process_says_against_the_contract_is_no_verdict() {
    let bad = [
        Verdict::Deny(9),
        except(&[]),
        except(&[(4, 1)]),
        except(&[(1, 1), (1, 1)]),
        except(&[(2, 1), (1, 1)]),
        except(&[(1, 9)]),
    ];
    for verdict in bad {
        let authority = platform(vec![always("bad", Needs::TRANSFERS, verdict.clone())]);
        let asked = authority.permit(&principal(Role::Write), post(), batch(), NOW);
        let code = asked.unwrap_err().denied().code();
        assert_eq!(code, Code::PolicyBadOutput, "{verdict:?}");
    }
    let members = always("constant", Needs::default(), except(&[(0, 1)]));
    let asked = platform(vec![members]).permit(&principal(Role::Write), post(), (), NOW);
    assert_eq!(asked.unwrap_err().denied().code(), Code::PolicyBadOutput);
}

#[test]
fn a_tenants_own_policies_are_asked_about_its_own_alone_and_never_about_themselves() {
    let deny = always("own", Needs::default(), Verdict::Deny(1));
    let authority = Authority::new(with_own(vec![deny]));
    let is_denied = |role, request| match authority.permit(&principal(role), request, (), NOW) {
        Ok(_) => false,
        Err(refused) => match &refused.denied().reason {
            Reason::Rule(cause) => &*cause.policy.name == "own",
            other => panic!("{other:?}"),
        },
    };
    let own = Resource::Tenant(Owner::tenant(OWN, name(OWN)));
    let totals = request(Operation::Totals, book_of(OWN));
    assert!(is_denied(
        Role::Admin,
        request(Operation::ChangeBook, book_of(OWN))
    ));
    assert!(is_denied(Role::Read, totals));
    assert!(is_denied(Role::Read, request(Operation::ListBooks, own)));
    for policies in [
        Operation::PushPolicy,
        Operation::ListPolicies,
        Operation::ShadowPolicy,
        Operation::ActivatePolicy,
    ] {
        assert!(
            !is_denied(Role::Admin, request(policies, own)),
            "{policies:?}"
        );
    }
    assert!(!is_denied(
        Role::Read,
        request(Operation::Hello, Resource::Server)
    ));
    assert!(!is_denied(Role::Auditor, totals));
    assert!(!is_denied(
        Role::Operator,
        request(Operation::ChangeBook, book_of(OWN))
    ));
    let foreign = super::principal_of(super::FOREIGN, Role::Read);
    let read = request(Operation::Totals, book_of(super::FOREIGN));
    assert!(authority.permit(&Arc::new(foreign), read, (), NOW).is_ok());
}

#[test]
fn the_platform_denies_before_a_tenants_policy_is_asked() {
    let (own, asked) = counted("own", Needs::default());
    let authority = Authority::new(with_own(vec![own]));
    let reader = principal(Role::Read);
    assert!(authority.permit(&reader, post(), batch(), NOW).is_err());
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert!(shipped().permit(&reader, post(), batch(), NOW).is_err());
}
