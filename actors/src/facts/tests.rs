use super::*;

const BOOK: BookId = BookId(7);

fn seen(version: u64, accounts: &[u128]) -> SeenFacts {
    SeenFacts {
        version: FactsVersion(version),
        accounts: accounts.iter().copied().map(AccountId).collect(),
    }
}

fn change(log: &mut FactsLog, ids: std::ops::Range<u128>) {
    log.changed(BOOK, ids.map(AccountId));
}

#[test]
fn facts_stand_until_one_of_their_accounts_changes() {
    let mut log = FactsLog::default();
    assert_eq!(log.version(BOOK), FactsVersion(0));
    assert!(log.stands(BOOK, &seen(0, &[1, 2])));
    change(&mut log, 3..5);
    assert_eq!(log.version(BOOK), FactsVersion(2));
    assert!(log.stands(BOOK, &seen(0, &[1, 2])));
    assert!(!log.stands(BOOK, &seen(0, &[1, 3])));
    assert!(!log.stands(BOOK, &seen(1, &[4])));
    assert!(
        log.stands(BOOK, &seen(1, &[3])),
        "changed before it was seen"
    );
    assert!(log.stands(BOOK, &seen(2, &[3, 4])));
    assert!(log.stands(BookId(8), &seen(0, &[3])), "another book");
}

#[test]
fn facts_older_than_what_is_remembered_do_not_stand() {
    let mut log = FactsLog::default();
    change(&mut log, 0..CHANGES_MAX as u128);
    assert!(log.stands(BOOK, &seen(0, &[9_999])));
    change(&mut log, 0..1);
    assert!(!log.stands(BOOK, &seen(0, &[9_999])));
    assert!(log.stands(BOOK, &seen(1, &[9_999])));
}
