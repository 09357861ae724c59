use ledger::registry::Name;
use ledger::{Digest, Nanos, TenantId};

use super::{Principal, Role, Scope, ScopeElsewhere};

const FAR: Nanos = Nanos(u64::MAX);

fn auditor(spiffe: &str) -> Principal {
    Principal::of_platform(Role::Auditor, spiffe, Digest::ZERO, FAR).unwrap()
}

fn attribute(name: &str, value: &str) -> (Box<str>, Box<str>) {
    (name.into(), value.into())
}

#[test]
fn scopes_are_the_platforms() {
    let scoped = auditor("a").with_scopes(&[Scope::CrossTenantRead; 2]);
    assert_eq!(scoped.unwrap().scopes(), [Scope::CrossTenantRead]);
    let owner = (TenantId(1), Name::parse("acme").unwrap());
    let admin = || Principal::of_tenant(owner, Role::Admin, "a", Digest::ZERO, FAR).unwrap();
    let refused = admin().with_scopes(&[Scope::CrossTenantRead]).unwrap_err();
    assert_eq!(refused, ScopeElsewhere(Scope::CrossTenantRead));
    assert!(admin().with_scopes(&[]).is_ok());
    for scope in Scope::ALL {
        assert_eq!(Scope::parse(scope.name()), Some(*scope));
    }
}

#[test]
fn attributes_stand_in_order_and_once() {
    let given = [("plan", "gold"), ("area", "eu"), ("plan", "free")];
    let principal = auditor("a").with_attributes(given.map(|(n, v)| attribute(n, v)));
    let want = [("area", "eu"), ("plan", "gold")].map(|(n, v)| attribute(n, v));
    assert_eq!(principal.attributes(), want);
}

/// Verdicts are remembered by it.
#[test]
fn the_version_changes_with_everything_that_policies_are_told() {
    let same = auditor("a").version();
    let owner = |name| (TenantId(1), Name::parse(name).unwrap());
    let of = |name, role| Principal::of_tenant(owner(name), role, "a", Digest::ZERO, FAR).unwrap();
    let with = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(name, value)| attribute(name, value));
        auditor("a").with_attributes(pairs.collect::<Vec<_>>())
    };
    let others = [
        auditor("b"),
        Principal::of_platform(Role::Billing, "a", Digest::ZERO, FAR).unwrap(),
        auditor("a").with_scopes(&[Scope::CrossTenantRead]).unwrap(),
        with(&[("plan", "gold")]),
        with(&[("plan", "free")]),
        with(&[("plang", "old")]),
        with(&[("plan", "gold"), ("x", "y")]),
        of("acme", Role::Read),
        of("acme", Role::Write),
        of("beta", Role::Read),
    ];
    let mut versions: Vec<Digest> = others.iter().map(Principal::version).collect();
    versions.push(same);
    versions.sort_by_key(|version| version.0);
    versions.dedup();
    assert_eq!(versions.len(), others.len() + 1);
    // A certificate that is renewed is the same to policies.
    let renewed = Principal::of_platform(Role::Auditor, "a", Digest::of(b"new"), Nanos(1));
    assert_eq!(renewed.unwrap().version(), same);
}

#[test]
fn standing_is_lost_for_good() {
    let principal = auditor("a");
    assert!(principal.stands());
    principal.lose_standing();
    principal.lose_standing();
    assert!(!principal.stands());
}
