//! A frame of every kind, with values that tell the fields apart.

use ledger::account::AccountSettings;
use ledger::asset::{Asset, AssetCode};
use ledger::event::transfer::Commitments;
use ledger::event::{BookChange, HoldExpired, TransferPosted};
use ledger::leg::Side;
use ledger::note::Note;
use ledger::registry::{Name, Tenant};
use ledger::window::WindowLimit;
use ledger::{
    AccountChange, AccountFlags, AccountId, AssetId, Balances, BookId, Code, Event, Height, Nanos,
    NewAccount, Operation, Seq, TenantId, Transfer, TransferFlags, TransferId,
};
use wire::frame::{Header, Kind, encode_frame};
use wire::identity::Role;
use wire::message::*;
use wire::{Blob, Field, Text};

use crate::sealing;

/// A frame and the name of its vector.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

const REQUEST_ID: u128 = 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100;
const BOOK: BookId = BookId(7);
const HEIGHT: Height = Height(9);
/// 2026-06-01T00:00:00Z.
pub(crate) const NOW: Nanos = Nanos(1_780_272_000_000_000_000);

pub(crate) fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    for (operation, ..) in MESSAGES {
        let name = operation.name();
        let header = Header {
            deadline_ms: 5_000,
            ..header(*operation)
        };
        let request = request(*operation);
        all.push(sample(format!("{name}.request"), header, |out| {
            request.encode(out);
        }));
        let answer = answer(*operation);
        let header = header.reply(Kind::Answer);
        all.push(sample(format!("{name}.answer"), header, |out| {
            answer.encode(out);
        }));
    }
    let failure = Failure {
        code: Code::Denied,
        retry_after_ms: 0,
        rule: 12,
        denial: Some(DenialPlace {
            book: BOOK,
            seq: Seq(41),
        }),
        message: Text::cut("`post` denied to role `read`: rule 12 `write` of policy `rbac`"),
    };
    let header = header(Operation::Subscribe);
    all.push(sample(
        "failure",
        self::header(Operation::Post).reply(Kind::Failure),
        |out| {
            failure.put(out);
        },
    ));
    all.push(sample(
        "subscribe.events",
        header.reply(Kind::Events),
        |out| events().put(out),
    ));
    all.push(sample(
        "subscribe.cancel",
        Header {
            kind: Kind::Cancel,
            ..header
        },
        |_| {},
    ));
    all.push(sample(
        "post.request_sealed",
        Header {
            kind: Kind::RequestSealed,
            deadline_ms: 5_000,
            ..self::header(Operation::Post)
        },
        |out| Request::Post(Post::new(vec![Transfer::new(501, 1001, 1002, 250, 1)])).encode(out),
    ));
    all.push(sample("subscribe.end", header.reply(Kind::End), |_| {}));
    all
}

fn sample(name: impl Into<String>, header: Header, body: impl FnOnce(&mut Vec<u8>)) -> Sample {
    let mut bytes = Vec::new();
    encode_frame(header, &mut bytes, body);
    Sample {
        name: name.into(),
        bytes,
    }
}

/// Operations about no book name book 0.
fn header(operation: Operation) -> Header {
    use Operation as O;
    let book = match operation {
        O::Hello
        | O::CreateTenant
        | O::CreateAsset
        | O::CreateBook
        | O::ListTenants
        | O::ListAssets
        | O::ListBooks
        | O::AuditRows
        | O::Keyring
        | O::ChangeSigners
        | O::Approve
        | O::Approvals
        | O::RequestApproval
        | O::PushPolicy
        | O::ListPolicies
        | O::ShadowPolicy
        | O::ActivatePolicy => BookId::SYSTEM,
        _ => BOOK,
    };
    Header::request(operation, REQUEST_ID, book)
}

fn request(operation: Operation) -> Request {
    use Operation as O;
    let list = ListRequest {
        after: 0,
        limit: 100,
    };
    let next = ListRequest {
        after: 100,
        limit: 100,
    };
    match operation {
        O::Hello => Request::Hello(HelloRequest {
            client: Text::cut("settler 1.4.2"),
        }),
        O::CreateTenant => Request::CreateTenant(CreateTenant { tenant: tenant() }),
        O::CreateAsset => Request::CreateAsset(CreateAsset { asset: asset() }),
        O::CreateBook => Request::CreateBook(CreateBook {
            book: BOOK,
            tenant: TenantId(3),
            name: name("main"),
            importing: true,
        }),
        O::ChangeBook => Request::ChangeBook(ChangeBook {
            change: BookChange::Locked,
            reason: 12,
            effective_lock: NOW,
        }),
        O::ListTenants => Request::ListTenants(list),
        O::ListAssets => Request::ListAssets(list),
        O::ListBooks => Request::ListBooks(list),
        O::ListAccounts => Request::ListAccounts(next),
        O::CreateAccounts => Request::CreateAccounts(CreateAccounts {
            accounts: vec![account(1001)],
        }),
        O::ChangeAccounts => Request::ChangeAccounts(ChangeAccounts {
            changes: vec![AccountChange {
                id: AccountId(1001),
                settings: settings(),
            }],
        }),
        O::LookupAccounts => Request::LookupAccounts(LookupAccounts { ids: accounts() }),
        O::Post => Request::Post(post()),
        O::DryRun => Request::DryRun(Post::new(vec![Transfer::new(501, 1001, 1002, 250, 1)])),
        O::LookupTransfers => Request::LookupTransfers(LookupTransfers {
            ids: vec![TransferId(501), TransferId(599)],
        }),
        O::QueryTransfers => Request::QueryTransfers(query()),
        O::BalancesAsOf => Request::BalancesAsOf(BalancesAsOf {
            as_of: AsOf::Effective {
                date: NOW,
                known_at: Seq(41),
            },
            ids: accounts(),
        }),
        O::Statement => Request::Statement(Statement {
            account: AccountId(1001),
            clock: Clock::EffectiveAt,
            from: NOW.0,
            to: NOW.0 + 86_400_000_000_000,
            limit: 50,
            cursor: Cursor::default(),
        }),
        O::Totals => Request::Totals(TotalsRequest {}),
        O::Subscribe => Request::Subscribe(Subscribe { from: Seq(41) }),
        O::EraseNote => Request::EraseNote(EraseNote {
            id: TransferId(501),
        }),
        sealed => sealing::request(sealed),
    }
}

