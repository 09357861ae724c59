use std::sync::Arc;

use ledger::Digest;

use super::check;
use crate::contract::{AccountColumns, Context, Needs, TransferColumns};
use crate::fault::Fault;
use crate::remote::Remote;
use crate::runtime::{Runtime, RuntimeOptions};
use crate::verdict::Verdict;
use crate::{PolicyId, Seat, shipped};

/// A policy that answers the same to everything.
struct Always(Result<Verdict, Fault>);

impl Remote for Always {
    fn evaluate(
        &self,
        _: Digest,
        _: &Context<'_>,
        _: &AccountColumns,
        _: &TransferColumns,
    ) -> Result<Verdict, Fault> {
        self.0.clone()
    }
}

fn named(name: &str, says: Result<Verdict, Fault>) -> Seat {
    let id = PolicyId {
        name: name.into(),
        digest: Digest::ZERO,
    };
    let rule = crate::contract::RuleInfo {
        rule: 1,
        name: "all".into(),
        doc: "All of it.".into(),
    };
    let remote = Arc::new(Always(says));
    Seat::elsewhere(id, Digest::ZERO, Needs::default(), &[rule], remote)
}

#[test]
fn what_is_shipped_stands_above_its_floor() {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    for one in shipped::PLATFORM {
        let policy = Arc::new(one.load(&runtime).unwrap());
        let seat = Seat::here(policy, one.version());
        assert_eq!(check(&seat), Ok(()));
    }
}

#[test]
fn who_lets_everything_pass_or_says_nothing_is_below() {
    for name in ["isolation", "rbac"] {
        let below = check(&named(name, Ok(Verdict::Allow))).unwrap_err();
        assert!(below.to_string().ends_with("is not denied"), "{below}");
        let below = check(&named(name, Err(Fault::TimedOut))).unwrap_err();
        assert_eq!(below.fault, Some(Fault::TimedOut));
        assert_eq!(check(&named(name, Ok(Verdict::Deny(1)))), Ok(()));
    }
    assert_eq!(check(&named("limits", Ok(Verdict::Allow))), Ok(()));
}
