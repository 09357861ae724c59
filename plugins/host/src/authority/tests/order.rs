//! The order in which requests of one line leave.

use std::sync::Arc;
use std::thread::{self, ThreadId};

use crossbeam::channel::{Receiver, Sender, bounded};
use ledger::{Code, Operation};

use super::{
    Batch, FOREIGN, NOW, OWN, book_of, post, principal, principal_of, request, seat, with_own,
};
use crate::authority::{Authority, AuthorityLimits};
use crate::lanes::LaneLimits;
use crate::line::Line;
use crate::resource::Resource;
use crate::{Needs, Role, Verdict};

/// The number of a batch, whether it was permitted, and on which thread that was told.
type Told = (u32, Option<Code>, ThreadId);

struct Bench {
    authority: Authority,
    tell: Sender<Told>,
    told: Receiver<Told>,
}

impl Bench {
    fn new(authority: Authority) -> Self {
        let (tell, told) = bounded(1_000);
        Self {
            authority,
            tell,
            told,
        }
    }

    fn judge(&self, line: &Line, batch: Batch) {
        let (number, tell) = (batch.0, self.tell.clone());
        let writer = principal(Role::Write);
        self.authority
            .judge(line, &writer, post(), batch, NOW, move |judged| {
                let code = judged.err().map(|refused| refused.denied().code());
                tell.send((number, code, thread::current().id())).unwrap();
            });
    }

    fn next(&self) -> (u32, Option<Code>) {
        let (number, code, _) = self.told.recv().unwrap();
        (number, code)
    }
}

/// A policy of the own tenant that waits for a word about each batch with more than one transfer.
fn gated() -> (Arc<crate::Seat>, Sender<Verdict>, Receiver<()>) {
    let (go, wait) = bounded::<Verdict>(16);
    let (begin, begun) = bounded(16);
    let says = move |_: &crate::Context<'_>, _: &_, batch: &crate::TransferColumns| {
        if batch.len() < 2 {
            return Ok(Verdict::Allow);
        }
        begin.send(()).unwrap();
        Ok(wait.recv().unwrap())
    };
    (seat("gated", Needs::TRANSFERS, says), go, begun)
}

fn short(number: u32) -> Batch {
    Batch::of(number, &[(1, 2)])
}

fn long(number: u32) -> Batch {
    Batch::of(number, &[(1, 2), (2, 3)])
}

#[test]
fn what_is_remembered_is_told_at_once_on_the_thread_that_asks() {
    let limits = AuthorityLimits::default();
    let bench = Bench::new(Authority::start(super::SHIPPED.clone(), limits).unwrap());
    let line = bench.authority.line();
    bench.judge(&line, short(1));
    let (_, _, thread) = bench.told.recv().unwrap();
    assert_ne!(thread, thread::current().id());
    // The count of what is on its way falls after it was told.
    while !line.is_clear(crate::line::Stage::Tenant) {
        thread::yield_now();
    }
    bench.judge(&line, long(2));
    let (_, _, thread) = bench.told.try_recv().unwrap();
    assert_eq!(thread, thread::current().id());
}

#[test]
fn nothing_of_a_line_overtakes_what_is_judged_for_long() {
    let (gated, go, begun) = gated();
    let authority = Authority::start(with_own(vec![gated]), AuthorityLimits::default());
    let bench = Bench::new(authority.unwrap());
    let line = bench.authority.line();
    bench.judge(&line, long(1));
    begun.recv().unwrap();
    // The tenant's policies are not asked about it, and its verdict is remembered soon.
    let hello = request(Operation::Hello, Resource::Server);
    for number in [2, 3] {
        let (tell, writer) = (bench.tell.clone(), principal(Role::Write));
        let then = move |judged: Result<crate::Permitted<()>, _>| {
            assert!(judged.is_ok());
            tell.send((number, None, thread::current().id())).unwrap();
        };
        bench.authority.judge(&line, &writer, hello, (), NOW, then);
    }
    bench.judge(&line, short(4));
    bench.judge(&line, long(5));
    assert!(bench.told.is_empty());
    // Another line of another tenant does not wait.
    let foreign = Arc::new(principal_of(FOREIGN, Role::Read));
    let read = request(Operation::Totals, book_of(FOREIGN));
    let (tell, told) = bounded(1);
    let then = move |judged: Result<crate::Permitted<()>, _>| tell.send(judged.is_ok()).unwrap();
    bench
        .authority
        .judge(&bench.authority.line(), &foreign, read, (), NOW, then);
    assert!(told.recv().unwrap());

    go.send(Verdict::Deny(2)).unwrap();
    go.send(Verdict::Allow).unwrap();
    assert_eq!(bench.next(), (1, Some(Code::Denied)));
    assert_eq!([bench.next().0, bench.next().0], [2, 3]);
    assert_eq!([bench.next(), bench.next()], [(4, None), (5, None)]);
}

#[test]
fn one_line_of_many_requests_leaves_in_order() {
    let of_tenant = seat("own", Needs::TRANSFERS, |_, _, _| Ok(Verdict::Allow));
    let authority = Authority::start(with_own(vec![of_tenant]), AuthorityLimits::default());
    let bench = Bench::new(authority.unwrap());
    let lines = [bench.authority.line(), bench.authority.line()];
    for number in 0..400 {
        bench.judge(&lines[number as usize % 2], short(number));
    }
    let mut last = [None, None];
    for _ in 0..400 {
        let (number, code) = bench.next();
        let last = &mut last[number as usize % 2];
        assert_eq!(code, None);
        assert!(
            last.is_none_or(|last| last < number),
            "{number} after {last:?}"
        );
        *last = Some(number);
    }
}

#[test]
fn what_has_no_room_is_busy_and_nothing_else_is_lost() {
    let (gated, go, begun) = gated();
    let lanes = LaneLimits {
        threads: 1,
        jobs: 64,
        jobs_per_lane: 2,
        nice: 0,
    };
    let limits = AuthorityLimits {
        platform: lanes,
        tenants: lanes,
    };
    let bench = Bench::new(Authority::start(with_own(vec![gated]), limits).unwrap());
    let line = bench.authority.line();
    bench.judge(&line, long(1));
    begun.recv().unwrap();
    // Each on a line of its own, so that all of them meet in the tenant's lane.
    let judge = |number| bench.judge(&bench.authority.line(), short(number));
    (2..=5).for_each(judge);
    assert_eq!(
        [bench.next(), bench.next()],
        [(4, Some(Code::Busy)), (5, Some(Code::Busy))]
    );
    go.send(Verdict::Allow).unwrap();
    assert_eq!(
        [bench.next(), bench.next(), bench.next()],
        [(1, None), (2, None), (3, None)]
    );
    assert_eq!(OWN, principal(Role::Write).tenant());
}
