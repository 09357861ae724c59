//! Complaints heard about other ledgers, each as the test that this one does not earn it.
//!
//! What needs a disk, a network or a query is tested where those are: deadlines and unknown
//! outcomes with the client, balances as of a time with the indexes.

use ledger::event::{HoldExpired, Records, TransferPosted};
use ledger::ledger::Context;
use ledger::leg::{Side, legs};
use ledger::note::Note;
use ledger::past::{KeyKind, NoPast, Past, PastUnreadable};
use ledger::posting::Batch;
use ledger::{
    AccountId, BookId, Code, Event, Ledger, Nanos, NewAccount, Origin, Seq, TenantId, Transfer,
    TransferFlags, TransferId,
};

use crate::tables::check;

const BOOK: BookId = BookId(1);

/// "A retried refund answered `conflict` yet moved money."
#[test]
fn a_retried_refund_answers_exists_and_moves_nothing() {
    check(
        "
        account shop floor=0                                     | created
        account card                                             | created
        post 1 card shop 100                                     | created
        post 2 shop card 100 reversal target=1                   | created
        post 2 shop card 100 reversal target=1                   | exists
        post 3 shop card 100 reversal target=1                   | already_reversed
        post 3 shop card 100 reversal target=1                   | already_reversed
        {
        post 2 shop card 100 reversal target=1                   | exists
        post 4 shop card 100 reversal target=1                   | already_reversed
        }
        balance card 0
        ",
    );
}

/// "A hold was committed twice."
#[test]
fn a_hold_is_captured_once() {
    check(
        "
        account a                                                | created
        account b                                                | created
        post 1 a b 100 hold                                      | created
        {
        post 2 a b 100 capture target=1                          | created
        post 2 a b 100 capture target=1                          | exists
        post 3 a b 100 capture target=1                          | hold_captured
        post 4 a b 0 void target=1                               | hold_captured
        }
        post 3 a b 100 capture target=1                          | hold_captured
        balance a -100
        ",
    );
}

/// "A retry after a rule change answered `denied` though the money had moved."
#[test]
fn a_known_id_exists_whatever_has_changed_since() {
    check(
        "
        account a floor=-100 limit=60/1/0                        | created
        account b                                                | created
        post 1 a b 100                                           | created
        post 1 a b 100                                           | exists
        change a frozen_debits frozen_credits floor=-100         | created
        post 1 a b 100                                           | exists
        lock 9000s                                               | created
        post 1 a b 100                                           | exists
        halt                                                     | created
        post 1 a b 100                                           | exists
        dry  1 a b 100                                           | exists
        resume                                                   | created
        clock 9000s
        change a                                                 | created
        post 2 b a 100                                           | created
        change a closed                                          | created
        post 1 a b 100                                           | exists
        post 2 b a 100                                           | exists
        post 2 b a 101                                           | exists_with_different_amount
        balance a 0
        ",
    );
}

/// "Holds were ignored in the funds check."
#[test]
fn what_is_held_is_not_available() {
    check(
        "
        account a floor=0                                        | created
        account b                                                | created
        post 1 b a 100                                           | created
        post 2 a b 70 hold                                       | created
        post 3 a b 31                                            | below_floor
        post 3 a b 31 hold                                       | below_floor
        post 3 a b 31 balancing_debit                            | created
        balance a 70 70 0
        post 4 b a 50 hold                                       | created
        post 5 a b 1                                             | below_floor
        post 6 a b 70 capture target=2                           | created
        balance a 0 0 50
        ",
    );
}

/// "Expiry was lost with a cache."
#[test]
fn an_expiry_is_an_event() {
    let mut ledger = small_ledger();
    let mut hold = Transfer::new(1, 1, 2, 10, 1);
    hold.flags = TransferFlags::HOLD;
    hold.timeout = 5;
    post(&mut ledger, 1_000, &[hold]);
    assert_eq!(events(&mut ledger).len(), 3);
    post(&mut ledger, 1_000 + 5_000_000_000, &[]);
    let expired = Event::HoldExpired(HoldExpired {
        seq: Seq(3),
        posted_at: Nanos(1_000 + 5_000_000_000),
        hold: TransferId(1),
        debit: AccountId(1),
        credit: AccountId(2),
        released: 10,
        debit_seq: 2,
        credit_seq: 2,
    });
    assert_eq!(events(&mut ledger), [expired]);
    let [debit, credit] = legs(&expired).unwrap();
    assert_eq!(
        (debit.side, debit.released, debit.held),
        (Side::Debit, 10, 0)
    );
    assert_eq!(
        (credit.side, credit.released, credit.held),
        (Side::Credit, 10, 0)
    );
}

