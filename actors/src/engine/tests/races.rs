//! What changes between the verdict and the moment it is applied: the request is judged anew, which
//! is never a denial by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::account::AccountSettings;
use ledger::{AccountChange, AccountFlags, AccountId, Code};
use plugins_host::{Authority, MemberDenial, Needs, Role, Verdict};
use store::disk::SimDisk;
use wire::message as m;
use wire::{Answer, Request};

use super::BOOK;
use super::party::{World, own, posting, transfer, with_world};
use crate::rules::{Question, open, policies, start};
use crate::submit::Judged;

const TAGGED: u64 = 1 << 7;

/// Denies, by rule 1, what debits a frozen account, and by rule 2 what debits a tagged one; counts
/// how often it is asked.
fn by_account(asked: &Arc<AtomicU64>) -> Authority {
    let asked = Arc::clone(asked);
    let needs = Needs::TRANSFERS | Needs::ACCOUNTS;
    start(policies(
        "by-account",
        needs,
        move |question: &Question<'_>| {
            let debits = &question.transfers.debit;
            if !debits.is_empty() {
                asked.fetch_add(1, Ordering::AcqRel);
            }
            let is_frozen = |at: u32| {
                let bits = question.accounts.state_bits[at as usize];
                bits & AccountFlags::FROZEN_DEBITS != 0
            };
            let is_tagged = |at: u32| question.accounts.tag_bits[at as usize] & TAGGED != 0;
            if debits.iter().any(|at| is_frozen(*at)) {
                return Ok(Verdict::Deny(1));
            }
            let tagged = (0..).zip(debits).filter(|(_, at)| is_tagged(**at));
            let denials: Vec<MemberDenial> = tagged
                .map(|(index, _)| MemberDenial { index, rule: 2 })
                .collect();
            Ok(if denials.is_empty() {
                Verdict::Allow
            } else {
                Verdict::AllowExcept(denials)
            })
        },
    ))
}

async fn judge(world: &World, id: u128) -> Judged {
    let request = posting(vec![transfer(id, 10)]);
    let judged = world.judge(&own(Role::Write), BOOK, request).await;
    assert!(matches!(judged, Judged::Permitted(_)), "{judged:?}");
    judged
}

async fn change(world: &World, account: u128, settings: AccountSettings) {
    let changes = vec![AccountChange {
        id: AccountId(account),
        settings,
    }];
    let request = Request::ChangeAccounts(m::ChangeAccounts { changes });
    let asked = world.ask(&own(Role::Admin), BOOK, request).await;
    assert!(matches!(asked, Ok(Answer::ChangeAccounts(done)) if done.created == 1));
}

fn tagged() -> AccountSettings {
    AccountSettings {
        tags: TAGGED,
        ..AccountSettings::default()
    }
}

