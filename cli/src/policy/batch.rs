//! Batches made up, to measure with.

use plugins_host::contract::ResourceView;
use plugins_host::{AccountColumns, Context, TransferColumns};

/// Nobody's secret: every run measures the same.
const SEED: u64 = 0x5eed;
/// A Monday, 12:00 UTC.
const NOON: u64 = 1_767_614_400_000_000_000;

/// `size` transfers over twice as many accounts, which is the most they can touch.
pub(crate) fn random(size: u32) -> (AccountColumns, TransferColumns) {
    let mut rng = fastrand::Rng::with_seed(SEED);
    let mut accounts = AccountColumns::default();
    let mut transfers = TransferColumns::default();
    for index in 0..size {
        for place in [2 * index, 2 * index + 1] {
            accounts.id_low.push(u64::from(place) + 1);
            accounts.id_high.push(rng.u64(..));
            accounts.code.push(rng.u16(1..100));
            accounts.asset.push(1);
            accounts.state_bits.push(0);
            accounts.tag_bits.push(1 << rng.u32(..64));
        }
        transfers.debit.push(2 * index);
        transfers.credit.push(2 * index + 1);
        transfers.amount_low.push(rng.u64(1..10_000_000));
        transfers.amount_high.push(0);
        transfers.asset.push(1);
        transfers.code.push(rng.u16(1..100));
        transfers.flag_bits.push(0);
        transfers.id_low.push(u64::from(index) + 1);
        transfers.id_high.push(rng.u64(..));
        transfers.timeout.push(0);
        transfers.effective_at.push(0);
        transfers.user_data.push(rng.u64(..));
    }
    (accounts, transfers)
}

/// A posting by somebody of a tenant to its book.
pub(crate) fn posting() -> Context<'static> {
    Context {
        operation: "post",
        resource: ResourceView {
            kind: "book",
            id: "1",
            owner: "acme",
            owned: true,
        },
        tenant: "acme",
        principal: "spiffe://ledger.example/tenant/acme/app",
        roles: &["write"],
        scopes: &[],
        attributes: &[],
        now: NOON,
        request_id_low: 1,
        request_id_high: 0,
    }
}
