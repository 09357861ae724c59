//! Tables and JSON of every view, as people and scripts see them.

mod keys;

use ledger::account::{AccountFlags, AccountSettings};
use ledger::asset::{Asset, AssetCode};
use ledger::event::{BookChange, BookChanged, HoldExpired, TransferPosted};
use ledger::registry::{Name, Tenant};
use ledger::window::WindowLimit;
use ledger::{
    AccountId, AssetId, Balances, BookId, Code, Event, Height, Nanos, NewAccount, Seq, TenantId,
    TransferFlags, TransferId,
};
use serde::Serialize;
use serde_json::json;
use wire::message::{
    AccountRow, AssetTotals, BookRow, Decided, NoteText, Reference, StatementLine, Totals,
    TransferFound, TransferRow, TransferState,
};

use super::account::{AccountView, BalanceView};
use super::decided::DecidedView;
use super::event::EventView;
use super::registry::{AssetView, BookView, TenantView};
use super::statement::StatementView;
use super::totals::TotalsView;
use super::transfer::{FoundView, TransferView};
use crate::assets::Assets;

const DAY: Nanos = Nanos(725_846_400_000_000_000);

fn usd() -> Asset {
    Asset {
        id: AssetId(1),
        code: AssetCode::parse("USD").unwrap(),
        exponent: 2,
    }
}

fn value(view: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(view).unwrap()
}

fn money(amount: &str, minor: &str) -> serde_json::Value {
    json!({ "amount": amount, "amount_minor": minor })
}

fn account() -> AccountRow {
    let limit = WindowLimit {
        seconds: 86_400,
        count: 0,
        amount: 500_000,
    };
    AccountRow {
        account: NewAccount {
            id: AccountId(7),
            asset: AssetId(1),
            code: 100,
            user_data: 9,
            settings: AccountSettings {
                flags: AccountFlags(AccountFlags::DEBIT_NORMAL | AccountFlags::FROZEN_DEBITS),
                floor: Some(-100),
                ceiling: None,
                limits: [limit, WindowLimit::default()],
                tags: 1 << 63 | 1,
            },
        },
        balances: Balances {
            debits_posted: 123_456_789,
            credits_posted: 56_789,
            debits_pending: 100,
            credits_pending: 0,
        },
        seq: 4,
        created_at: DAY,
        open_holds: 1,
    }
}

fn transfer() -> TransferPosted {
    TransferPosted {
        flags: TransferFlags::NONE,
        code: 3,
        result: Code::Created,
        asset: AssetId(1),
        timeout: 0,
        seq: Seq(5),
        posted_at: Nanos(DAY.0 + 1),
        effective_at: DAY,
        user_data: 0,
        debit_seq: 1,
        credit_seq: 2,
        id: TransferId(1 << 64),
        debit: AccountId(7),
        credit: AccountId(8),
        amount: 1_234,
        requested: 1_234,
        released: 0,
        target: TransferId(0),
        commitments: None,
    }
}

fn row() -> TransferRow {
    let note = NoteText {
        reference: Reference::new(b"inv 1".to_vec()).unwrap(),
        metadata: wire::message::Metadata::new(vec![0xff, 0]).unwrap(),
    };
    TransferRow {
        record: transfer(),
        note: Some(note),
    }
}

