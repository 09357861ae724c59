//! Balances and statements on all three clocks, against a fold of the subscribed events.

use ledger::{AccountId, Balances, Code, Nanos, Seq, Transfer, TransferFlags as Flags, TransferId};
use wire::message::{self as m, AsOf, Clock};

use crate::harness::fold::{Events, Move};
use crate::harness::world::{BOOK, World};

const ACCOUNTS: [u128; 4] = [1, 2, 3, 4];
/// Business dates, in nanoseconds, are days of 1970 from this one on.
const DAY: u64 = 86_400_000_000_000;

/// Posts batch after batch: back-dated, held, captured, voided, reversed.
async fn history(world: &World, first_id: u128, batches: u128) {
    for batch in 0..batches {
        let base = first_id + batch * 10;
        let from = 1 + batch % 4;
        let to = 1 + (batch + 1 + batch / 4 % 3) % 4;
        let transfer = |id: u128, amount| Transfer::new(base + id, from, to, amount, 1);
        let dated = |mut transfer: Transfer, day: u128| {
            transfer.effective_at = Nanos(DAY * (1 + u64::try_from(day % 7).unwrap()));
            transfer
        };
        let flagged = |mut transfer: Transfer, flags, target| {
            (transfer.flags, transfer.target) = (flags, TransferId(base + target));
            transfer
        };
        let mut hold = transfer(1, 20 + batch);
        hold.flags = Flags::HOLD;
        let mut back = flagged(transfer(4, 100 + batch), Flags::REVERSAL, 0);
        (back.debit, back.credit) = (back.credit, back.debit);
        let all = [
            dated(transfer(0, 100 + batch), batch * 5),
            hold,
            dated(flagged(transfer(2, 7), Flags::CAPTURE, 1), batch + 3),
            transfer(3, 1 + batch),
            dated(back, batch),
        ];
        // Every other batch keeps its hold and its transfer.
        let all = if batch % 2 == 0 { &all[..] } else { &all[..2] };
        assert_eq!(world.post(all).await, vec![Code::Created; all.len()]);
    }
}

async fn check_as_of(world: &World, events: &Events, as_of: AsOf, counts: impl Fn(&Move) -> bool) {
    let expected: Vec<Balances> = ACCOUNTS
        .iter()
        .map(|id| events.posted(AccountId(*id), &counts))
        .collect();
    let found = world.balances_as_of(&ACCOUNTS, as_of).await;
    assert_eq!(found, expected, "{as_of:?}");
}

#[tokio::test]
async fn balances_as_of_every_clock_are_the_fold_of_the_events() {
    let world = World::new(4).await;
    history(&world, 1, 12).await;
    let events = Events::of(&world.write, BOOK).await;
    let now: Vec<Balances> = ACCOUNTS
        .iter()
        .map(|id| events.now(AccountId(*id)))
        .collect();
    assert_eq!(world.balances(&ACCOUNTS).await, now);

    let times: Vec<Nanos> = events.0.iter().map(ledger::Event::posted_at).collect();
    for (seq, time) in (0..).map(Seq).zip(&times).step_by(3) {
        check_as_of(&world, &events, AsOf::Seq(seq), |each| each.seq <= seq).await;
        for time in [Nanos(time.0 - 1), *time] {
            let as_of = AsOf::PostedAt(time);
            check_as_of(&world, &events, as_of, |each| each.posted_at <= time).await;
        }
    }
    check_as_of(&world, &events, AsOf::Seq(Seq(u64::MAX)), |_| true).await;
    check_as_of(&world, &events, AsOf::PostedAt(Nanos(0)), |_| false).await;
    for day in 0..9 {
        let date = Nanos(DAY * day);
        let known_at = Seq(u64::MAX);
        let as_of = AsOf::Effective { date, known_at };
        check_as_of(&world, &events, as_of, |each| each.effective_at <= date).await;
    }
}

