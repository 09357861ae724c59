use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::{Digest, TenantId};

use super::{CHAIN_MAX, PolicySet, SetError};
use crate::contract::{AccountColumns, Context, Needs, TransferColumns};
use crate::fault::Fault;
use crate::remote::Remote;
use crate::verdict::Verdict;
use crate::{PolicyId, Seat};

struct Nowhere;

impl Remote for Nowhere {
    fn evaluate(
        &self,
        _: Digest,
        _: &Context<'_>,
        _: &AccountColumns,
        _: &TransferColumns,
    ) -> Result<Verdict, Fault> {
        Err(Fault::Unavailable)
    }
}

fn seat(name: &str, version: u8) -> Arc<Seat> {
    let id = PolicyId {
        name: name.into(),
        digest: Digest::of(b"component"),
    };
    let version = Digest([version; 32]);
    Arc::new(Seat::elsewhere(
        id,
        version,
        Needs::default(),
        &[],
        Arc::new(Nowhere),
    ))
}

fn set(platform: &[(&str, u8)], tenants: &[(u32, &[(&str, u8)])]) -> PolicySet {
    let seats = |seats: &[(&str, u8)]| seats.iter().map(|(name, v)| seat(name, *v)).collect();
    let tenants = tenants
        .iter()
        .map(|(tenant, of)| (TenantId(*tenant), seats(of)));
    PolicySet::new(seats(platform), tenants.collect()).unwrap()
}

#[test]
fn a_digest_covers_everything_that_is_asked_and_nothing_else() {
    let base = set(&[("a", 1), ("b", 1)], &[(1, &[("c", 1)]), (2, &[("c", 1)])]);
    let [one, two, three] = [1, 2, 3].map(TenantId);
    assert_ne!(
        base.digest_for(one),
        base.digest_for(two),
        "whose they are counts"
    );
    assert_eq!(base.digest_for(three), base.digest_for(TenantId::PLATFORM));
    assert_eq!(base.of_tenant(three).len(), 0);

    let of_one = set(&[("a", 1), ("b", 1)], &[(1, &[("c", 2)]), (2, &[("c", 1)])]);
    assert_ne!(of_one.digest_for(one), base.digest_for(one));
    assert_eq!(of_one.digest_for(two), base.digest_for(two));
    assert_ne!(of_one.digest(), base.digest());

    for other in [
        &[("a", 2), ("b", 1)][..],
        &[("a", 1)],
        &[("b", 1), ("a", 1)],
        &[("ab", 1)],
    ] {
        let other = set(other, &[(1, &[("c", 1)]), (2, &[("c", 1)])]);
        for tenant in [one, two, three] {
            assert_ne!(other.digest_for(tenant), base.digest_for(tenant));
        }
    }
    let again = set(
        &[("a", 1), ("b", 1)],
        &[(2, &[("c", 1)]), (1, &[("c", 1)]), (3, &[])],
    );
    assert_eq!(again.digest(), base.digest());
}

#[test]
fn what_is_no_set_is_refused() {
    let refused = |platform: Vec<Arc<Seat>>, tenants: BTreeMap<TenantId, Vec<Arc<Seat>>>| {
        PolicySet::new(platform, tenants).unwrap_err()
    };
    let a = || vec![seat("a", 1)];
    assert_eq!(refused(vec![], BTreeMap::new()), SetError::NoPlatform);
    let twice = vec![seat("a", 1), seat("b", 1), seat("a", 2)];
    assert_eq!(
        refused(twice, BTreeMap::new()),
        SetError::TwoOfOneName(TenantId::PLATFORM)
    );
    let many = (0..=CHAIN_MAX).map(|n| seat(&n.to_string(), 1)).collect();
    let tenants = BTreeMap::from([(TenantId(4), many)]);
    assert_eq!(refused(a(), tenants), SetError::TooLong(TenantId(4)));
    let tenants = BTreeMap::from([(TenantId::PLATFORM, a())]);
    assert_eq!(refused(a(), tenants), SetError::PlatformAsTenant);
}