#[test]
fn an_account_is_shown_on_its_side() {
    let view = AccountView::of(&account(), Some("name:till"), &usd());
    assert_eq!(
        AccountView::table(std::slice::from_ref(&view)).to_string(),
        "account    asset  code  normal       balance  held debits  held credits  floor  ceiling  \
         limits           tags  state\n\
         name:till  USD     100  debit   1,234,000.00         1.00          0.00  -1.00           \
         86400s::5000.00  0 63  debits frozen\n"
    );
    let value = value(&view);
    assert_eq!(value["account"], "7");
    assert_eq!(value["name"], "name:till");
    // Scripts always get credits - debits.
    assert_eq!(value["balance"], money("-1234000.00", "-123400000"));
    assert_eq!(value["floor"], money("-1.00", "-100"));
    assert_eq!(value["ceiling"], json!(null));
    assert_eq!(
        value["limits"],
        json!([{ "seconds": 86_400, "count": null, "amount": money("5000.00", "500000") }])
    );
    assert_eq!(value["created_at"], "1993-01-01T00:00:00Z");
    assert_eq!(
        (&value["frozen_debits"], &value["closed"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn balances_are_shown() {
    let row = account();
    let settings = AccountSettings::default();
    let view = BalanceView::of(row.account.id, Some("7"), &settings, &row.balances, &usd());
    assert_eq!(
        BalanceView::table(std::slice::from_ref(&view)).to_string(),
        "account  asset  normal        balance        debits  credits  held debits  held credits\n\
         7        USD    credit  -1,234,000.00  1,234,567.89   567.89         1.00          0.00\n"
    );
    let value = value(&view);
    assert_eq!(value.get("name"), None);
    assert_eq!(value["debits_posted"], money("1234567.89", "123456789"));
}

#[test]
fn transfers_are_shown() {
    let view = TransferView::of(&row(), &usd());
    assert_eq!(
        TransferView::table(std::slice::from_ref(&view)).to_string(),
        "seq  id                                  kind      debit  credit  amount  asset  code  \
         effective   reference\n  \
         5  0x00000000000000010000000000000000  transfer  7      8        12.34  USD       3  \
         1993-01-01  inv 1\n"
    );
    let value = value(&view);
    assert_eq!(value["id"], "0x00000000000000010000000000000000");
    assert_eq!(
        (&value["amount"], &value["amount_minor"]),
        (&json!("12.34"), &json!("1234"))
    );
    assert_eq!(value["posted_at"], "1993-01-01T00:00:00.000000001Z");
    assert_eq!(
        (&value["reference"], &value["metadata_hex"]),
        (&json!("inv 1"), &json!("ff00"))
    );
    assert_eq!(value.get("metadata"), None);
    assert_eq!(value["flags"], json!([]));
}

#[test]
fn a_hold_is_shown_with_what_is_left_of_it() {
    let flags = TransferFlags::HOLD.with(TransferFlags::LINKED);
    let record = TransferPosted {
        flags,
        timeout: 60,
        ..transfer()
    };
    let found = TransferFound {
        row: TransferRow { record, note: None },
        state: TransferState::HoldOpen,
        remaining: 234,
        ended_by: TransferId(0),
    };
    let view = FoundView::of(&found, &usd());
    let table = FoundView::table(std::slice::from_ref(&view)).to_string();
    assert!(table.contains("hold_open        2.34"), "{table}");
    let value = value(&view);
    assert_eq!(value["kind"], "hold");
    assert_eq!(value["flags"], json!(["linked", "hold"]));
    assert_eq!(
        (&value["state"], &value["timeout"]),
        (&json!("hold_open"), &json!(60))
    );
    assert_eq!(value["remaining"], money("2.34", "234"));
    assert_eq!(value.get("ended_by"), None);
}

#[test]
fn a_statement_opens_and_closes() {
    let line = |seq, debit, credit, balance| StatementLine {
        row: TransferRow {
            record: TransferPosted {
                seq: Seq(seq),
                debit: AccountId(debit),
                credit: AccountId(credit),
                ..transfer()
            },
            note: None,
        },
        balance,
    };
    let lines = [line(5, 7, 8, -234), line(6, 9, 7, 1_000)];
    let view = StatementView::of(AccountId(7), 1_000, &lines, &usd());
    assert_eq!(
        view.table().to_string(),
        "seq  effective   kind      other account  change  balance  reference\n     \
         opening                                        10.00\n  \
         5  1993-01-01  transfer  8              -12.34    -2.34\n  \
         6  1993-01-01  transfer  9               12.34    10.00\n     \
         closing                                        10.00\n"
    );
    let value = value(&view);
    assert_eq!(value["opening"], money("10.00", "1000"));
    assert_eq!(value["lines"][0]["change"], money("-12.34", "-1234"));
    assert_eq!(value["lines"][1]["balance"], money("10.00", "1000"));
}

#[test]
fn totals_show_the_difference() {
    let sums = Balances {
        debits_posted: 500,
        credits_posted: 500,
        ..Balances::default()
    };
    let totals = |sums| Totals {
        height: Height(2),
        events: 3,
        rows: vec![AssetTotals {
            asset: AssetId(1),
            accounts: 2,
            sums,
        }],
    };
    let assets = Assets(vec![usd()]);
    let view = TotalsView::of(&totals(sums), &assets).unwrap();
    assert!(view.is_balanced());
    assert_eq!(
        view.table().to_string(),
        "asset  accounts  debits  credits  difference  held debits  held credits\n\
         USD           2    5.00     5.00        0.00         0.00          0.00\n"
    );
    assert_eq!(value(&view)["balanced"], true);
    let broken = Balances {
        credits_posted: 400,
        ..sums
    };
    let view = TotalsView::of(&totals(broken), &assets).unwrap();
    assert!(!view.is_balanced());
    assert_eq!(
        value(&view)["assets"][0]["difference"],
        money("-1.00", "-100")
    );
    let unknown = TotalsView::of(&totals(sums), &Assets(Vec::new())).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "no asset `1` in the ledger; it has none, an operator makes one with `asset create`"
    );
}

#[test]
fn the_registry_is_shown() {
    let name = Name::parse("shop").unwrap();
    let tenants = [TenantView::of(&Tenant {
        id: TenantId(1),
        name,
    })];
    assert_eq!(
        TenantView::table(&tenants).to_string(),
        "id  name\n 1  shop\n"
    );
    let assets = [AssetView::of(&usd())];
    assert_eq!(
        AssetView::table(&assets).to_string(),
        "id  code  digits\n 1  USD        2\n"
    );
    let books = [BookView::of(&BookRow {
        book: BookId(3),
        tenant: TenantId(1),
        name,
        importing: false,
        halted: true,
        requires_sealed: true,
        reason: 4,
        effective_lock: DAY,
        height: Height(5),
        events: 6,
        accounts: 7,
    })];
    assert_eq!(
        BookView::table(&books).to_string(),
        "id  name  tenant  state   accounts  events  height  answers  locked before\n \
         3  shop       1  halted         7       6       5  sealed   1993-01-01\n"
    );
    assert_eq!(value(&books)[0]["effective_lock"], "1993-01-01T00:00:00Z");
}

#[test]
fn outcomes_say_what_became_of_it() {
    let decided = |code, seq| Decided {
        code,
        height: Height(1),
        seq: Seq(seq),
        posted_at: Nanos(0),
    };
    let halted = DecidedView::of(&decided(Code::Created, 5), "book 1 halted".to_owned());
    assert_eq!(halted.to_string(), "book 1 halted: created at sequence 5");
    let created = DecidedView::item(Code::Created, Some(Seq(5)), Height(1));
    let created = created.with_id(9, Some("name:t")).with_time(DAY);
    assert_eq!(created.to_string(), "name:t: created at sequence 5");
    assert_eq!(
        value(&created),
        json!({ "id": "9", "name": "name:t", "code": "created", "number": 0, "posted": true,
            "retryable": false, "seq": 5, "posted_at": "1993-01-01T00:00:00Z", "height": 1 })
    );
    let refused = DecidedView::item(Code::BelowFloor, None, Height(1)).with_line(3);
    assert_eq!(
        refused.to_string(),
        "line 3: below_floor: the debit account would fall below its floor; it may be decided \
         otherwise later"
    );
    let dry = DecidedView::item(Code::Created, Some(Seq(9)), Height(1)).of_dry_run();
    assert_eq!(dry.to_string(), "created as a dry run; nothing is posted");
    assert_eq!(value(&dry).get("seq"), None);
    assert_eq!(
        (&value(&dry)["posted"], &value(&dry)["dry_run"]),
        (&json!(false), &json!(true))
    );
    let known = DecidedView::item(Code::ExistsWithDifferentAmount, Some(Seq(9)), Height(1));
    assert_eq!(
        known.of_dry_run().with_id(3, None).to_string(),
        "3: exists_with_different_amount at sequence 9: the id was posted with another amount"
    );
}

#[test]
fn events_take_a_line_each() {
    let assets = Assets(vec![usd()]);
    let view = |event| EventView::of(&event, 4, &assets).unwrap();
    let posted = view(Event::Transfer(TransferPosted {
        id: TransferId(9),
        ..transfer()
    }));
    assert_eq!(
        posted.to_string(),
        "       5  1993-01-01T00:00:00Z  transfer 9: 12.34 USD 7 -> 8"
    );
    let json = value(&posted);
    assert_eq!(
        (&json["event"], &json["seq"]),
        (&json!("transfer"), &json!(5))
    );
    assert_eq!(json["transfer"]["amount"], "12.34");
    let halted = view(Event::BookChanged(BookChanged {
        seq: Seq(6),
        posted_at: DAY,
        change: BookChange::Halted,
        reason: 2,
        effective_lock: Nanos(0),
    }));
    assert!(halted.to_string().ends_with("book halted, reason 2"));
    let expired = view(Event::HoldExpired(HoldExpired {
        seq: Seq(7),
        posted_at: DAY,
        hold: TransferId(9),
        debit: AccountId(7),
        credit: AccountId(8),
        released: 5,
        debit_seq: 1,
        credit_seq: 1,
    }));
    assert!(
        expired
            .to_string()
            .ends_with("hold 9 expired: 5 minor units 7 -> 8")
    );
}
