//! The self-checker: it halts a book that is wrong, and finds nothing wrong in one that is right.

use std::sync::atomic::{AtomicBool, Ordering};

use ledger::event::{BookChange, BookChanged};
use ledger::{Code, Nanos};
use store::disk::SimDisk;
use wire::message::{AsOf, ChangeBook};
use wire::{Answer, Request};

use super::{BOOK, Engine, ROOMY, ask, balances, post, set_up, with_engine};
use crate::child::Stop;
use crate::fault::Trap;
use crate::self_check::SelfChecker;

/// A checker that reads the journal of one engine and asks the shard of another.
fn checker(journal: &Engine, shard: &Engine) -> SelfChecker {
    SelfChecker {
        reader: journal.history().reader().clone(),
        shard: shard.shard.clone(),
        durable: journal.durable().clone(),
        stop: Stop::default(),
        trap: Trap::default(),
    }
}

/// How the book was last changed, if it was.
fn last_change(engine: &Engine) -> Option<BookChanged> {
    let mut last = None;
    for cycle in engine.history().reader().cycles(1) {
        for block in &cycle.unwrap().blocks {
            for record in ledger::event::Records(&block.events) {
                let event = ledger::Event::decode(record.unwrap()).unwrap();
                if let ledger::Event::BookChanged(changed) = event {
                    last = Some(changed);
                }
            }
        }
    }
    last
}

/// The shard's balance is one minor unit off what its journal says: the book is halted, by the
/// daemon and for all to see; reads go on, and an operator resumes it.
#[test]
fn a_book_whose_balances_are_not_the_fold_of_its_events_is_halted() {
    let (right, wrong) = (SimDisk::new(1), SimDisk::new(2));
    with_engine(&right, ROOMY, async |right| {
        with_other(&wrong, async |wrong| {
            for (engine, amount) in [(right, 10), (wrong, 11)] {
                set_up(engine).await;
                post(engine, 1, 5).await.unwrap();
                post(engine, 2, amount).await.unwrap();
            }
            let checker = checker(right, wrong);
            let checking = tokio::task::spawn_blocking(move || checker.check_book(BOOK));
            checking.await.unwrap().unwrap();
            let refused = post(wrong, 3, 1).await.unwrap();
            assert_eq!(refused.code(0), Code::BookHalted);
            let known = post(wrong, 2, 11).await.unwrap();
            assert_eq!(known.code(0), Code::Exists);
            assert_eq!(balances(wrong, AsOf::Now).await.debits_posted, 16);
            let changed = last_change(wrong).unwrap();
            assert_eq!(changed.change, BookChange::Halted);
            assert_eq!(changed.reason, BookChanged::BY_DAEMON);
            assert!(last_change(right).is_none(), "the other one goes on");
            let resume = Request::ChangeBook(ChangeBook {
                change: BookChange::Resumed,
                reason: 1,
                effective_lock: Nanos(0),
            });
            let Ok(Answer::ChangeBook(decided)) = ask(wrong, resume).await else {
                panic!("must be decided")
            };
            assert_eq!(decided.code, Code::Created);
            assert_eq!(post(wrong, 3, 1).await.unwrap().code(0), Code::Created);
        })
        .await;
    });
}

/// A second engine in the same system.
async fn with_other(disk: &SimDisk, test: impl AsyncFnOnce(&Engine)) {
    let engine = super::start(disk, ROOMY);
    test(&engine).await;
    engine.stop();
}

#[test]
fn a_busy_book_that_is_right_is_not_halted() {
    let disk = SimDisk::new(1);
    with_engine(&disk, ROOMY, async |engine| {
        set_up(engine).await;
        let is_done = std::sync::Arc::new(AtomicBool::new(false));
        let (checker, done) = (checker(engine, engine), is_done.clone());
        let checking = tokio::task::spawn_blocking(move || {
            let mut passes = 0;
            while !done.load(Ordering::Relaxed) {
                checker.check_book(BOOK).unwrap();
                passes += 1;
            }
            passes
        });
        for id in 1..400 {
            assert_eq!(post(engine, id, id).await.unwrap().code(0), Code::Created);
        }
        is_done.store(true, Ordering::Relaxed);
        let passes = checking.await.unwrap();
        assert!(passes > 0);
        assert_eq!(post(engine, 400, 1).await.unwrap().code(0), Code::Created);
        assert!(last_change(engine).is_none());
    });
}
