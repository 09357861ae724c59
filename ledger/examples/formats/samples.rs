//! One record of every kind, with values that tell the fields apart.

use ledger::account::AccountSettings;
use ledger::asset::AssetCode;
use ledger::batch::{BatchEntry, Origin};
use ledger::block::encode_row;
use ledger::event::{
    AccountChanged, AccountCreated, AssetCreated, BookChange, BookChanged, BookCreated, Denial,
    HoldExpired, NoteErased, RequestDenied, TenantCreated, TransferPosted,
};
use ledger::note::Note;
use ledger::registry::Name;
use ledger::window::WindowLimit;
use ledger::{
    Account, AccountFlags, AccountId, AssetId, Balances, BlockHeader, BookId, Code, Digest, Event,
    Height, Nanos, Operation, Seq, TenantId, TransferFlags, TransferId,
};

/// 2026-06-01T00:00:00Z.
const NOW: Nanos = Nanos(1_780_272_000_000_000_000);
/// 2026-05-31T00:00:00Z.
const BEFORE: Nanos = Nanos(1_780_185_600_000_000_000);

/// Every event with the name of its vector, in the order of the page.
pub(crate) fn events() -> Vec<(&'static str, Event)> {
    vec![
        ("account_created", account_created()),
        ("account_changed", account_changed()),
        ("transfer", transfer()),
        ("transfer_noted", transfer_noted()),
        ("hold_expired", hold_expired()),
        ("book_changed", book_changed()),
        ("tenant_created", tenant_created()),
        ("asset_created", asset_created()),
        ("book_created", book_created()),
        ("note_erased", note_erased()),
        ("request_denied", request_denied()),
    ]
}

fn account_created() -> Event {
    Event::AccountCreated(AccountCreated {
        seq: Seq(11),
        posted_at: NOW,
        id: AccountId(1001),
        asset: AssetId(3),
        code: 40,
        user_data: 55,
        settings: settings(AccountFlags::DEBIT_NORMAL, Some(-5_000), None),
    })
}

fn account_changed() -> Event {
    Event::AccountChanged(AccountChanged {
        seq: Seq(12),
        posted_at: NOW,
        id: AccountId(1001),
        account_seq: 7,
        settings: settings(AccountFlags::FROZEN_DEBITS, None, Some(900_000)),
    })
}

fn settings(flags: u16, floor: Option<i128>, ceiling: Option<i128>) -> AccountSettings {
    AccountSettings {
        flags: AccountFlags(flags),
        floor,
        ceiling,
        limits: [
            WindowLimit {
                seconds: 3_600,
                count: 10,
                amount: 70_000,
            },
            WindowLimit::default(),
        ],
        tags: 1 << 7,
    }
}

/// What the transfers have in common.
fn posted() -> TransferPosted {
    TransferPosted {
        flags: TransferFlags::CAPTURE,
        code: 41,
        result: Code::Created,
        asset: AssetId(3),
        timeout: 0,
        seq: Seq(13),
        posted_at: NOW,
        effective_at: BEFORE,
        user_data: 56,
        debit_seq: 8,
        credit_seq: 9,
        id: TransferId(2001),
        debit: AccountId(1001),
        credit: AccountId(1002),
        amount: 1_500,
        requested: 1_600,
        released: 1_700,
        target: TransferId(2000),
        commitments: None,
    }
}

fn transfer() -> Event {
    Event::Transfer(posted())
}

fn transfer_noted() -> Event {
    Event::Transfer(TransferPosted {
        flags: TransferFlags::HOLD,
        timeout: 86_400,
        seq: Seq(14),
        id: TransferId(2002),
        amount: 1_800,
        requested: 1_800,
        released: 0,
        target: TransferId(0),
        commitments: Some(note().commitments()),
        ..posted()
    })
}

/// What the commitments of the noted transfer commit to.
pub(crate) fn note() -> Note {
    Note {
        salt: *b"sixteen salt b\x01\x02",
        reference: b"invoice 17".to_vec(),
        metadata: b"{\"shop\":4}".to_vec(),
    }
}

fn hold_expired() -> Event {
    Event::HoldExpired(HoldExpired {
        seq: Seq(15),
        posted_at: NOW,
        hold: TransferId(2002),
        debit: AccountId(1001),
        credit: AccountId(1002),
        released: 1_800,
        debit_seq: 10,
        credit_seq: 16,
    })
}

fn book_changed() -> Event {
    Event::BookChanged(BookChanged {
        seq: Seq(16),
        posted_at: NOW,
        change: BookChange::Locked,
        reason: 17,
        effective_lock: BEFORE,
    })
}

fn tenant_created() -> Event {
    Event::TenantCreated(TenantCreated {
        seq: Seq(17),
        posted_at: NOW,
        tenant: TenantId(5),
        name: Name::parse("acme").unwrap(),
    })
}

fn asset_created() -> Event {
    Event::AssetCreated(AssetCreated {
        seq: Seq(18),
        posted_at: NOW,
        asset: AssetId(3),
        code: AssetCode::parse("USD").unwrap(),
        exponent: 2,
    })
}

fn book_created() -> Event {
    Event::BookCreated(BookCreated {
        seq: Seq(19),
        posted_at: NOW,
        book: BookId(7),
        tenant: TenantId(5),
        name: Name::parse("main").unwrap(),
        importing: true,
    })
}

fn note_erased() -> Event {
    Event::NoteErased(NoteErased {
        seq: Seq(20),
        posted_at: NOW,
        target: Seq(14),
    })
}

fn request_denied() -> Event {
    Event::RequestDenied(RequestDenied {
        seq: Seq(21),
        posted_at: NOW,
        denial: Denial {
            operation: Operation::Post,
            result: Code::Denied,
            rule: 12,
            book: BookId(7),
            principal: Digest::of(b"spiffe://bank.test/tenant/acme/role/write"),
            request: Digest::of(b"request"),
            policy: Digest::of(b"component"),
            count: 3,
            members: 5,
        },
    })
}

/// An entry of a batch list.
pub(crate) fn batch_entry() -> BatchEntry {
    BatchEntry {
        origin: Origin {
            principal: Digest::of(b"spiffe://bank.test/tenant/acme/role/write"),
            fingerprint: Digest::of(b"certificate"),
            request_id: 77,
            policy_set: Digest::of(b"rules"),
        },
        first: 2,
        count: 3,
    }
}

/// A header of a block.
pub(crate) fn block_header() -> BlockHeader {
    BlockHeader {
        book: BookId(7),
        height: Height(4),
        previous: Digest::of(b"previous"),
        first_seq: Seq(11),
        count: 10,
        first_posted_at: BEFORE,
        last_posted_at: NOW,
        tree_size: 21,
        root: Digest::of(b"root"),
        rows: Digest::of(b"rows"),
        batches: Digest::of(b"batches"),
    }
}

/// An account whose row a block commits to.
pub(crate) fn account() -> Account {
    Account {
        id: AccountId(1001),
        balances: Balances {
            debits_posted: 101,
            credits_posted: 102,
            debits_pending: 103,
            credits_pending: 104,
        },
        floor: -5_000,
        ceiling: i128::MAX,
        seq: 10,
        created_at: BEFORE,
        user_data: 55,
        asset: AssetId(3),
        limits: 0,
        open_holds: 1,
        touched: 0,
        code: 40,
        flags: AccountFlags(AccountFlags::DEBIT_NORMAL | AccountFlags::HAS_FLOOR),
    }
}

/// Bytes of the row of [`account`].
pub(crate) fn row() -> Vec<u8> {
    let mut out = Vec::new();
    encode_row(&account(), &mut out);
    out
}
