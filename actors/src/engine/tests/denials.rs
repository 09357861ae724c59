//! What is denied: where it is recorded, how often, and what the answer says.

use ledger::event::BookChange;
use ledger::{BookId, Code, Digest, Nanos, NewAccount, Operation, Seq};
use plugins_host::{Authority, Needs, Role, Verdict};
use store::disk::SimDisk;
use wire::message as m;
use wire::{Answer, Request};

use super::party::{World, denials, foreign, of_platform, own, posting, transfer, with_world};
use super::{BOOK, until};
use crate::rules::{Question, component, open, policies, start};

const SYSTEM: BookId = BookId::SYSTEM;

/// Role `read` may not write, by rule 4; nobody of tenant 9 may do anything, by rule 5.
fn by_role() -> Authority {
    start(policies(
        "by-role",
        Needs::NONE,
        |question: &Question<'_>| {
            let context = question.context;
            let is_read = context.roles.contains(&"read");
            Ok(if context.principal.contains("/9/") {
                Verdict::Deny(5)
            } else if is_read && !context.operation.starts_with("lookup") {
                Verdict::Deny(4)
            } else {
                Verdict::Allow
            })
        },
    ))
}

fn accounts(id: u128) -> Request {
    let account = NewAccount {
        id: ledger::AccountId(id),
        asset: ledger::AssetId(1),
        code: 1,
        user_data: 0,
        settings: ledger::account::AccountSettings::default(),
    };
    Request::CreateAccounts(m::CreateAccounts {
        accounts: vec![account],
    })
}

#[test]
fn a_denial_is_an_event_of_the_book_and_the_answer_says_which() {
    with_world(&SimDisk::new(1), by_role(), async |world| {
        let reader = own(Role::Read);
        let request = posting(vec![transfer(1, 10)]);
        let digest = Digest::of(format!("{request:?}").as_bytes());
        let failure = world.ask(&reader, BOOK, request).await.unwrap_err();
        assert_eq!((failure.code, failure.rule), (Code::Denied, 4));
        assert!(failure.message.contains("rule 4"), "{failure}");
        let place = failure.denial.unwrap();
        assert_eq!((place.book, place.seq), (BOOK, Seq(2)));
        let found = world.denials(BOOK);
        let (event, entry) = found[0];
        assert_eq!(found.len(), 1);
        assert_eq!(event.seq, place.seq);
        let denial = event.denial;
        assert_eq!(
            (denial.operation, denial.result),
            (Operation::Post, Code::Denied)
        );
        assert_eq!((denial.rule, denial.book), (4, BOOK));
        assert_eq!((denial.count, denial.members), (1, 0));
        assert_eq!(denial.principal, reader.digest());
        assert_eq!(denial.request, digest);
        assert_eq!(denial.policy, component("by-role"));
        assert_eq!(entry.origin.principal, reader.digest());
        assert_eq!(entry.origin.fingerprint, reader.fingerprint());
        assert_eq!(entry.origin.request_id, 77);
        assert_eq!(
            entry.origin.policy_set,
            world.authority.policy_set_for(reader.tenant())
        );
    });
}

/// Another tenant's book and one that does not exist are the same to whoever may see neither.
#[test]
fn what_is_denied_about_others_is_recorded_in_the_system_book_and_not_told() {
    with_world(&SimDisk::new(2), by_role(), async |world| {
        let stranger = foreign(Role::Admin);
        let mut failures = Vec::new();
        for (book, id) in [(BOOK, 1), (BookId(99), 2)] {
            let asked = world
                .ask(&stranger, book, posting(vec![transfer(id, 10)]))
                .await;
            failures.push(asked.unwrap_err());
        }
        assert_eq!(failures[0], failures[1]);
        assert_eq!((failures[0].rule, failures[0].denial), (5, None));
        assert!(world.denials(BOOK).is_empty());
        let found = world.denials(SYSTEM);
        assert_eq!(found.len(), 1, "the second is only counted");
        assert_eq!(found[0].0.denial.book, BOOK);
        // The platform's own denials are the platform's to read.
        let set = policies("shut", Needs::NONE, |_| Ok(Verdict::Deny(1)));
        world.authority.install(set);
        let operator = of_platform(Role::Operator);
        let asked = world
            .ask(&operator, BOOK, posting(vec![transfer(1, 10)]))
            .await;
        let place = asked.unwrap_err().denial.unwrap();
        assert_eq!(place.book, SYSTEM);
    });
}

