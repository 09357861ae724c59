//! Configurations and batches drawn at random, small enough that every rule meets every other.

use plugins_sdk::{Account, Amount, Sample, Transfer, Verdict};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::model;
use crate::Limits;
use crate::config::{self, Batch, Bounds, CodeBound, Codes, Day, Hours, Lists, Side, Window};

const MINUTE: u64 = 60_000_000_000;

fn lists<T: std::fmt::Debug + Clone>(
    values: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = Lists<T>> {
    (of(vec(values.clone(), 0..6)), of(vec(values, 0..3)))
        .prop_map(|(allow, deny)| Lists { allow, deny })
}

fn amount() -> impl Strategy<Value = u128> + Clone {
    prop_oneof![
        8 => 0..20_u128,
        1 => Just(u128::MAX),
        1 => Just(u128::MAX / 2),
        1 => (1_u128 << 64)..(1_u128 << 64) + 2,
    ]
}

fn id() -> impl Strategy<Value = u128> + Clone {
    prop_oneof![
        0..6_u128,
        Just(1 << 64),
        Just((1 << 64) + 1),
        Just(u128::MAX)
    ]
}

fn bounds() -> impl Strategy<Value = Vec<Bounds>> {
    let bound = (of(amount()), of(amount()), of(amount())).prop_map(|(min, max, total)| Bounds {
        asset: None,
        // `min` above `max` is refused, which is not what is tried here.
        min: min
            .filter(|min| max.is_none_or(|max| *min <= max))
            .map(Amount),
        max: max.map(Amount),
        batch_total: total.map(Amount),
    });
    (vec(bound, 0..4), any::<bool>()).prop_map(|(mut bounds, has_others)| {
        for (asset, bound) in (1..).zip(&mut bounds) {
            bound.asset = Some(asset);
        }
        if has_others && let Some(last) = bounds.last_mut() {
            (last.asset, last.batch_total) = (None, None);
        }
        bounds
    })
}

fn codes() -> impl Strategy<Value = Codes> {
    let bound = (0..4_u16, of(1..4_u32), amount()).prop_map(|(code, asset, max)| CodeBound {
        code,
        asset,
        max: Amount(max),
    });
    (lists(0..4_u16), of(vec(bound, 0..4))).prop_map(|(lists, amounts)| Codes {
        allow: lists.allow,
        deny: lists.deny,
        amounts,
    })
}

fn side() -> impl Strategy<Value = Side> {
    (of(lists(id().prop_map(Amount))), of(lists(0..64_u8)))
        .prop_map(|(accounts, tags)| Side { accounts, tags })
}

fn hours() -> impl Strategy<Value = Hours> {
    let time = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let window = (
        vec((0..7_u8).prop_map(Day), 0..5),
        0..1440_i64,
        0..=1440_i64,
    );
    let window = window.prop_map(move |(days, from, to)| Window {
        days,
        from: time(from),
        to: time(to),
    });
    (of(-840..=840_i16), vec(window, 0..3)).prop_map(|(utc_offset_minutes, open)| Hours {
        utc_offset_minutes,
        open,
    })
}

fn configs() -> impl Strategy<Value = config::Limits> {
    let batch = (0..12_usize).prop_map(|max| Batch {
        max_transfers: Some(max),
    });
    (
        of(lists(0..4_u32)),
        of(bounds()),
        prop::option::weighted(0.2, batch),
        of(codes()),
        of(side()),
        of(side()),
        prop::option::weighted(0.2, hours()),
    )
        .prop_map(
            |(assets, amounts, batch, codes, debit, credit, hours)| config::Limits {
                assets,
                amounts,
                batch,
                codes,
                debit,
                credit,
                hours,
            },
        )
}

fn accounts() -> impl Strategy<Value = Vec<Account>> {
    let tags = prop_oneof![Just(0), (0..64_u32).prop_map(|tag| 1 << tag), any::<u64>()];
    let account = (id(), 0..4_u16, 0..4_u32, tags).prop_map(|(id, code, asset, tags)| Account {
        id,
        code,
        asset,
        state: 0,
        tags,
    });
    vec(account, 1..8)
}

fn transfers(accounts: usize) -> impl Strategy<Value = Vec<Transfer>> {
    let place = 0..u32::try_from(accounts).unwrap();
    let flags = prop_oneof![
        6 => Just(0),
        1 => Just(Transfer::VOID),
        1 => Just(Transfer::CAPTURE),
        1 => Just(Transfer::REVERSAL),
        1 => 0..512_u16,
    ];
    let transfer = (place.clone(), place, amount(), 0..4_u32, flags).prop_map(
        |(debit, credit, amount, asset, flags)| Transfer {
            index: 0,
            debit,
            credit,
            amount,
            asset,
            code: 1,
            flags,
        },
    );
    vec(transfer, 0..16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn limits_decide_like_the_model(
        config in configs(),
        (accounts, transfers) in accounts()
            .prop_flat_map(|accounts| (Just(accounts.clone()), transfers(accounts.len()))),
        minute in 0..20_160_i64,
    ) {
        let policy = Limits::of(config.clone()).unwrap();
        // The first Monday after the beginning of 1970 was its fifth day.
        let now = (4 * 1440 + minute.cast_unsigned()) * MINUTE + 1;
        let sample = Sample::new("post")
            .at(now)
            .accounts(accounts.clone())
            .transfers(transfers.clone());
        let verdict = sample.ask(&policy);
        prop_assert_eq!(&verdict, &model::judge(&config, minute, &accounts, &transfers));

        // Whoever asks why is told of all that is denied, and of nothing else if all is allowed.
        let reasons = sample.explain(&policy);
        let has = |index, rule| {
            reasons.iter().any(|reason| (reason.index, reason.rule) == (index, rule))
        };
        match verdict {
            Verdict::Allow => prop_assert!(reasons.is_empty()),
            Verdict::Deny(rule) => prop_assert!(has(None, rule)),
            Verdict::AllowExcept(members) => {
                for member in members {
                    prop_assert!(has(Some(member.index), member.rule));
                }
            }
        }
    }
}
