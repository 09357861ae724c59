//! Random requests of a tenant: what it may ask for, what it may not, and what makes no sense,
//! about its own, another's, the platform's and what is not there.

use ledger::account::AccountSettings;
use ledger::asset::{Asset, AssetCode};
use ledger::event::BookChange;
use ledger::registry::Tenant;
use ledger::{
    AccountChange, AccountFlags, AccountId, AssetId, BookId, Nanos, NewAccount, Operation, Seq,
    TenantId, Transfer, TransferFlags, TransferId,
};
use wire::message::{self as m, Request};

use super::rng::Rng;
use crate::denial::sample::sample;
use crate::harness::world::{USD, name};
use crate::persona::{BOOKS, is_allowed};

/// Accounts that exist in one book, in the other, in both, and in none.
const ACCOUNTS: [u128; 10] = [1, 2, 3, 4, 101, 102, 7, 8, 0, u128::MAX];
/// The same of transfers: the other tenant's are 1, 2 and from 1,000 on.
const TRANSFERS: [u128; 10] = [1, 2, 3, 4, 5, 6, 1_000, 1_001, 0, u128::MAX];
const POINTS: [u64; 6] = [0, 1, 2, 7, 1_000, u64::MAX];
const NAMES: [&str; 4] = ["acme", "beta", "gamma", "main"];

/// What a holder of the certificate `who` asks for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) book: BookId,
    pub(super) what: What,
}

/// A request, or a body that is none.
#[derive(Debug)]
pub(super) enum What {
    Request(Request),
    /// Sent as the body of a post.
    Bytes(Vec<u8>),
}

impl Asked {
    /// Something at random. What would be denied about `own` is left out: the denial is recorded
    /// there at a time of its own.
    pub(super) fn at_random(rng: &mut Rng, who: &str, own: BookId) -> Self {
        loop {
            let operation = match rng.below(5) {
                0 | 1 => rng.pick(Operation::ALL),
                2 | 3 => rng.pick(&[Operation::Post, Operation::CreateAccounts]),
                _ => rng.pick(&[Operation::LookupTransfers, Operation::LookupAccounts]),
            };
            let book = match rng.below(3) {
                0 => rng.pick(&BOOKS),
                1 => own,
                _ => rng.pick(&[BOOKS[1], BookId(u32::MAX)]),
            };
            let is_malformed = rng.below(50) == 0;
            if is_malformed && book != own {
                let bytes = (0..rng.below(300)).map(|_| rng.below(256) as u8).collect();
                let what = What::Bytes(bytes);
                return Self { book, what };
            }
            if book != own || is_allowed(who, operation, own) {
                let what = What::Request(request(rng, operation));
                return Self { book, what };
            }
        }
    }
}

fn request(rng: &mut Rng, operation: Operation) -> Request {
    use Operation as O;
    let tenant = rng.chance().then(|| name(rng.pick(&NAMES)));
    match operation {
        O::CreateTenant | O::CreateAsset | O::CreateBook | O::ChangeBook => shaping(rng, operation),
        O::ListTenants => Request::ListTenants(page(rng)),
        O::ListAssets => Request::ListAssets(page(rng)),
        O::ListBooks => Request::ListBooks(page(rng)),
        O::ListAccounts => Request::ListAccounts(page(rng)),
        O::CreateAccounts => Request::CreateAccounts(m::CreateAccounts {
            accounts: some(rng, new_account),
        }),
        O::ChangeAccounts => Request::ChangeAccounts(m::ChangeAccounts {
            changes: some(rng, |rng| AccountChange {
                id: account(rng),
                settings: settings(rng),
            }),
        }),
        O::Post => Request::Post(post(rng)),
        O::DryRun => Request::DryRun(post(rng)),
        O::EraseNote => Request::EraseNote(m::EraseNote { id: transfer(rng) }),
        O::PushPolicy | O::ShadowPolicy | O::ActivatePolicy | O::ListPolicies => {
            let mut request = sample(operation);
            match &mut request {
                Request::PushPolicy(push) => push.tenant = tenant,
                Request::ShadowPolicy(shadow) => shadow.tenant = tenant,
                Request::ActivatePolicy(activate) => activate.tenant = tenant,
                Request::ListPolicies(list) => list.tenant = tenant,
                _ => {}
            }
            request
        }
        _ => read(rng, operation),
    }
}

fn shaping(rng: &mut Rng, operation: Operation) -> Request {
    let tenant = TenantId(rng.pick(&[0, 1, 2, 50]));
    match operation {
        Operation::CreateTenant => Request::CreateTenant(m::CreateTenant {
            tenant: Tenant {
                id: tenant,
                name: name(rng.pick(&NAMES)),
            },
        }),
        Operation::CreateAsset => Request::CreateAsset(m::CreateAsset {
            asset: Asset {
                id: AssetId(rng.pick(&[1, 2])),
                code: AssetCode::parse(rng.pick(&["USD", "EUR"])).unwrap(),
                exponent: 2,
            },
        }),
        Operation::CreateBook => Request::CreateBook(m::CreateBook {
            book: rng.pick(&BOOKS),
            tenant,
            name: name(rng.pick(&NAMES)),
            importing: rng.chance(),
        }),
        _ => Request::ChangeBook(m::ChangeBook {
            change: rng.pick(&[
                BookChange::Halted,
                BookChange::Resumed,
                BookChange::Resumed,
                BookChange::Locked,
                BookChange::Opened,
            ]),
            reason: 1,
            effective_lock: Nanos(rng.below(3)),
        }),
    }
}