/// "An entry without balance effect, or the reverse."
#[test]
fn every_event_is_in_the_balances_and_every_balance_in_the_events() {
    let mut ledger = small_ledger();
    let mut failing = [Transfer::new(4, 1, 2, 7, 1), Transfer::new(5, 2, 9, 7, 1)];
    failing[0].flags = TransferFlags::LINKED;
    let asked = [
        Transfer::new(1, 1, 2, 10, 1),
        Transfer::new(2, 2, 1, 3, 1),
        failing[0],
        failing[1],
        Transfer::new(2, 2, 1, 3, 1),
    ];
    let codes = post(&mut ledger, 1_000, &asked);
    let (created, failed) = (Code::Created, Code::EntrySetFailed);
    assert_eq!(
        codes,
        [created, created, failed, Code::CreditNotFound, Code::Exists]
    );
    let events = events(&mut ledger);
    for (id, account_legs) in [(AccountId(1), 2), (AccountId(2), 2)] {
        let of_account = events
            .iter()
            .filter_map(legs)
            .flatten()
            .filter(|leg| leg.account == id);
        let (mut debits, mut credits, mut seq) = (0, 0, 0);
        for leg in of_account {
            seq += 1;
            assert_eq!(leg.account_seq, seq, "legs are dense");
            *(if leg.side == Side::Debit {
                &mut debits
            } else {
                &mut credits
            }) += leg.posted;
        }
        let account = ledger.book(BOOK).unwrap().account(id).unwrap();
        assert_eq!(seq, account_legs);
        assert_eq!(account.seq, account_legs);
        assert_eq!(account.balances.debits_posted, debits);
        assert_eq!(account.balances.credits_posted, credits);
    }
}

/// "A back-date was dropped."
#[test]
fn a_back_date_is_in_the_record() {
    let mut ledger = small_ledger();
    let mut transfer = Transfer::new(1, 1, 2, 10, 1);
    transfer.effective_at = Nanos(77);
    post(
        &mut ledger,
        1_000,
        &[transfer, Transfer::new(2, 1, 2, 10, 1)],
    );
    let dates: Vec<(u64, u64)> = transfers(&events(&mut ledger))
        .iter()
        .map(|t| (t.posted_at.0, t.effective_at.0))
        .collect();
    assert_eq!(dates, [(1_000, 77), (1_001, 1_001)]);
}

/// "The same key with another body was silently replayed."
#[test]
fn the_same_id_with_another_body_names_the_field() {
    check(
        "
        account a                                                | created
        account b                                                | created
        account c                                                | created
        post 1 a b 10                                            | created
        post 1 a b 11                                            | exists_with_different_amount
        post 1 a c 10                                            | exists_with_different_credit
        post 1 a b 10 code=2                                     | exists_with_different_code
        post 1 a b 10 ref=order-7                                | exists_with_different_reference
        post 1 a b 10                                            | exists
        balance a -10
        ",
    );
}

/// "Duplicates inside a batch crashed."
#[test]
fn duplicates_inside_a_batch_are_answered() {
    check(
        "
        account a                                                | created
        account b                                                | created
        {
        post 1 a b 10                                            | created
        post 1 a b 10                                            | exists
        post 2 a b 10 linked                                     | entry_set_failed
        post 2 a b 10 linked                                     | id_repeated
        post 3 a b 10                                            | entry_set_failed
        post 2 a b 10                                            | created
        post 1 b a 10                                            | exists_with_different_debit
        }
        balance a -20
        ",
    );
}

/// "A bulk was half applied, or it was unclear what was."
#[test]
fn a_bulk_says_of_each_item_what_became_of_it() {
    check(
        "
        account a floor=0                                        | created
        account b                                                | created
        post 1 b a 25                                            | created
        {
        post 2 a b 10                                            | created
        post 3 a b 20                                            | below_floor
        post 4 a b 10 linked                                     | entry_set_failed
        post 5 a b 10                                            | below_floor
        post 6 a b 15                                            | created
        }
        balance a 0
        ",
    );
}

