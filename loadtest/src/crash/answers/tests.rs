use ledger::event::{AccountCreated, TransferPosted};
use ledger::{AccountId, AssetId, BookId, Event, Height, Nanos, Seq, TransferFlags, TransferId};
use wire::message::{Exception, Outcomes};

use super::*;
use crate::crash::author::Draft;
use crate::crash::traffic::new_account;
use crate::workload::account_id;

/// Two accounts, then what `transfers` say, one after the other.
fn witness(transfers: &[Transfer]) -> Witness {
    let mut witness = Witness::new(BookId(1));
    let mut events = Vec::new();
    for at in 0..2 {
        let new = new_account(at * 4, AssetId(1));
        events.push(Event::AccountCreated(AccountCreated {
            seq: Seq(u64::from(at)),
            posted_at: Nanos(1 + u64::from(at)),
            id: account_id(at),
            asset: new.asset,
            code: new.code,
            user_data: new.user_data,
            settings: new.settings,
        }));
    }
    for (at, transfer) in (2..).zip(transfers) {
        events.push(Event::Transfer(posted(transfer, at)));
    }
    let mut violations = Violations::default();
    for event in &events {
        let mut record = Vec::new();
        event.encode(&mut record);
        witness.add(&record, &mut violations);
    }
    assert_eq!(violations.count, 0);
    witness.new_accounts.clear();
    witness
}

fn posted(t: &Transfer, seq: u64) -> TransferPosted {
    TransferPosted {
        flags: t.flags,
        code: t.code,
        result: Code::Created,
        asset: AssetId(1),
        timeout: t.timeout,
        seq: Seq(seq),
        posted_at: Nanos(seq + 1),
        effective_at: Nanos(seq + 1),
        user_data: t.user_data,
        debit_seq: seq - 1,
        credit_seq: seq - 1,
        id: t.id,
        debit: t.debit,
        credit: t.credit,
        amount: t.amount,
        requested: t.amount,
        released: 0,
        target: TransferId(0),
        commitments: None,
    }
}

fn transfer(id: u128) -> Transfer {
    Transfer::new(id, account_id(0).0, account_id(1).0, 5, 1)
}

fn request(transfers: &[Transfer]) -> Request {
    Request::post(Draft {
        transfers: transfers.to_vec(),
        ..Draft::default()
    })
}

fn created(first_seq: u64, created: u32, exceptions: Vec<Exception>) -> Outcomes {
    Outcomes {
        height: Height(1),
        first_seq: Seq(first_seq),
        posted_at: Nanos(1),
        created,
        exceptions,
    }
}

fn violations(requests: &[Request], witness: Witness) -> u64 {
    let mut violations = Violations::default();
    check(requests, &[witness], &mut violations);
    violations.count
}

#[test]
fn what_fits_is_no_violation() {
    let transfers = [transfer(1), transfer(2)];
    let mut answered = request(&transfers);
    answered.answers.push(created(2, 2, Vec::new()));
    let exists = |index, seq| Exception {
        index,
        code: Code::Exists,
        seq: Some(Seq(seq)),
    };
    answered
        .answers
        .push(created(0, 0, vec![exists(0, 2), exists(1, 3)]));
    assert_eq!(violations(&[answered.clone()], witness(&transfers)), 0);

    // What was lost may stand or not; what was refused does not.
    let mut lost = request(&[transfer(3)]);
    lost.was_lost = true;
    let mut refused = request(&[transfer(4)]);
    let refusal = Exception {
        index: 0,
        code: Code::BelowFloor,
        seq: None,
    };
    refused.answers.push(created(0, 0, vec![refusal]));
    let requests = [answered, lost, refused];
    assert_eq!(violations(&requests, witness(&transfers)), 0);
    let with_lost = [transfer(1), transfer(2), transfer(3)];
    assert_eq!(violations(&requests, witness(&with_lost)), 0);
}

#[test]
fn what_was_acked_and_is_gone_or_elsewhere_is_found() {
    let mut answered = request(&[transfer(1)]);
    answered.answers.push(created(2, 1, Vec::new()));
    assert_ne!(violations(&[answered.clone()], witness(&[])), 0);
    assert_ne!(
        violations(&[answered], witness(&[transfer(9), transfer(1)])),
        0
    );
}

#[test]
fn what_was_created_twice_is_found() {
    let mut answered = request(&[transfer(1)]);
    answered.answers.push(created(2, 1, Vec::new()));
    answered.answers.push(created(2, 1, Vec::new()));
    assert_ne!(violations(&[answered], witness(&[transfer(1)])), 0);
}

#[test]
fn what_was_refused_and_stands_is_found() {
    let mut refused = request(&[transfer(1)]);
    let refusal = Exception {
        index: 0,
        code: Code::BelowFloor,
        seq: None,
    };
    refused.answers.push(created(0, 0, vec![refusal]));
    assert_eq!(violations(&[refused], witness(&[transfer(1)])), 1);
}

#[test]
fn what_nobody_asked_for_like_this_is_found() {
    assert_eq!(violations(&[], witness(&[transfer(1)])), 1);
    let mut lost = request(&[Transfer {
        amount: 6,
        ..transfer(1)
    }]);
    lost.was_lost = true;
    assert_eq!(violations(&[lost], witness(&[transfer(1)])), 1);
}

#[test]
fn half_a_set_is_found() {
    let first = Transfer {
        flags: TransferFlags::LINKED,
        ..transfer(1)
    };
    let mut lost = request(&[first, transfer(2)]);
    lost.was_lost = true;
    assert_eq!(
        violations(&[lost.clone()], witness(&[first, transfer(2)])),
        0
    );
    assert_eq!(violations(&[lost], witness(&[first])), 1);
}

#[test]
fn an_account_that_was_acked_and_is_gone_is_found() {
    let account = new_account(7, AssetId(1));
    let mut asked = Request::new(0, Body::Accounts(vec![account]));
    asked.answers.push(created(2, 1, Vec::new()));
    assert_eq!(violations(&[asked], witness(&[])), 1);
    assert_ne!(account.id, AccountId(0));
}