fn read(rng: &mut Rng, operation: Operation) -> Request {
    use Operation as O;
    match operation {
        O::LookupAccounts => Request::LookupAccounts(m::LookupAccounts {
            ids: some(rng, account),
        }),
        O::LookupTransfers => Request::LookupTransfers(m::LookupTransfers {
            ids: some(rng, transfer),
        }),
        O::QueryTransfers => Request::QueryTransfers(m::QueryTransfers {
            account: rng.chance().then(|| account(rng)),
            code: rng.chance().then(|| 1 + rng.below(3) as u16),
            reference: (rng.below(4) == 0).then(|| m::Reference::new(b"order".to_vec()).unwrap()),
            newest_first: rng.chance(),
            seq_from: Seq(rng.pick(&POINTS)),
            ..m::QueryTransfers::all()
        }),
        O::BalancesAsOf => Request::BalancesAsOf(m::BalancesAsOf {
            as_of: match rng.below(4) {
                0 => m::AsOf::Now,
                1 => m::AsOf::Seq(Seq(rng.pick(&POINTS))),
                2 => m::AsOf::PostedAt(Nanos(rng.pick(&POINTS))),
                _ => m::AsOf::Effective {
                    date: Nanos(rng.pick(&POINTS)),
                    known_at: Seq(rng.pick(&POINTS)),
                },
            },
            ids: some(rng, account),
        }),
        O::Statement => Request::Statement(m::Statement {
            account: account(rng),
            clock: rng.pick(&[m::Clock::Seq, m::Clock::PostedAt, m::Clock::EffectiveAt]),
            from: rng.pick(&POINTS),
            to: rng.pick(&POINTS),
            limit: rng.below(4) as u32,
            cursor: m::Cursor::default(),
        }),
        O::Subscribe => Request::Subscribe(m::Subscribe {
            from: Seq(rng.pick(&POINTS)),
        }),
        O::Receipts => Request::Receipts(m::Receipts {
            seqs: vec![Seq(rng.pick(&POINTS))],
            ids: some(rng, transfer),
        }),
        O::AuditRows => Request::AuditRows(m::AuditRows {
            from_seq: rng.pick(&POINTS),
            limit: rng.below(4) as u32,
        }),
        as_it_stands => sample(as_it_stands),
    }
}

fn post(rng: &mut Rng) -> m::Post {
    let mut post = m::Post::new(some(rng, |rng| {
        let flags = [0, 0, 0, TransferFlags::HOLD.0, TransferFlags::CAPTURE.0];
        let (debit, credit) = (account(rng), account(rng));
        let amount = u128::from(rng.pick(&[1_u64, 5, 100, 0]));
        Transfer {
            flags: TransferFlags(rng.pick(&flags)),
            target: if rng.below(4) == 0 {
                transfer(rng)
            } else {
                TransferId(0)
            },
            ..Transfer::new(transfer(rng).0, debit.0, credit.0, amount, 1)
        }
    }));
    if rng.below(4) == 0 {
        post.notes.push(m::ItemNote {
            index: 0,
            reference: b"order".to_vec(),
            metadata: vec![7],
        });
    }
    post
}

fn new_account(rng: &mut Rng) -> NewAccount {
    NewAccount {
        id: account(rng),
        asset: if rng.below(8) == 0 { AssetId(9) } else { USD },
        code: rng.below(3) as u16,
        user_data: rng.below(2),
        settings: settings(rng),
    }
}

fn settings(rng: &mut Rng) -> AccountSettings {
    AccountSettings {
        flags: AccountFlags(if rng.below(6) == 0 { 1 } else { 0 }),
        floor: (rng.below(4) == 0).then_some(-50),
        tags: rng.below(3),
        ..AccountSettings::default()
    }
}

fn page(rng: &mut Rng) -> m::ListRequest {
    m::ListRequest {
        after: rng.pick(&POINTS),
        limit: rng.below(4) as u32,
    }
}

fn account(rng: &mut Rng) -> AccountId {
    AccountId(rng.pick(&ACCOUNTS))
}

fn transfer(rng: &mut Rng) -> TransferId {
    TransferId(rng.pick(&TRANSFERS))
}

fn some<T>(rng: &mut Rng, make: impl Fn(&mut Rng) -> T) -> Vec<T> {
    (0..=rng.below(3)).map(|_| make(rng)).collect()
}