#[test]
fn ten_seconds_of_denials_are_one_event_with_the_exact_count() {
    with_world(&SimDisk::new(3), by_role(), async |world| {
        let reader = own(Role::Read);
        for id in 1..8 {
            let asked = world.post(&reader, vec![transfer(id, 10)]).await;
            assert_eq!(asked.unwrap_err().denial.is_some(), id == 1);
        }
        world.pass(9);
        let asked = world.post(&reader, vec![transfer(8, 10)]).await;
        assert_eq!(asked.unwrap_err().denial, None);
        assert_eq!(world.denials(BOOK).len(), 1);
        world.pass(1);
        until("they are recorded", async || world.denials(BOOK).len() == 2).await;
        let counts: Vec<u64> = world
            .denials(BOOK)
            .iter()
            .map(|(d, _)| d.denial.count)
            .collect();
        assert_eq!(counts, [1, 7]);
        world.pass(10);
        let asked = world.post(&reader, vec![transfer(9, 10)]).await;
        assert!(asked.unwrap_err().denial.is_some());
    });
}

#[test]
fn denied_administration_is_an_event_each_time() {
    with_world(&SimDisk::new(4), by_role(), async |world| {
        for id in 10..15 {
            let asked = world.ask(&own(Role::Read), BOOK, accounts(id)).await;
            assert!(asked.unwrap_err().denial.is_some());
        }
        assert_eq!(world.denials(BOOK).len(), 5);
    });
}

/// What was posted answers `exists`, whatever its tenant's principal may do now.
#[test]
fn known_ids_of_a_denied_batch_answer_as_ever() {
    with_world(&SimDisk::new(5), by_role(), async |world| {
        let (writer, reader) = (own(Role::Write), own(Role::Read));
        let posted = vec![transfer(1, 10), transfer(2, 20), transfer(3, 30)];
        let codes = world.post(&writer, posted.clone()).await.unwrap();
        assert_eq!(codes, [Code::Created; 3]);
        assert_eq!(
            world.post(&reader, posted.clone()).await.unwrap(),
            [Code::Exists; 3]
        );
        assert!(world.denials(BOOK).is_empty(), "nothing was denied");

        let mixed = vec![
            transfer(1, 10),
            transfer(2, 21),
            transfer(4, 40),
            transfer(3, 30),
        ];
        let Ok(Answer::Post(outcomes)) = world.ask(&reader, BOOK, posting(mixed)).await else {
            panic!("known ids are answered one by one");
        };
        let codes: Vec<Code> = (0..4).map(|at| outcomes.code(at)).collect();
        let other = Code::ExistsWithDifferentAmount;
        assert_eq!(codes, [Code::Exists, other, Code::Denied, Code::Exists]);
        let denied = world.denials(BOOK)[0].0;
        let seqs: Vec<_> = (0..4).map(|at| outcomes.seq(at)).collect();
        let known = |seq| Some(Seq(seq));
        assert_eq!(seqs, [known(2), known(3), Some(denied.seq), known(4)]);
        assert_eq!(outcomes.created, 0);

        // Nobody else is told of them.
        let asked = world.post(&foreign(Role::Write), posted).await;
        assert_eq!(asked.unwrap_err().code, Code::Denied);
    });
}

/// Rule 1 denies transfers of more than 100, rule 2 those of more than 1,000.
fn by_amount(question: &Question<'_>) -> Verdict {
    let amounts = question.transfers.amount_low.iter();
    let denials: Vec<plugins_host::MemberDenial> = (0..)
        .zip(amounts)
        .filter(|(_, amount)| **amount > 100)
        .map(|(index, amount)| plugins_host::MemberDenial {
            index,
            rule: if *amount > 1_000 { 2 } else { 1 },
        })
        .collect();
    if denials.is_empty() {
        Verdict::Allow
    } else {
        Verdict::AllowExcept(denials)
    }
}

/// More transfers than a slice has.
#[test]
fn denied_members_tell_of_an_event_for_each_rule() {
    let set = policies("by-amount", Needs::TRANSFERS, |q| Ok(by_amount(q)));
    with_world(&SimDisk::new(6), start(set), async |world| {
        let writer = own(Role::Write);
        let amounts = [10, 200, 2_000, 20, 300, 30];
        let transfers = || {
            (1..)
                .zip(amounts)
                .map(|(id, amount)| transfer(id, amount))
                .collect()
        };
        let asked = world.ask(&writer, BOOK, posting(transfers())).await;
        let Ok(Answer::Post(outcomes)) = asked else {
            panic!("{asked:?}");
        };
        let (made, not) = (Code::Created, Code::Denied);
        let codes: Vec<Code> = (0..6).map(|at| outcomes.code(at)).collect();
        assert_eq!(codes, [made, not, not, made, not, made]);
        let found = world.denials(BOOK);
        let [(first, entry), (second, _)] = found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(
            (first.denial.rule, first.denial.members, first.denial.count),
            (1, 2, 1)
        );
        assert_eq!((second.denial.rule, second.denial.members), (2, 1));
        assert_eq!(entry.origin.principal, writer.digest());
        let seqs: Vec<_> = (0..6).map(|at| outcomes.seq(at).unwrap().0).collect();
        assert_eq!(seqs, [2, first.seq.0, second.seq.0, 3, first.seq.0, 4]);
        assert_eq!((first.seq, second.seq), (Seq(5), Seq(6)));
        assert!(outcomes.posted_at < first.posted_at);

        // The acknowledgement is lost and the rule becomes stricter: what stands is told to stand.
        let set = policies("none", Needs::NONE, |_| Ok(Verdict::Deny(3)));
        world.authority.install(set);
        let codes = world.post(&writer, transfers()).await.unwrap();
        let known = Code::Exists;
        assert_eq!(codes, [known, not, not, known, not, known]);
        world.authority.install(open());
        let codes = world.post(&writer, transfers()).await.unwrap();
        assert_eq!(codes, [known, made, made, known, made, known]);
    });
}

