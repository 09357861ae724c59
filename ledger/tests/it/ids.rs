//! Ids that memory has forgotten are found in the index, and no id is lost on the way there.

use ledger::past::KeyKind;
use ledger::{AccountId, AssetId, BookId, Code, NewAccount, Transfer, TransferFlags};

use crate::harness::Pair;
use crate::rng::Rng;

const CYCLES: u64 = 60;
const TRANSFERS: u64 = 400;

#[test]
fn every_duplicate_is_found_whatever_memory_has_forgotten() {
    // So little that the oldest ids are let go of every few cycles.
    let mut pair = Pair::with_id_memory(1);
    prepare(&mut pair);
    let mut rng = Rng(41);
    let mut posted: Vec<Transfer> = vec![];
    for cycle in 1..=CYCLES {
        let mut transfers = vec![];
        for _ in 0..TRANSFERS {
            transfers.push(match posted.len() as u64 {
                known @ 1.. if rng.one_in(4) => posted[rng.below(known) as usize],
                _ => fresh(&mut rng),
            });
        }
        // A set that fails: its ids are free again.
        let end = transfers.len() - 1;
        let free = [transfers[end], fresh(&mut rng)];
        transfers[end].flags = TransferFlags::LINKED;
        transfers.push(Transfer::new(free[1].id.0, 1, 9, 1, 1));
        let codes = pair.post(cycle, 1, &transfers, &[]);
        let created = transfers
            .iter()
            .zip(&codes)
            .filter(|(_, code)| **code == Code::Created);
        posted.extend(created.map(|(t, _)| *t));
        assert_eq!(pair.post(cycle, 1, &free[1..], &[]), [Code::Created]);
        posted.push(free[1]);
        pair.close();
        pair.index_follows(3);
    }
    let memory = pair.core.ids();
    let oldest = memory.find(BookId(1), KeyKind::Transfer, posted[0].id.0);
    assert_eq!(oldest, None, "there was nothing to forget");
    assert!(
        memory.memory_bytes() < 1 << 20,
        "{} bytes",
        memory.memory_bytes()
    );
    for chunk in posted.chunks(8_000) {
        let codes = pair.post(CYCLES, 1, chunk, &[]);
        assert!(codes.iter().all(|code| *code == Code::Exists));
    }
}

fn fresh(rng: &mut Rng) -> Transfer {
    Transfer::new(
        u128::from(rng.next()) << 64 | u128::from(rng.next()),
        1,
        2,
        1,
        1,
    )
}

fn prepare(pair: &mut Pair) {
    pair.create_tenant(0, 1, "acme");
    pair.create_asset(0, 1, "USD", 2);
    pair.create_book(0, 1, 1, "main", false);
    let account = |id| NewAccount {
        id: AccountId(id),
        asset: AssetId(1),
        code: 1,
        user_data: 0,
        settings: ledger::account::AccountSettings::default(),
    };
    assert_eq!(
        pair.create_accounts(0, 1, &[account(1), account(2)]),
        [Code::Created; 2]
    );
}
