//! Policies for tests, written where they are used.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ledger::Digest;
use plugins_host::contract::RuleInfo;
use plugins_host::{
    AccountColumns, Authority, AuthorityLimits, Context, Fault, Needs, PolicyId, PolicySet, Remote,
    Seat, TransferColumns, Verdict,
};

/// What a policy is asked.
pub(crate) struct Question<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) accounts: &'a AccountColumns,
    pub(crate) transfers: &'a TransferColumns,
}

/// A policy of this build, which stands where one of another process does.
struct Rules<F>(F);

impl<F: Fn(&Question<'_>) -> Result<Verdict, Fault> + Send + Sync> Remote for Rules<F> {
    fn evaluate(
        &self,
        _: Digest,
        context: &Context<'_>,
        accounts: &AccountColumns,
        transfers: &TransferColumns,
    ) -> Result<Verdict, Fault> {
        (self.0)(&Question {
            context,
            accounts,
            transfers,
        })
    }
}

impl<F> fmt::Debug for Rules<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rules")
    }
}

/// Digest of the component that a policy called `name` is said to be.
pub(crate) fn component(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// A set of one policy that decides as `decide` says, by rules 1 to 9. Two of one name are of one
/// digest.
pub(crate) fn policies<F>(name: &str, needs: Needs, decide: F) -> PolicySet
where
    F: Fn(&Question<'_>) -> Result<Verdict, Fault> + Send + Sync + 'static,
{
    let id = PolicyId {
        name: name.into(),
        digest: component(name),
    };
    let rules: Vec<RuleInfo> = (1..10)
        .map(|rule| RuleInfo {
            rule,
            name: format!("rule-{rule}"),
            doc: String::new(),
        })
        .collect();
    let seat = Seat::elsewhere(id, component(name), needs, &rules, Arc::new(Rules(decide)));
    PolicySet::new(vec![Arc::new(seat)], BTreeMap::new()).unwrap()
}

/// A set that lets everything pass.
pub(crate) fn open() -> PolicySet {
    policies("open", Needs::NONE, |_| Ok(Verdict::Allow))
}

/// An authority with threads, as a daemon has one.
pub(crate) fn start(set: PolicySet) -> Authority {
    Authority::start(set, AuthorityLimits::default()).unwrap()
}