fn answer(operation: Operation) -> Answer {
    use Operation as O;
    match operation {
        O::Hello => Answer::Hello(hello()),
        O::CreateTenant => Answer::CreateTenant(decided()),
        O::CreateAsset => Answer::CreateAsset(decided()),
        O::CreateBook => Answer::CreateBook(decided()),
        O::ChangeBook => Answer::ChangeBook(decided()),
        O::EraseNote => Answer::EraseNote(decided()),
        O::CreateAccounts => Answer::CreateAccounts(outcomes()),
        O::ChangeAccounts => Answer::ChangeAccounts(outcomes()),
        O::Post => Answer::Post(outcomes()),
        O::DryRun => Answer::DryRun(Outcomes {
            first_seq: Seq(0),
            posted_at: Nanos(0),
            exceptions: Vec::new(),
            ..outcomes()
        }),
        O::Subscribe => Answer::Subscribe(Subscribed {
            height: HEIGHT,
            events: 42,
        }),
        read => answer_to_read(read).unwrap_or_else(|| sealing::answer(read)),
    }
}

fn answer_to_read(operation: Operation) -> Option<Answer> {
    use Operation as O;
    let (height, events) = (HEIGHT, 42);
    Some(match operation {
        O::ListTenants => Answer::ListTenants(TenantList {
            height,
            rows: vec![tenant()],
            next: 0,
        }),
        O::ListAssets => Answer::ListAssets(AssetList {
            height,
            rows: vec![asset()],
            next: 0,
        }),
        O::ListBooks => Answer::ListBooks(BookList {
            height,
            rows: vec![book_row()],
            next: 7,
        }),
        O::LookupAccounts => Answer::LookupAccounts(AccountsFound {
            height,
            rows: vec![Some(account_row()), None],
        }),
        O::ListAccounts => Answer::ListAccounts(AccountList {
            height,
            rows: vec![account_row()],
            next: 101,
        }),
        O::LookupTransfers => Answer::LookupTransfers(TransfersFound {
            height,
            rows: vec![Some(found()), None],
        }),
        O::QueryTransfers => Answer::QueryTransfers(TransferList {
            height,
            rows: vec![row()],
            next: Blob::new(vec![0xc1, 0xc2, 0xc3]).unwrap(),
        }),
        O::BalancesAsOf => Answer::BalancesAsOf(BalancesFound {
            height,
            events,
            rows: vec![Some(balances()), None],
        }),
        O::Statement => Answer::Statement(StatementPage {
            height,
            opening_debits: 1_000,
            opening_credits: 5_000,
            lines: vec![StatementLine {
                row: row(),
                balance: 3_750,
            }],
            next: Cursor::default(),
        }),
        O::Totals => {
            let totals = AssetTotals {
                asset: AssetId(840),
                accounts: 2,
                sums: balances(),
            };
            Answer::Totals(Totals {
                height,
                events,
                rows: vec![totals],
            })
        }
        _ => return None,
    })
}

