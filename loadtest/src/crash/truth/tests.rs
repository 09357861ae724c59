use ledger::ledger::{Context, Ledger};
use ledger::past::NoPast;
use ledger::posting::Batch;
use ledger::{AssetId, BookId, Nanos, Origin, TenantId, Transfer};

use super::*;
use crate::crash::traffic::new_account;

const BOOK: BookId = BookId(1);
const ASSET: AssetId = AssetId(1);

/// Records of a book in which much happened, made by the ledger itself.
fn records() -> Vec<Vec<u8>> {
    let mut ledger = Ledger::new([3, 4]);
    let ctx = |now: u64| Context {
        now: Nanos(now * 1_000_000_000),
        origin: Origin::daemon(),
    };
    ledger.create_tenant(&ctx(1), TenantId(1), "t");
    ledger.create_asset(&ctx(1), ASSET, "USD", 2);
    ledger.create_book(&ctx(1), BOOK, TenantId(1), "b", false);
    let accounts: Vec<_> = (0..4).map(|at| new_account(at, ASSET)).collect();
    ledger.create_accounts(&ctx(2), BOOK, &accounts, &mut Vec::new());
    let id = |at: u32| crate::workload::account_id(at).0;
    let plain = |number, debit, credit| Transfer::new(number, id(debit), id(credit), 100, 1);
    let with = |transfer: Transfer, flags| Transfer { flags, ..transfer };
    let about = |transfer: Transfer, target| Transfer {
        target: ledger::TransferId(target),
        ..transfer
    };
    let mut post = |now, transfers: &[Transfer]| {
        let mut results = Vec::new();
        ledger
            .post(
                &ctx(now),
                BOOK,
                &Batch::of(transfers),
                &NoPast,
                &mut results,
            )
            .unwrap();
        assert!(
            results.iter().all(|result| result.code.is_posted()),
            "{results:?}"
        );
    };
    let hold = |number, timeout| Transfer {
        timeout,
        ..with(plain(number, 0, 1), Flags::HOLD)
    };
    post(3, &[plain(1, 0, 1), hold(2, 1), hold(3, 0), hold(4, 0)]);
    let keep = Transfer {
        amount: 40,
        ..about(
            with(plain(5, 0, 1), Flags::CAPTURE.with(Flags::KEEP_OPEN)),
            3,
        )
    };
    let capture = Transfer {
        amount: 50,
        ..about(with(plain(6, 0, 1), Flags::CAPTURE), 3)
    };
    let void = Transfer {
        amount: 0,
        ..about(with(plain(7, 0, 1), Flags::VOID), 4)
    };
    let reversal = about(with(plain(8, 1, 0), Flags::REVERSAL), 1);
    let set = [with(plain(9, 0, 1), Flags::LINKED), plain(10, 1, 0)];
    // By then the hold with a second of time has expired.
    post(9, &[keep, capture, void, reversal, set[0], set[1]]);
    let blocks = ledger.close_blocks();
    let open = blocks
        .into_iter()
        .find(|(book, _)| *book == BOOK)
        .unwrap()
        .1;
    ledger::event::Records(&open.events)
        .map(|record| record.unwrap().to_vec())
        .collect()
}

fn read(records: &[Vec<u8>]) -> (Truth, Vec<&'static str>) {
    let mut truth = Truth::default();
    let wrong = records
        .iter()
        .filter_map(|record| truth.add(record).err())
        .collect();
    (truth, wrong)
}

#[test]
fn what_the_ledger_wrote_adds_up() {
    let records = records();
    let (truth, wrong) = read(&records);
    assert_eq!(wrong, Vec::<&str>::new());
    assert_eq!(truth.events(), records.len() as u64);
    assert_eq!(records.len(), 4 + 4 + 1 + 6);
    let sums = truth.totals()[&ASSET.0];
    assert_eq!(sums.debits_posted, 100 + 40 + 50 + 100 + 100 + 100);
    assert_eq!(
        (sums.debits_posted, sums.debits_pending),
        (sums.credits_posted, sums.credits_pending)
    );
    assert_eq!(sums.debits_pending, 0);
    assert!(
        truth
            .accounts()
            .values()
            .all(|account| account.open_holds == 0)
    );
    assert_eq!(truth.seq_of(10), Some(14));
}

#[test]
fn what_was_tampered_with_does_not() {
    let records = records();
    // A record is gone, stands twice, or stands elsewhere.
    for at in 0..records.len() - 1 {
        let mut without = records.clone();
        without.remove(at);
        let mut twice = records.clone();
        twice.insert(at, records[at].clone());
        let mut swapped = records.clone();
        swapped.swap(at, at + 1);
        for changed in [without, twice, swapped] {
            assert_ne!(read(&changed).1, Vec::<&str>::new(), "{at}");
        }
    }
    // The amount of the capture is another.
    let mut changed = records.clone();
    let capture = records
        .iter()
        .position(|r| matches!(Event::decode(r), Ok(Event::Transfer(t)) if t.id.0 == 6));
    changed[capture.unwrap()][112] += 60;
    assert_eq!(read(&changed).1[0], "it captures more than it releases");
}
