use std::sync::Arc;

use crossbeam::channel::{Receiver, Sender, bounded};
use ledger::TenantId;
use parking_lot::Mutex;

use super::{Lane, LaneLimits, Lanes, Turn};

const LIMITS: LaneLimits = LaneLimits {
    threads: 3,
    jobs: 1_000,
    jobs_per_lane: 500,
    nice: 0,
};

/// A lane that waits until the sender is dropped, or something is sent.
fn block(lanes: &Lanes, lane: Lane) -> Sender<()> {
    let (go, wait): (Sender<()>, Receiver<()>) = bounded(1);
    let (begun, has_begun) = bounded(1);
    lanes.push(lane, move |turn| {
        assert_eq!(turn, Turn::Yours);
        begun.send(()).unwrap();
        let _ = wait.recv();
    });
    has_begun.recv().unwrap();
    go
}

#[test]
fn a_lane_is_worked_off_in_order_and_by_one_thread_at_a_time() {
    let done: Arc<Mutex<Vec<(u64, u32)>>> = Arc::default();
    let busy: Arc<[Mutex<()>; 7]> = Arc::default();
    let lanes = Lanes::start("test", LIMITS).unwrap();
    for job in 0..100 {
        for lane in 0..7 {
            let (done, busy) = (Arc::clone(&done), Arc::clone(&busy));
            lanes.push(Lane::Line(lane), move |turn| {
                assert_eq!(turn, Turn::Yours);
                let _alone = busy[lane as usize].try_lock().unwrap();
                done.lock().push((lane, job));
            });
        }
    }
    drop(lanes);
    let done = done.lock();
    assert_eq!(done.len(), 700, "what waits is done before the threads end");
    for lane in 0..7 {
        let of_lane = done.iter().filter(|(of, _)| *of == lane);
        assert!(of_lane.map(|(_, job)| *job).eq(0..100));
    }
}

#[test]
fn a_lane_with_much_to_do_does_not_keep_another_from_its_turn() {
    let limits = LaneLimits {
        threads: 1,
        ..LIMITS
    };
    let lanes = Lanes::start("test", limits).unwrap();
    let go = block(&lanes, Lane::Line(0));
    let done: Arc<Mutex<Vec<u64>>> = Arc::default();
    for (lane, jobs) in [(1, 400), (2, 2)] {
        for _ in 0..jobs {
            let done = Arc::clone(&done);
            lanes.push(Lane::Line(lane), move |_| done.lock().push(lane));
        }
    }
    drop(go);
    drop(lanes);
    let done = done.lock();
    assert_eq!(done[..5], [1, 2, 1, 2, 1]);
    assert_eq!(done.len(), 402);
}

#[test]
fn what_has_no_room_is_told_so_at_once() {
    let limits = LaneLimits {
        threads: 1,
        jobs: 5,
        jobs_per_lane: 3,
        nice: 0,
    };
    let lanes = Lanes::start("test", limits).unwrap();
    let go = block(&lanes, Lane::Book(ledger::BookId(1)));
    let turns: Arc<Mutex<Vec<(u32, Turn)>>> = Arc::default();
    let push = |tenant| {
        let turns = Arc::clone(&turns);
        let job = move |turn| turns.lock().push((tenant, turn));
        lanes.push(Lane::Tenant(TenantId(tenant)), job);
    };
    (0..4).for_each(|_| push(1));
    assert_eq!(*turns.lock(), [(1, Turn::NoRoom)], "of the lane");
    (0..3).for_each(|_| push(2));
    assert_eq!(turns.lock()[1..], [(2, Turn::NoRoom)], "of all lanes");
    assert_eq!(lanes.waiting(), 5);
    drop(go);
    drop(lanes);
    let turns = turns.lock();
    let mine = turns.iter().filter(|(_, turn)| *turn == Turn::Yours);
    assert_eq!(mine.count(), 5);
}

#[test]
fn a_job_that_panics_takes_no_other_with_it() {
    let limits = LaneLimits {
        threads: 1,
        ..LIMITS
    };
    let lanes = Lanes::start("test", limits).unwrap();
    let (told, tell) = bounded(1);
    lanes.push(Lane::Line(1), |_| panic!("a test"));
    lanes.push(Lane::Line(1), move |_| told.send(()).unwrap());
    tell.recv().unwrap();
}
