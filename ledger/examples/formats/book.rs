//! A small book from its first event to its third block, as the ledger decides it: what a verifier
//! is tried on.

use ledger::account::AccountSettings;
use ledger::batch::Origin;
use ledger::block::Block;
use ledger::event::{BookChange, Denial};
use ledger::ledger::Context;
use ledger::note::Note;
use ledger::past::NoPast;
use ledger::posting::Batch;
use ledger::snapshot::{Cursor, Heads, encode_heads};
use ledger::window::WindowLimit;
use ledger::{
    AccountChange, AccountFlags, AccountId, AssetId, BookId, Code, Digest, Ledger, Nanos,
    NewAccount, Operation, Seq, TenantId, Transfer, TransferFlags, TransferId,
};

/// The book that has accounts.
pub(crate) const BOOK: BookId = BookId(7);

const SECOND: u64 = 1_000_000_000;
/// 2026-06-01T00:00:00Z.
const START: u64 = 1_780_272_000 * SECOND;

/// What was decided, and a snapshot of it.
pub(crate) struct Story {
    pub(crate) blocks: Vec<Block>,
    pub(crate) chunks: Vec<Vec<u8>>,
}

/// Three blocks of a book, after the one of the system book that made it.
pub(crate) fn story() -> Story {
    let mut ledger = Ledger::new([1, 2]);
    let mut heads = Heads::new();
    let mut blocks = Vec::new();
    for step in [found, open_accounts, post, change] {
        step(&mut ledger);
        for (book, open) in ledger.close_blocks() {
            let head = heads.entry(book).or_default();
            blocks.push(head.seal(book, open).unwrap());
        }
    }
    let mut chunks = vec![ledger.snapshot_begin(), encode_heads(&heads)];
    let mut cursor = Cursor::default();
    while let Some(chunk) = ledger.snapshot_next(&mut cursor, 100) {
        chunks.push(chunk);
    }
    Story { blocks, chunks }
}

fn found(ledger: &mut Ledger) {
    let ctx = at(0, "platform/role/operator");
    ledger.create_tenant(&ctx, TenantId(5), "acme");
    ledger.create_asset(&ctx, AssetId(3), "USD", 2);
    ledger.create_book(&ctx, BOOK, TenantId(5), "main", false);
}

fn open_accounts(ledger: &mut Ledger) {
    let plain = |id| NewAccount {
        id: AccountId(id),
        asset: AssetId(3),
        code: 40,
        user_data: 0,
        settings: AccountSettings::default(),
    };
    let mut bounded = plain(1002);
    bounded.settings.floor = Some(0);
    bounded.settings.limits[0] = WindowLimit {
        seconds: 3_600,
        count: 10,
        amount: 70_000,
    };
    let accounts = [plain(1001), bounded];
    let ctx = at(1, "tenant/acme/role/admin");
    ledger.create_accounts(&ctx, BOOK, &accounts, &mut Vec::new());
}

fn post(ledger: &mut Ledger) {
    let note = Note {
        salt: [9; 16],
        reference: b"opening".to_vec(),
        metadata: Vec::new(),
    };
    let hold = |id, timeout| Transfer {
        flags: TransferFlags::HOLD,
        timeout,
        ..Transfer::new(id, 1002, 1001, 250, 41)
    };
    let transfers = [
        Transfer::new(2001, 1001, 1002, 10_000, 41),
        hold(2002, 0),
        hold(2003, 1),
        hold(2004, 0),
    ];
    let ctx = at(2, "tenant/acme/role/write");
    let batch = Batch {
        notes: &[(0, note)],
        ..Batch::of(&transfers)
    };
    let (results, past) = (&mut Vec::new(), &NoPast);
    ledger.post(&ctx, BOOK, &batch, past, results).unwrap();
}

fn denial(ctx: &Context) -> Denial {
    Denial {
        operation: Operation::Post,
        result: Code::Denied,
        rule: 2,
        book: BOOK,
        principal: ctx.origin.principal,
        request: Digest::of(b"request"),
        policy: Digest::of(b"component"),
        count: 1,
        members: 0,
    }
}

fn change(ledger: &mut Ledger) {
    let capture = Transfer {
        flags: TransferFlags::CAPTURE,
        target: TransferId(2002),
        ..Transfer::new(2005, 1002, 1001, 200, 42)
    };
    let (results, past) = (&mut Vec::new(), &NoPast);
    let ctx = at(9, "tenant/acme/role/write");
    let capture = [capture];
    let batch = Batch::of(&capture);
    ledger.post(&ctx, BOOK, &batch, past, results).unwrap();
    let frozen = AccountChange {
        id: AccountId(1001),
        settings: AccountSettings {
            flags: AccountFlags(AccountFlags::FROZEN_CREDITS),
            ..AccountSettings::default()
        },
    };
    let ctx = at(10, "tenant/acme/role/admin");
    ledger.change_accounts(&ctx, BOOK, &[frozen], &mut Vec::new());
    ledger.change_book(&ctx, BOOK, BookChange::Locked, 17, Nanos(START - SECOND));
    ledger.erase_note(&ctx, BOOK, Seq(2));
    let ctx = at(11, "tenant/acme/role/read");
    ledger.deny(&ctx, BOOK, denial(&ctx));
}

fn at(second: u64, who: &str) -> Context {
    Context {
        now: Nanos(START + second * SECOND),
        origin: Origin {
            principal: Digest::of(format!("spiffe://bank.test/{who}").as_bytes()),
            fingerprint: Digest::of(b"certificate"),
            request_id: u128::from(second),
            policy_set: Digest::of(b"rules"),
        },
    }
}
