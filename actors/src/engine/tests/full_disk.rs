//! A disk without room: postings are refused and may be tried again, reads go on, and so does all
//! of it once there is room.

use std::time::Duration;

use ledger::{Code, Seq, Transfer};
use store::disk::SimDisk;
use wire::Request;
use wire::message::{AsOf, Post};

use super::{ROOMY, TIGHT, ask_within, balances, is_there, post, set_up, until, with_engine};
use crate::Engine;

const ALL: AsOf = AsOf::Seq(Seq(u64::MAX));

/// Posts until the disk is full for good; gives the ids that were posted.
async fn fill(engine: &Engine, first: u128) -> Vec<u128> {
    let mut posted = Vec::new();
    let mut refused = 0;
    // The last room goes to whom it suffices for: one refusal is not the end.
    while refused < 10 {
        let id = first + posted.len() as u128;
        match post(engine, id, 1).await {
            Ok(outcomes) => {
                assert_eq!(outcomes.created, 1);
                posted.push(id);
                refused = 0;
            }
            Err(failure) => {
                assert_eq!(failure.code, Code::StorageFull, "{failure}");
                assert!(failure.code.is_retryable() && failure.code.has_no_side_effects());
                refused += 1;
            }
        }
    }
    posted
}

#[test]
fn a_full_disk_refuses_postings_until_there_is_room() {
    let disk = SimDisk::new(1);
    let mut posted = Vec::new();
    with_engine(&disk, ROOMY, async |engine| {
        set_up(engine).await;
        for round in 1..4_u64 {
            // A little room is left, which a snapshot may take and a file of the journal may not.
            disk.set_capacity(disk.used() + round * 10_000);
            posted.extend(fill(engine, u128::from(round) << 64).await);
            let refused = (u128::from(round) << 64) + 1_000_000;
            let failure = post(engine, refused, 1).await.unwrap_err();
            assert_eq!(failure.code, Code::StorageFull);
            let sum = posted.len() as u128;
            assert_eq!(balances(engine, AsOf::Now).await.debits_posted, sum);
            assert!(!is_there(engine, refused).await);
            assert!(is_there(engine, posted[posted.len() - 1]).await);
            assert_eq!(balances(engine, ALL).await.debits_posted, sum);

            disk.set_capacity(u64::MAX);
            let goes_on = async || post(engine, refused, 1).await.is_ok();
            until("postings go on", goes_on).await;
            posted.push(refused);
        }
    });
    // How many fit depends on which files had been reserved when the disk became full.
    assert!(posted.len() > 30, "{} were posted", posted.len());
    with_engine(&disk.process_end(), ROOMY, async |engine| {
        let sum = posted.len() as u128;
        assert_eq!(balances(engine, AsOf::Now).await.debits_posted, sum);
        assert_eq!(balances(engine, ALL).await.debits_posted, sum);
        for id in posted {
            let again = post(engine, id, 1).await.unwrap();
            assert_eq!(again.code(0), Code::Exists);
        }
    });
}

/// With no room for the index, memory for recent ids runs out. What then waits is told that its
/// time is over, and all goes on once there is room.
#[test]
fn what_waits_for_the_index_is_told_when_its_time_is_over() {
    let disk = SimDisk::new(2);
    with_engine(&disk, TIGHT, async |engine| {
        set_up(engine).await;
        let mut next = 1;
        // The journal has its next files; the index finds no room for its own.
        disk.set_capacity(disk.used());
        let failure = loop {
            let transfers = (next..next + 100).map(|id| Transfer::new(id, 1, 2, 1, 1));
            let request = Request::Post(Post::new(transfers.collect()));
            if let Err(failure) = ask_within(engine, request, Duration::from_millis(300)).await {
                break failure;
            }
            next += 100;
        };
        let refused = [Code::StorageFull, Code::DeadlineExceeded];
        assert!(refused.contains(&failure.code), "{failure}");
        disk.set_capacity(u64::MAX);
        until("postings go on", async || {
            post(engine, next, 1).await.is_ok()
        })
        .await;
        assert_eq!(balances(engine, AsOf::Now).await.debits_posted, next);
        assert_eq!(balances(engine, ALL).await.debits_posted, next);
    });
}
