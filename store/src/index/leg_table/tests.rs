use std::collections::BTreeMap;

use ledger::Seq;
use ledger::id::Nanos;
use ledger::leg::Side;

use super::*;
use crate::disk::sim::Random;
use crate::index::leg_code::Legs;

type Model = BTreeMap<(u32, u128), Vec<HistoryLeg>>;

fn filled(seed: u64, accounts: u64, legs: u64) -> (LegTable, Model) {
    let mut random = Random::new(seed);
    let mut table = LegTable::new(Seed([seed, 3]));
    let mut model = Model::new();
    for seq in 0..legs {
        let book = random.below(3) as u32;
        let account = u128::from(random.below(accounts) * random.below(2)) << 90;
        let history = model.entry((book, account)).or_default();
        let leg = HistoryLeg {
            seq: Seq(seq),
            account_seq: history.len() as u64 + 1,
            effective_at: Nanos(random.below(1 << 40)),
            side: if random.one_in(2) {
                Side::Debit
            } else {
                Side::Credit
            },
            posted: u128::from(random.next_u64() >> random.below(64)),
            held: u128::from(random.below(2)),
            released: 0,
        };
        history.push(leg);
        table.expect(book, [account].into_iter());
        table.push(book, account, &leg);
    }
    (table, model)
}

#[test]
fn lists_read_back() {
    for (accounts, legs) in [(1, 5000), (10, 9000), (5000, 20_000)] {
        let (table, model) = filled(accounts, accounts, legs);
        assert_eq!(table.lists(), model.len());
        for ((book, account), history) in &model {
            let mut read = Vec::new();
            let mut number = 0;
            let mut bytes = Vec::new();
            while let Some(piece) = table.piece(*book, *account, number, &mut bytes) {
                let mut legs = Legs::new(&bytes, piece.base);
                while let Some(leg) = legs.next().unwrap() {
                    read.push(leg);
                }
                number += 1;
                bytes.clear();
            }
            assert_eq!(&read, history);
        }
        assert!(table.piece(9, 9, 0, &mut Vec::new()).is_none());
        let keys = table.sorted_keys(0..table.lists());
        let keys = keys.iter().map(|key| (key.book, key.account));
        assert!(keys.eq(model.keys().copied()));
    }
}

#[test]
fn folds_are_sums() {
    let (table, model) = filled(1, 3, 9000);
    let mut random = Random::new(1);
    for (key, history) in &model {
        for most in [1, 3, 100] {
            let bound = Bound {
                seq: random.below(10_000),
                effective_at: random.below(1 << 40),
            };
            let mut expected = Posted::default();
            for leg in history {
                if leg.seq.0 <= bound.seq && leg.effective_at.0 <= bound.effective_at {
                    expected.add_leg(leg);
                }
            }
            let mut posted = Posted::default();
            let mut number = Some(0);
            while let Some(from) = number {
                number = table.fold(*key, from, most, bound, &mut posted).unwrap();
            }
            assert_eq!(posted, expected);
        }
    }
}