/// "Contention was told as insufficient funds." What cannot be decided has no answer at all, and
/// of an entry set nothing stands then.
#[test]
fn an_unreadable_past_is_no_business_code() {
    let mut ledger = small_ledger();
    let mut set = [
        Transfer::new(1, 1, 2, 10, 1),
        Transfer::new(UNREADABLE, 2, 1, 10, 1),
    ];
    set[0].flags = TransferFlags::LINKED;
    let before = ledger.book(BOOK).unwrap().clone();
    let mut results = vec![];
    let past = UnreadableId;
    let batch = Batch::of(&set);
    let done = ledger.post(&context(1_000), BOOK, &batch, &past, &mut results);
    assert_eq!(done, Err(PastUnreadable));
    let after = ledger.book(BOOK).unwrap();
    assert_eq!(after.next_seq(), before.next_seq());
    assert_eq!(after.accounts(), before.accounts());
    assert_eq!(
        post(&mut ledger, 1_000, &set),
        [Code::Created; 2],
        "no id was kept"
    );
    for code in [
        Code::Busy,
        Code::OutcomeUnknown,
        Code::DeadlineExceeded,
        Code::ShuttingDown,
    ] {
        assert!(
            code.number() >= 900 && code.is_retryable(),
            "{code} is told apart from business"
        );
    }
}

const UNREADABLE: u128 = 13;

/// A past in which one id cannot be looked up.
struct UnreadableId;

impl Past for UnreadableId {
    fn find(&self, _: BookId, _: KeyKind, id: u128) -> Result<Option<Seq>, PastUnreadable> {
        if id == UNREADABLE {
            Err(PastUnreadable)
        } else {
            Ok(None)
        }
    }

    fn transfer(&self, _: BookId, _: Seq) -> Result<Option<TransferPosted>, PastUnreadable> {
        Err(PastUnreadable)
    }

    fn note(&self, _: BookId, _: Seq) -> Result<Option<Note>, PastUnreadable> {
        Err(PastUnreadable)
    }
}

/// A refusal says that nothing happened under the id, an acceptance that something did.
#[test]
fn only_what_was_posted_has_side_effects() {
    let some: Vec<Code> = Code::ALL
        .iter()
        .filter(|c| !c.has_no_side_effects())
        .copied()
        .collect();
    assert_eq!(some, [Code::Created, Code::Exists, Code::OutcomeUnknown]);
    assert!(
        Code::ALL
            .iter()
            .filter(|code| code.is_posted())
            .all(|code| !code.is_retryable())
    );
}

/// A book with accounts 1 and 2 in one asset.
fn small_ledger() -> Ledger {
    let mut ledger = Ledger::new([1, 2]);
    let ctx = context(1);
    ledger.create_tenant(&ctx, TenantId(1), "acme");
    ledger.create_asset(&ctx, ledger::AssetId(1), "USD", 2);
    ledger.create_book(&ctx, BOOK, TenantId(1), "main", false);
    let account = |id| NewAccount {
        id: AccountId(id),
        asset: ledger::AssetId(1),
        code: 1,
        user_data: 0,
        settings: ledger::account::AccountSettings::default(),
    };
    let mut codes = vec![];
    ledger.create_accounts(&ctx, BOOK, &[account(1), account(2)], &mut codes);
    assert_eq!(codes, [Code::Created; 2]);
    ledger
}

fn context(now: u64) -> Context {
    Context {
        now: Nanos(now),
        origin: Origin::daemon(),
    }
}

fn post(ledger: &mut Ledger, now: u64, transfers: &[Transfer]) -> Vec<Code> {
    let mut results = vec![];
    ledger
        .post(
            &context(now),
            BOOK,
            &Batch::of(transfers),
            &NoPast,
            &mut results,
        )
        .unwrap();
    results.iter().map(|result| result.code).collect()
}

/// Closes the open blocks and gives the events of the book's.
fn events(ledger: &mut Ledger) -> Vec<Event> {
    let blocks = ledger.close_blocks();
    let of_book = blocks.iter().filter(|(id, _)| *id == BOOK);
    of_book
        .flat_map(|(_, open)| Records(&open.events).map(|r| Event::decode(r.unwrap()).unwrap()))
        .collect()
}

fn transfers(events: &[Event]) -> Vec<TransferPosted> {
    let transfer = |event: &Event| match event {
        Event::Transfer(t) => Some(*t),
        _ => None,
    };
    events.iter().filter_map(transfer).collect()
}
