use std::sync::Arc;

use ledger::{Digest, Operation};

use super::{ENTRIES_MAX, Key, Memo, Said};
use crate::denied::{Cause, PolicyId};
use crate::resource::Resource;

fn key(number: u32) -> Key {
    Key {
        who: Digest::of(&number.to_le_bytes()),
        operation: Operation::Hello,
        resource: Resource::Server,
        has_transfers: false,
        is_import: false,
        is_tenants: false,
    }
}

#[test]
fn everything_that_a_verdict_follows_from_tells_entries_apart() {
    let memo = Memo::default();
    let cause = Arc::new(Cause {
        policy: Arc::new(PolicyId {
            name: "p".into(),
            digest: Digest::ZERO,
        }),
        rule: 1,
        rule_name: "r".into(),
    });
    let denied = Said::Denied(cause);
    memo.insert(key(1), denied.clone());
    assert_eq!(memo.get(&key(1)), Some(denied));
    let others = [
        key(2),
        Key {
            operation: Operation::Keyring,
            ..key(1)
        },
        Key {
            resource: Resource::Platform,
            ..key(1)
        },
        Key {
            has_transfers: true,
            ..key(1)
        },
        Key {
            is_import: true,
            ..key(1)
        },
        Key {
            is_tenants: true,
            ..key(1)
        },
    ];
    for other in others {
        assert_eq!(memo.get(&other), None);
    }
}

#[test]
fn it_is_bounded_and_keeps_what_is_asked_for() {
    let memo = Memo::default();
    memo.insert(key(0), Said::Allowed);
    for number in 1..2 * u32::try_from(ENTRIES_MAX).unwrap() {
        memo.insert(key(number), Said::Allowed);
        assert!(number % 100 != 0 || memo.get(&key(0)).is_some());
    }
    assert!(memo.len() <= ENTRIES_MAX, "{}", memo.len());
    assert!(memo.len() > ENTRIES_MAX / 3, "{}", memo.len());
    assert_eq!(memo.get(&key(1)), None);
}