fn code(answer: &Answer) -> Code {
    match answer {
        Answer::Post(outcomes) => outcomes.code(0),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_freeze_between_verdict_and_posting_counts() {
    let asked = Arc::new(AtomicU64::new(0));
    with_world(&SimDisk::new(1), by_account(&asked), async |world| {
        let judged = judge(world, 1).await;
        let frozen = AccountSettings {
            flags: AccountFlags(AccountFlags::FROZEN_DEBITS),
            ..AccountSettings::default()
        };
        change(world, 1, frozen).await;
        let failure = world.submit(judged).await.unwrap_err();
        assert_eq!((failure.code, failure.rule), (Code::Denied, 1));
        assert_eq!(asked.load(Ordering::Acquire), 2);
    });
}

#[test]
fn a_tag_between_verdict_and_posting_counts_for_the_accounts_of_the_batch_alone() {
    let asked = Arc::new(AtomicU64::new(0));
    with_world(&SimDisk::new(2), by_account(&asked), async |world| {
        let judged = [judge(world, 1).await, judge(world, 2).await];
        assert_eq!(asked.load(Ordering::Acquire), 2);
        let [first, second] = judged;
        let request = Request::CreateAccounts(m::CreateAccounts {
            accounts: vec![ledger::NewAccount {
                id: AccountId(3),
                asset: ledger::AssetId(1),
                code: 1,
                user_data: 0,
                settings: tagged(),
            }],
        });
        world.ask(&own(Role::Admin), BOOK, request).await.unwrap();
        assert_eq!(code(&world.submit(first).await.unwrap()), Code::Created);
        assert_eq!(asked.load(Ordering::Acquire), 2, "not one of its accounts");
        change(world, 1, tagged()).await;
        assert_eq!(code(&world.submit(second).await.unwrap()), Code::Denied);
        assert_eq!(asked.load(Ordering::Acquire), 3);
        // And the other way round.
        change(world, 1, AccountSettings::default()).await;
        let third = judge(world, 3).await;
        assert_eq!(code(&world.submit(third).await.unwrap()), Code::Created);
    });
}

#[test]
fn a_policy_exchanged_between_verdict_and_posting_counts() {
    with_world(&SimDisk::new(3), start(open()), async |world| {
        let judged = [judge(world, 1).await, judge(world, 2).await];
        let set = policies("shut", Needs::NONE, |q: &Question<'_>| {
            Ok(match q.context.operation {
                "post" => Verdict::Deny(6),
                _ => Verdict::Allow,
            })
        });
        world.authority.install(set);
        let [first, second] = judged;
        let failure = world.submit(first).await.unwrap_err();
        assert_eq!((failure.code, failure.rule), (Code::Denied, 6));
        let policy_set = world.authority.policy_set_for(super::ACME);
        assert_eq!(world.denials(BOOK)[0].1.origin.policy_set, policy_set);
        // A newer set allows it again: age alone is no denial.
        world
            .authority
            .install(policies("open-again", Needs::NONE, |_| Ok(Verdict::Allow)));
        assert_eq!(code(&world.submit(second).await.unwrap()), Code::Created);
    });
}

#[test]
fn a_role_lost_between_verdict_and_posting_counts() {
    with_world(&SimDisk::new(4), start(open()), async |world| {
        let writer = own(Role::Write);
        let request = posting(vec![transfer(1, 10)]);
        let judged = world.judge(&writer, BOOK, request).await;
        assert!(matches!(judged, Judged::Permitted(_)));
        writer.lose_standing();
        let failure = world.submit(judged).await.unwrap_err();
        assert_eq!((failure.code, failure.rule), (Code::Denied, 0));
    });
}

/// A permit that has waited longer than it holds is judged anew and does what it says.
#[test]
fn a_permit_that_waited_too_long_is_judged_anew() {
    with_world(&SimDisk::new(5), start(open()), async |world| {
        let judged = judge(world, 1).await;
        world.pass(11);
        assert_eq!(code(&world.submit(judged).await.unwrap()), Code::Created);
    });
}

/// The acknowledgement is lost, then the policy changes: a retry is told what stands.
#[test]
fn a_retry_after_the_policy_changed_exists() {
    with_world(&SimDisk::new(6), start(open()), async |world| {
        let (first, retry) = (judge(world, 1).await, judge(world, 1).await);
        assert_eq!(code(&world.submit(first).await.unwrap()), Code::Created);
        let set = policies("shut", Needs::NONE, |_| Ok(Verdict::Deny(1)));
        world.authority.install(set);
        // Judged before the change, and afterwards.
        assert_eq!(code(&world.submit(retry).await.unwrap()), Code::Exists);
        let writer = own(Role::Write);
        let codes = world.post(&writer, vec![transfer(1, 10)]).await.unwrap();
        assert_eq!(codes, [Code::Exists]);
        writer.lose_standing();
        let codes = world.post(&writer, vec![transfer(1, 10)]).await.unwrap();
        assert_eq!(codes, [Code::Exists]);
    });
}

/// A member that was posted and is denied now exists too.
#[test]
fn a_retry_of_a_batch_whose_member_is_denied_now_exists() {
    let asked = Arc::new(AtomicU64::new(0));
    with_world(&SimDisk::new(7), by_account(&asked), async |world| {
        let writer = own(Role::Write);
        let batch = || vec![transfer(1, 10), ledger::Transfer::new(2, 2, 1, 5, 1)];
        let codes = world.post(&writer, batch()).await.unwrap();
        assert_eq!(codes, [Code::Created; 2]);
        change(world, 1, tagged()).await;
        let codes = world.post(&writer, batch()).await.unwrap();
        assert_eq!(codes, [Code::Exists; 2]);
        assert!(world.denials(BOOK).is_empty());
    });
}

/// A policy set that never stays the same ends in `busy`, not in a denial, and nothing waits for
/// ever.
#[test]
fn what_changes_again_and_again_is_busy() {
    with_world(&SimDisk::new(8), start(open()), async |world| {
        let judged = judge(world, 1).await;
        let (authority, rounds) = (world.authority.clone(), Arc::new(AtomicU64::new(0)));
        install_restless(&authority, &rounds);
        let failure = world.submit(judged).await.unwrap_err();
        assert_eq!(failure.code, Code::Busy);
        assert!(failure.code.is_retryable() && failure.retry_after_ms > 0);
        let asked = rounds.load(Ordering::Acquire);
        assert!((2..=8).contains(&asked), "asked {asked} times");
        authority.install(open());
        let codes = world.post(&own(Role::Write), vec![transfer(1, 10)]).await;
        assert_eq!(codes.unwrap(), [Code::Created]);
    });
}

/// A policy that is exchanged for another whenever it is asked about a post.
fn install_restless(authority: &Authority, rounds: &Arc<AtomicU64>) {
    let (next, counted) = (authority.clone(), Arc::clone(rounds));
    let name = format!("restless-{}", rounds.load(Ordering::Acquire));
    authority.install(policies(&name, Needs::TRANSFERS, move |question| {
        if question.context.operation == "post" {
            counted.fetch_add(1, Ordering::AcqRel);
            install_restless(&next, &counted);
        }
        Ok(Verdict::Allow)
    }));
}

/// What is judged anew keeps its place: nothing of its book overtakes it.
#[test]
fn what_is_judged_anew_is_not_overtaken() {
    with_world(&SimDisk::new(9), start(open()), async |world| {
        let hold = ledger::Transfer {
            flags: ledger::TransferFlags::HOLD,
            ..transfer(1, 10)
        };
        let capture = ledger::Transfer {
            flags: ledger::TransferFlags::CAPTURE,
            target: hold.id,
            ..transfer(2, 10)
        };
        let writer = own(Role::Write);
        let judge = async |transfer| {
            let request = posting(vec![transfer]);
            world.judge(&writer, BOOK, request).await
        };
        let hold = judge(hold).await;
        world
            .authority
            .install(policies("anew", Needs::TRANSFERS, |_| Ok(Verdict::Allow)));
        let capture = judge(capture).await;
        let (held, captured) = tokio::join!(world.submit(hold), world.submit(capture));
        assert_eq!(code(&held.unwrap()), Code::Created);
        assert_eq!(code(&captured.unwrap()), Code::Created);
    });
}
