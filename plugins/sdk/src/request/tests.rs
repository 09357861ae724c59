use super::*;
use crate::Sample;

fn parts() -> (Context, Accounts, Transfers) {
    let rows = [1, 2].map(|amount| Transfer {
        amount,
        debit: 0,
        credit: 1,
        ..Transfer::default()
    });
    let accounts = [5, 6].map(|id| Account {
        id,
        code: 1,
        tags: 1 << 63,
        ..Account::default()
    });
    Sample::new("post")
        .role("write")
        .scope("a:b")
        .attribute("plan", "gold")
        .accounts(accounts)
        .transfers(rows)
        .parts()
}

#[test]
fn rows_are_what_the_columns_say() {
    let (context, accounts, mut transfers) = parts();
    transfers.amount_high[1] = 1;
    let request = Request::new(Needs::all(), context, accounts, transfers);
    let amounts: Vec<_> = request.transfers().map(|each| each.amount).collect();
    assert_eq!(amounts, [1, (1 << 64) + 2]);
    assert_eq!(request.transfer_count(), 2);
    assert_eq!(request.account(1).id, 6);
    assert!(request.account(1).has_tag(63) && !request.account(1).has_tag(64));
    assert_eq!(request.accounts().count(), 2);
    assert!(request.has_role("write") && !request.has_role("read"));
    assert!(request.has_scope("a:b") && !request.has_scope("a"));
    assert_eq!(request.attribute("plan"), Some("gold"));
    assert_eq!(request.attribute("environment"), None);
}

#[test]
#[should_panic(expected = "columns differ in length")]
fn a_row_that_lacks_a_column_is_no_row() {
    let (context, accounts, mut transfers) = parts();
    transfers.flag_bits.pop();
    Request::new(Needs::TRANSFERS, context, accounts, transfers);
}

#[test]
#[should_panic(expected = "columns differ in length")]
fn ids_that_are_needed_are_as_many_as_transfers() {
    let (context, accounts, mut transfers) = parts();
    transfers.id_low.pop();
    transfers.id_high.pop();
    let needs = Needs::TRANSFERS | Needs::TRANSFER_IDS;
    Request::new(needs, context, accounts, transfers);
}

#[test]
#[should_panic(expected = "does not say it needs")]
fn what_is_not_needed_cannot_be_read() {
    let (context, accounts, transfers) = parts();
    let request = Request::new(Needs::ACCOUNTS, context, accounts, transfers);
    let _ = request.transfers();
}