#[test]
fn a_dry_run_tells_of_denied_members_and_records_nothing() {
    let set = policies("by-amount", Needs::TRANSFERS, |q| Ok(by_amount(q)));
    with_world(&SimDisk::new(7), start(set), async |world| {
        let transfers = vec![transfer(1, 10), transfer(2, 200)];
        let request = Request::DryRun(m::Post::new(transfers));
        let asked = world.ask(&own(Role::Write), BOOK, request).await;
        let Ok(Answer::DryRun(outcomes)) = asked else {
            panic!("{asked:?}");
        };
        assert_eq!(outcomes.code(0), Code::Created);
        assert_eq!(outcomes.exceptions[0].code, Code::Denied);
        assert_eq!(outcomes.exceptions[0].seq, None);
        assert!(world.denials(BOOK).is_empty());
    });
}

/// An import has posted times of its own: nothing comes between them.
#[test]
fn denials_of_a_book_that_imports_are_recorded_when_it_opens() {
    with_world(&SimDisk::new(8), by_role(), async |world| {
        let old = BookId(8);
        let (operator, reader) = (of_platform(Role::Operator), own(Role::Read));
        let book = m::CreateBook {
            book: old,
            tenant: super::ACME,
            name: ledger::registry::Name::parse("old").unwrap(),
            importing: true,
        };
        world
            .ask(&operator, SYSTEM, Request::CreateBook(book))
            .await
            .unwrap();
        for id in 1..4 {
            let asked = world
                .ask(&reader, old, posting(vec![transfer(id, 1)]))
                .await;
            let failure = asked.unwrap_err();
            assert_eq!((failure.code, failure.denial), (Code::Denied, None));
        }
        let change = m::ChangeBook {
            change: BookChange::Opened,
            reason: 0,
            effective_lock: Nanos(0),
        };
        world
            .ask(&own(Role::Admin), old, Request::ChangeBook(change))
            .await
            .unwrap();
        assert!(world.denials(old).is_empty());
        world.pass(1);
        until("they are recorded", async || !world.denials(old).is_empty()).await;
        assert_eq!(world.denials(old)[0].0.denial.count, 3);
    });
}

#[test]
fn what_is_counted_is_recorded_before_the_end() {
    let disk = SimDisk::new(9);
    with_world(&disk, by_role(), async |world| {
        for id in 1..6 {
            world
                .post(&own(Role::Read), vec![transfer(id, 1)])
                .await
                .unwrap_err();
        }
        assert_eq!(world.denials(BOOK).len(), 1);
    });
    actix::System::new().block_on(async {
        let world = World::start(&disk.process_end(), by_role());
        let counts: Vec<u64> = denials(&world.engine, BOOK)
            .iter()
            .map(|(denied, _)| denied.denial.count)
            .collect();
        assert_eq!(counts, [1, 4]);
        world.engine.stop();
    });
}

/// A full disk takes no event; the denial is answered all the same, and counted.
#[test]
fn denials_wait_for_room() {
    let disk = SimDisk::new(10);
    with_world(&disk, by_role(), async |world| {
        disk.set_capacity(disk.used());
        let (reader, writer) = (own(Role::Read), own(Role::Write));
        let mut id = 1_000;
        let mut refused = 0;
        while refused < 10 {
            id += 1;
            let full = world.post(&writer, vec![transfer(id, 1)]).await.is_err();
            refused = if full { refused + 1 } else { 0 };
        }
        let mut told = 0;
        for id in 1..6 {
            let failure = world
                .post(&reader, vec![transfer(id, 1)])
                .await
                .unwrap_err();
            assert_eq!(failure.code, Code::Denied);
            told += u32::from(failure.denial.is_some());
        }
        assert!(told <= 1, "{told} of them found room");
        disk.set_capacity(u64::MAX);
        let total = || {
            world
                .denials(BOOK)
                .iter()
                .map(|(d, _)| d.denial.count)
                .sum::<u64>()
        };
        until("they are recorded", async || {
            world.pass(1);
            total() == 5
        })
        .await;
    });
}
