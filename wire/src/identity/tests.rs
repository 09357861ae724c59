use ledger::registry::Name;
use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, SanType};

use super::*;

/// A certificate with these URIs among its alternative names.
fn certificate(uris: &[&str], is_ca: bool) -> Vec<u8> {
    let mut params = CertificateParams::new(vec!["client.test".to_owned()]).unwrap();
    for uri in uris {
        params
            .subject_alt_names
            .push(SanType::URI((*uri).try_into().unwrap()));
    }
    if is_ca {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    }
    params
        .self_signed(&KeyPair::generate().unwrap())
        .unwrap()
        .der()
        .to_vec()
}

#[test]
fn one_identity_is_read() {
    let der = certificate(&["spiffe://bank.test/tenant/acme/role/write"], false);
    let peer = PeerCertificate::parse(&der).unwrap();
    assert_eq!(peer.id.trust_domain(), "bank.test");
    assert_eq!(
        peer.id.grant(),
        Some(Grant {
            owner: Owner::Tenant(Name::parse("acme").unwrap()),
            role: Role::Write
        })
    );
    assert_eq!(peer.fingerprint, Digest::of(&der));
    assert!(peer.not_before < peer.not_after);
    assert!(!peer.serial.is_empty());
}

#[test]
fn none_or_several_identities_are_refused() {
    let one = "spiffe://bank.test/tenant/acme/role/write";
    let parse = |uris: &[&str], is_ca| PeerCertificate::parse(&certificate(uris, is_ca));
    assert_eq!(parse(&[], false), Err(IdentityError::NoIdentity));
    assert_eq!(
        parse(&[one, one], false),
        Err(IdentityError::SeveralIdentities(2))
    );
    assert_eq!(parse(&[one], true), Err(IdentityError::Authority));
    assert_eq!(
        parse(&["https://bank.test/"], false),
        Err(IdentityError::NotSpiffe(SpiffeError::Scheme))
    );
}

#[test]
fn an_identity_has_one_spelling() {
    use SpiffeError::*;
    for (text, want) in [
        ("spiffe://bank.test", NoPath),
        ("spiffe://bank.test/", NoPath),
        ("spiffe:///tenant/a", TrustDomain),
        ("spiffe://Bank.test/tenant/a", TrustDomain),
        ("spiffe://bank.test:1/tenant/a", TrustDomain),
        ("spiffe://user@bank.test/tenant/a", TrustDomain),
        ("SPIFFE://bank.test/tenant/a", Scheme),
        ("spiffe://bank.test/tenant//role", Segment),
        ("spiffe://bank.test/tenant/a/", NoPath),
        ("spiffe://bank.test/tenant/%61", Segment),
        ("spiffe://bank.test/tenant/A", Segment),
        ("spiffe://bank.test/tenant/../a", Segment),
        ("spiffe://bank.test/tenant/a?x=1", Segment),
        ("spiffe://bank.test/tenant/a#x", Segment),
        ("spiffe://bank.test/tenant/ä", Segment),
    ] {
        assert_eq!(SpiffeId::parse(text), Err(want), "{text}");
    }
    let long = format!("spiffe://bank.test/{}", "a".repeat(600));
    assert_eq!(SpiffeId::parse(&long), Err(TooLong(619)));
    let domain = format!("spiffe://{}/a", "a".repeat(256));
    assert_eq!(SpiffeId::parse(&domain), Err(TrustDomain));
}

#[test]
fn only_known_paths_grant() {
    let grant = |path: &str| {
        SpiffeId::parse(&format!("spiffe://t{path}"))
            .unwrap()
            .grant()
    };
    for path in [
        "/tenant/a/role/operator",
        "/tenant/a/role/auditor",
        "/tenant/a/role/owner",
        "/tenant/a/role/read/more",
        "/tenant/a/role",
        "/tenant/a/role/read/holder",
        "/tenant/a/role/read/holder/b.c",
        "/tenant/a/role/read/holder/b/more",
        "/tenant/a/holder/b/role/read",
        "/platform/holder/b",
        "/tenant/a.b/role/read",
        "/platform/role/read",
        "/platform/role/admin",
        "/workload/settler",
    ] {
        assert_eq!(grant(path), None, "{path}");
    }
    let long = format!("/tenant/{}/role/read", "a".repeat(33));
    assert_eq!(grant(&long), None);
    assert_eq!(
        grant("/platform/role/auditor"),
        Some(Grant {
            owner: Owner::Platform,
            role: Role::Auditor
        })
    );
}

#[test]
fn ids_of_ours_read_back() {
    for role in Role::ALL {
        let owner = if role.is_of_platform() {
            Owner::Platform
        } else {
            Owner::Tenant(Name::parse("acme").unwrap())
        };
        let grant = Grant { owner, role: *role };
        let id = SpiffeId::of("bank.test", &grant).unwrap();
        assert_eq!(id.grant(), Some(grant));
        let holder = Name::parse("kim-2").unwrap();
        let held = SpiffeId::of_holder("bank.test", &grant, holder).unwrap();
        assert_eq!(held.grant(), Some(grant));
        assert_eq!(held.as_str(), format!("{id}/holder/kim-2"));
    }
}

proptest! {
    #[test]
    fn bytes_that_are_no_certificate_name_nobody(
        mut der in Just(certificate(&["spiffe://t/tenant/a/role/read"], false)),
        at in any::<prop::sample::Index>(),
        with in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let at = at.index(der.len());
        der[at] ^= with;
        let _ = PeerCertificate::parse(&der);
        der.truncate(cut.index(der.len()));
        prop_assert!(PeerCertificate::parse(&der).is_err());
    }

    #[test]
    fn any_text_is_refused_or_reads_back(text in "(spiffe://)?[a-zA-Z0-9./%_-]{0,60}") {
        if let Ok(id) = SpiffeId::parse(&text) {
            prop_assert_eq!(id.as_str(), &text);
            prop_assert_eq!(format!("spiffe://{}{}", id.trust_domain(), id.path()), text);
        }
    }
}
