//! A small ledger with every kind of event in it: what hostile bytes are put on top of.

use std::sync::{Arc, OnceLock};

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
use store::Cycle;

/// The book that has accounts and transfers.
pub const BOOK: BookId = BookId(1);
/// How many accounts it has, numbered from 1.
pub const ACCOUNTS: u128 = 5;

const ASSET: AssetId = AssetId(1);
const SECOND: u64 = 1_000_000_000;
const START: u64 = 1_767_225_600 * SECOND;
const SEED: [u64; 2] = [3, 5];
/// Small enough that accounts and holds take several chunks.
const ROWS: usize = 3;

/// A ledger, and the bytes it left.
#[derive(Debug)]
pub struct World {
    /// The state after all cycles.
    pub ledger: Ledger,
    /// Where the chains of its books stand.
    pub heads: Heads,
    /// Everything that became durable.
    pub cycles: Vec<Cycle>,
    /// A snapshot of the state after all cycles.
    pub chunks: Vec<Vec<u8>>,
}

/// The one world, made at its first use. The same bytes at every call and in every process.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            ledger: Ledger::new(SEED),
            heads: Heads::new(),
            cycles: Vec::new(),
            chunks: Vec::new(),
        };
        world.found();
        world.close();
        world.post();
        world.close();
        world.finish();
        world.close();
        world.chunks = chunks(&world.ledger, &world.heads);
        world
    }

    /// Tenant, asset and books.
    fn found(&mut self) {
        let ledger = &mut self.ledger;
        ledger.create_tenant(&at(1), TenantId(1), "acme");
        ledger.create_asset(&at(2), ASSET, "USD", 2);
        ledger.create_book(&at(3), BOOK, TenantId(1), "main", false);
        ledger.create_book(&at(4), BookId(2), TenantId(1), "old", true);
    }

    /// Accounts, transfers, holds, notes, an entry set, an import.
    fn post(&mut self) {
        let accounts: Vec<NewAccount> = (1..=ACCOUNTS).map(account).collect();
        let mut codes = Vec::new();
        for book in [BOOK, BookId(2)] {
            self.ledger
                .create_accounts(&at(10), book, &accounts, &mut codes);
        }
        let hold = TransferFlags::HOLD;
        let transfers = [
            transfer(1, 1, 2, 10_000, TransferFlags::NONE),
            transfer(2, 2, 3, 2_500, TransferFlags::LINKED),
            transfer(3, 3, 4, 700, TransferFlags::NONE),
            transfer(4, 2, 4, 300, hold),
            transfer(5, 2, 3, 400, hold),
            Transfer {
                timeout: 5,
                ..transfer(6, 2, 5, 500, hold)
            },
            transfer(7, 2, 5, 600, hold),
            transfer(8, 2, 1, 50, TransferFlags::NONE),
        ];
        let note = Note {
            salt: [7; 16],
            reference: b"invoice 17".to_vec(),
            metadata: b"{\"batch\":3}".to_vec(),
        };
        self.batch(11, BOOK, &transfers, &[(0, note.clone()), (7, note)]);
        let imported = [Transfer {
            posted_at: Nanos(START - SECOND),
            ..transfer(1, 1, 2, 99, TransferFlags::IMPORTED)
        }];
        self.batch(11, BookId(2), &imported, &[]);
    }

    /// What acts on the past: captures, voids, expiry, changes, erasure.
    fn finish(&mut self) {
        let mut capture = transfer(20, 2, 4, 200, TransferFlags::CAPTURE);
        capture.target = TransferId(4);
        let mut void = transfer(21, 2, 3, 0, TransferFlags::VOID);
        void.target = TransferId(5);
        self.batch(20, BOOK, &[capture, void], &[]);
        let settings = AccountSettings {
            flags: AccountFlags(AccountFlags::FROZEN_DEBITS),
            tags: 1 << 5,
            ..AccountSettings::default()
        };
        let change = AccountChange {
            id: AccountId(4),
            settings,
        };
        let (ledger, codes) = (&mut self.ledger, &mut Vec::new());
        ledger.change_accounts(&at(21), BOOK, &[change], codes);
        ledger.change_book(&at(22), BOOK, BookChange::Locked, 3, Nanos(START - SECOND));
        ledger.change_book(&at(23), BookId(2), BookChange::Opened, 4, Nanos(0));
        ledger.erase_note(&at(24), BOOK, Seq(5));
        let ctx = at(25);
        let denial = Denial {
            operation: Operation::Post,
            result: Code::Denied,
            rule: 7,
            book: BOOK,
            principal: ctx.origin.principal,
            request: Digest::of(b"request"),
            policy: Digest::of(b"component"),
            count: 2,
            members: 3,
        };
        ledger.deny(&ctx, BOOK, denial);
        ledger.deny(&ctx, BookId::SYSTEM, denial);
    }

    fn batch(&mut self, second: u64, book: BookId, transfers: &[Transfer], notes: &[(u32, Note)]) {
        let mut results = Vec::new();
        let batch = Batch {
            notes,
            ..Batch::of(transfers)
        };
        let posted = self
            .ledger
            .post(&at(second), book, &batch, &NoPast, &mut results);
        assert_eq!(posted, Ok(()));
        assert!(
            results.iter().all(|result| result.code.is_posted()),
            "{results:?}"
        );
    }

    fn close(&mut self) {
        let number = self.cycles.len() as u64 + 1;
        let open = self.ledger.close_blocks();
        let blocks: Vec<Arc<Block>> = open
            .into_iter()
            .filter_map(|(book, open)| self.heads.entry(book).or_default().seal(book, open).ok())
            .map(Arc::new)
            .collect();
        assert!(!blocks.is_empty());
        self.cycles.push(Cycle { number, blocks });
    }
}

/// Every chunk of a snapshot of `ledger`.
pub fn chunks(ledger: &Ledger, heads: &Heads) -> Vec<Vec<u8>> {
    let mut chunks = vec![ledger.snapshot_begin(), encode_heads(heads)];
    let mut cursor = Cursor::default();
    while let Some(chunk) = ledger.snapshot_next(&mut cursor, ROWS) {
        chunks.push(chunk);
    }
    chunks
}

/// An empty ledger, as recovery starts with.
pub fn empty() -> Ledger {
    Ledger::with_id_memory(SEED, 1 << 16)
}

/// A request `second` seconds after the start.
pub fn at(second: u64) -> Context {
    Context {
        now: Nanos(START + second * SECOND),
        origin: Origin {
            principal: Digest::of(b"spiffe://fuzz.test/tenant/acme/role/admin"),
            fingerprint: Digest::of(b"certificate"),
            request_id: u128::from(second),
            policy_set: Digest::of(b"rules"),
        },
    }
}

/// A transfer of the world's asset.
pub fn transfer(
    id: u128,
    debit: u128,
    credit: u128,
    amount: u128,
    flags: TransferFlags,
) -> Transfer {
    Transfer {
        flags,
        ..Transfer::new(id, debit, credit, amount, 1)
    }
}

/// Account 1 has no bounds; others have a floor, and account 2 has limits and a ceiling too.
fn account(id: u128) -> NewAccount {
    let mut settings = AccountSettings::default();
    if id > 1 {
        settings.floor = Some(0);
    }
    if id == 2 {
        settings.ceiling = Some(1 << 40);
        settings.limits[0] = WindowLimit {
            seconds: 3_600,
            count: 100,
            amount: 1 << 30,
        };
    }
    NewAccount {
        id: AccountId(id),
        asset: ASSET,
        code: 1,
        user_data: 9,
        settings,
    }
}