/// What was known then is what is told now, whatever was back-dated since.
#[tokio::test]
async fn balances_by_date_are_repeatable_with_known_at() {
    let world = World::new(4).await;
    history(&world, 1, 8).await;
    let known_at = Seq(world.events().await - 1);
    let date = Nanos(DAY * 4);
    let then = AsOf::Effective { date, known_at };
    let told = world.balances_as_of(&ACCOUNTS, then).await;
    history(&world, 1_000, 8).await;
    assert_eq!(world.balances_as_of(&ACCOUNTS, then).await, told);
    let events = Events::of(&world.write, BOOK).await;
    check_as_of(&world, &events, then, |each| {
        each.effective_at <= date && each.seq <= known_at
    })
    .await;
    let known_at = Seq(u64::MAX);
    let now = AsOf::Effective { date, known_at };
    assert_ne!(world.balances_as_of(&ACCOUNTS, now).await, told);
}

/// All pages of a statement: the first page's opening balance, then sequences and balances.
async fn statement(world: &World, mut request: m::Statement) -> (i128, Vec<(Seq, i128)>) {
    let mut lines: Vec<(Seq, i128)> = Vec::new();
    let mut opening = None;
    loop {
        let page = world.write.statement(BOOK, request.clone()).await.unwrap();
        let opens = i128::try_from(page.opening_credits).unwrap()
            - i128::try_from(page.opening_debits).unwrap();
        let before = lines
            .last()
            .map_or(*opening.get_or_insert(opens), |last| last.1);
        assert_eq!(opens, before, "a page opens where the one before ends");
        lines.extend(page.lines.iter().map(|l| (l.row.record.seq, l.balance)));
        if page.next.is_empty() {
            return (opening.unwrap_or_default(), lines);
        }
        assert!(page.lines.len() <= request.limit as usize);
        request.cursor = page.next;
    }
}

/// The same out of the events.
fn folded(events: &Events, request: &m::Statement) -> (i128, Vec<(Seq, i128)>) {
    let time = |each: &Move| match request.clock {
        Clock::Seq => each.seq.0,
        Clock::PostedAt => each.posted_at.0,
        Clock::EffectiveAt => each.effective_at.0,
    };
    let mut moves = events.moves(request.account);
    moves.retain(|each| each.signed() != 0);
    moves.sort_by_key(|each| (time(each), each.seq));
    let opening = moves.iter().filter(|each| time(each) < request.from);
    let opening = opening.map(Move::signed).sum();
    let is_inside =
        |each: &&Move| time(each) >= request.from && (request.to == 0 || time(each) < request.to);
    let mut balance = opening;
    let lines = moves.iter().filter(is_inside).map(|each| {
        balance += each.signed();
        (each.seq, balance)
    });
    (opening, lines.collect())
}

#[tokio::test]
async fn statements_on_every_clock_are_the_fold_of_the_events() {
    let world = World::new(4).await;
    history(&world, 1, 12).await;
    let events = Events::of(&world.write, BOOK).await;
    let middle = events.0[events.0.len() / 2];
    let ranges = [
        (Clock::Seq, 0, 0),
        (Clock::Seq, 9, middle.seq().0),
        (Clock::PostedAt, 0, 0),
        (Clock::PostedAt, middle.posted_at().0, 0),
        (Clock::PostedAt, 0, middle.posted_at().0),
        (Clock::EffectiveAt, 0, 0),
        (Clock::EffectiveAt, DAY * 3, DAY * 6),
        (Clock::EffectiveAt, DAY * 5, 0),
    ];
    for (clock, from, to) in ranges {
        for (account, limit) in [(1, 3), (2, 1_000), (3, 1), (4, 2)] {
            let request = m::Statement {
                account: AccountId(account),
                clock,
                from,
                to,
                limit,
                cursor: m::Cursor::default(),
            };
            let told = statement(&world, request.clone()).await;
            assert_eq!(told, folded(&events, &request), "{request:?}");
        }
    }
    let request = m::Statement {
        account: AccountId(99),
        clock: Clock::Seq,
        from: 0,
        to: 0,
        limit: 0,
        cursor: m::Cursor::default(),
    };
    let refused = world.write.statement(BOOK, request).await.unwrap_err();
    assert_eq!(refused.code(), Code::AccountNotFound);
}
