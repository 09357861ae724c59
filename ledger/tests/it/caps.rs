//! Caps on what a book holds in memory.

use ledger::account::AccountSettings;
use ledger::ledger::Context;
use ledger::past::NoPast;
use ledger::posting::Batch;
use ledger::{
    AccountId, AssetId, BookId, Caps, Code, Ledger, Nanos, NewAccount, Origin, TenantId, Transfer,
    TransferFlags,
};

#[test]
fn what_is_above_a_cap_is_refused_and_what_stands_stays() {
    let ctx = Context {
        now: Nanos(1_000),
        origin: Origin::daemon(),
    };
    let mut ledger = Ledger::new([1, 2]);
    ledger.create_tenant(&ctx, TenantId(1), "acme");
    ledger.create_asset(&ctx, AssetId(1), "USD", 2);
    ledger.create_book(&ctx, BookId(1), TenantId(1), "main", false);
    ledger.set_caps(Caps {
        accounts: 2,
        open_holds: 1,
    });
    let settings = AccountSettings::default();
    let account = |id| NewAccount {
        id: AccountId(id),
        asset: AssetId(1),
        code: 1,
        user_data: 0,
        settings,
    };
    let mut codes = Vec::new();
    let accounts: Vec<_> = [1, 2, 3, 1].into_iter().map(account).collect();
    ledger.create_accounts(&ctx, BookId(1), &accounts, &mut codes);
    let expected = [
        Code::Created,
        Code::Created,
        Code::TooManyAccounts,
        Code::Exists,
    ];
    assert_eq!(codes, expected);

    let hold = |id| Transfer {
        flags: TransferFlags::HOLD,
        ..Transfer::new(id, 1, 2, 5, 1)
    };
    let void = Transfer {
        flags: TransferFlags::VOID,
        target: ledger::TransferId(1),
        amount: 0,
        ..Transfer::new(9, 1, 2, 5, 1)
    };
    let transfers = [hold(1), hold(2), hold(1), void, hold(2)];
    let batch = Batch::of(&transfers);
    let mut results = Vec::new();
    let posted = ledger.post(&ctx, BookId(1), &batch, &NoPast, &mut results);
    assert_eq!(posted, Ok(()));
    let codes: Vec<Code> = results.iter().map(|result| result.code).collect();
    let expected = [
        Code::Created,
        Code::TooManyHolds,
        Code::Exists,
        Code::Created,
        Code::Created,
    ];
    assert_eq!(codes, expected);
}