fn found() -> TransferFound {
    TransferFound {
        row: row(),
        state: TransferState::Reversed,
        remaining: 0,
        ended_by: TransferId(502),
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn tenant() -> Tenant {
    Tenant {
        id: TenantId(3),
        name: name("acme"),
    }
}

fn asset() -> Asset {
    Asset {
        id: AssetId(840),
        code: AssetCode::parse("USD").unwrap(),
        exponent: 2,
    }
}

fn accounts() -> Vec<AccountId> {
    vec![AccountId(1001), AccountId(1999)]
}

fn hello() -> HelloAnswer {
    HelloAnswer {
        server: Text::cut("ledgerd 0.0.0"),
        protocol: 1,
        batch_transfers_max: 8_190,
        batch_accounts_max: 8_190,
        query_rows_max: 8_190,
        frame_body_max: 2_097_152,
        in_flight_max: 4_096,
        streams_max: 16,
        tenant: TenantId(3),
        tenant_name: name("acme"),
        role: Role::Write,
        now: NOW,
    }
}

fn decided() -> Decided {
    Decided {
        code: Code::Created,
        height: HEIGHT,
        seq: Seq(41),
        posted_at: NOW,
    }
}

fn book_row() -> BookRow {
    BookRow {
        book: BOOK,
        tenant: TenantId(3),
        name: name("main"),
        importing: false,
        halted: true,
        requires_sealed: true,
        reason: 12,
        effective_lock: NOW,
        height: HEIGHT,
        events: 42,
        accounts: 2,
    }
}

fn outcomes() -> Outcomes {
    Outcomes {
        height: HEIGHT,
        first_seq: Seq(41),
        posted_at: NOW,
        created: 1,
        exceptions: vec![
            Exception {
                index: 1,
                code: Code::Exists,
                seq: Some(Seq(17)),
            },
            Exception {
                index: 2,
                code: Code::BelowFloor,
                seq: None,
            },
        ],
    }
}

fn settings() -> AccountSettings {
    AccountSettings {
        flags: AccountFlags(AccountFlags::DEBIT_NORMAL | AccountFlags::FROZEN_CREDITS),
        floor: Some(-5_000),
        ceiling: None,
        limits: [
            WindowLimit {
                seconds: 86_400,
                count: 10,
                amount: 1_000_000,
            },
            WindowLimit::default(),
        ],
        tags: 1 << 3,
    }
}

fn account(id: u128) -> NewAccount {
    let id = AccountId(id);
    NewAccount {
        id,
        asset: AssetId(840),
        code: 11,
        user_data: 99,
        settings: settings(),
    }
}

fn balances() -> Balances {
    Balances {
        debits_posted: 1_250,
        credits_posted: 5_000,
        debits_pending: 300,
        credits_pending: 0,
    }
}

fn account_row() -> AccountRow {
    AccountRow {
        account: account(1001),
        balances: balances(),
        seq: 6,
        created_at: NOW,
        open_holds: 1,
    }
}

fn post() -> Post {
    let hold = Transfer {
        target: TransferId(0),
        effective_at: NOW,
        posted_at: Nanos(0),
        user_data: 99,
        asset: AssetId(840),
        timeout: 3_600,
        flags: TransferFlags::HOLD.with(TransferFlags::LINKED),
        ..Transfer::new(501, 1001, 1002, 250, 1)
    };
    let note = ItemNote {
        index: 1,
        reference: b"invoice 4711".to_vec(),
        metadata: br#"{"k":1}"#.to_vec(),
    };
    Post {
        transfers: vec![hold, Transfer::new(502, 1001, 1002, 1_000, 2)],
        notes: vec![note],
    }
}

fn record() -> TransferPosted {
    let note = Note {
        salt: [7; 16],
        reference: b"invoice 4711".to_vec(),
        metadata: br#"{"k":1}"#.to_vec(),
    };
    let Commitments {
        reference,
        metadata,
    } = note.commitments();
    TransferPosted {
        flags: TransferFlags::NONE,
        code: 2,
        result: Code::Created,
        asset: AssetId(840),
        timeout: 0,
        seq: Seq(41),
        posted_at: NOW,
        effective_at: Nanos(NOW.0 - 1),
        user_data: 99,
        debit_seq: 5,
        credit_seq: 3,
        id: TransferId(501),
        debit: AccountId(1001),
        credit: AccountId(1002),
        amount: 250,
        requested: 250,
        released: 0,
        target: TransferId(0),
        commitments: Some(Commitments {
            reference,
            metadata,
        }),
    }
}

fn row() -> TransferRow {
    TransferRow {
        record: record(),
        note: Some(NoteText {
            reference: Blob::new(b"invoice 4711".to_vec()).unwrap(),
            metadata: Blob::new(br#"{"k":1}"#.to_vec()).unwrap(),
        }),
    }
}

fn query() -> QueryTransfers {
    QueryTransfers {
        account: Some(AccountId(1001)),
        side: Some(Side::Debit),
        code: Some(2),
        reference: Some(Blob::new(b"invoice 4711".to_vec()).unwrap()),
        posted_from: NOW,
        posted_to: Nanos(0),
        seq_from: Seq(10),
        seq_to: Seq(50),
        newest_first: true,
        limit: 20,
        cursor: Blob::new(vec![0xc1, 0xc2, 0xc3]).unwrap(),
    }
}

fn events() -> EventBatch {
    let mut records = Vec::new();
    Event::Transfer(record()).encode(&mut records);
    Event::HoldExpired(HoldExpired {
        seq: Seq(42),
        posted_at: Nanos(NOW.0 + 1),
        hold: TransferId(400),
        debit: AccountId(1001),
        credit: AccountId(1002),
        released: 300,
        debit_seq: 6,
        credit_seq: 4,
    })
    .encode(&mut records);
    EventBatch {
        height: HEIGHT,
        first_seq: Seq(41),
        records: EventRecords::new(records).unwrap(),
    }
}
