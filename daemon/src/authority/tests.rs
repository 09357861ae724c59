use std::fs;
use std::path::Path;
use std::sync::Arc;

use ledger::registry::Name;
use ledger::{Digest, Nanos, TenantId};
use plugins_host::{Principal, Role, Scope};
use rustls_pki_types::CertificateDer;
use wire::endpoint::CertificateRefused;
use wire::identity::IdentityError;

use super::{Authorities, Peer, Refusal};
use crate::config::Settings;
use crate::environment::Environment;
use crate::pki::{Ask, Ca};

const NOW: Nanos = Nanos(1_800_000_000 * 1_000_000_000);
const ACME: TenantId = TenantId(7);

/// Two authorities: `bank` names tenants `acme` and `coop` without admins, `house` the platform.
struct House {
    place: tempfile::TempDir,
    bank: Ca,
    house: Ca,
}

impl House {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let (bank, house) = (
            Ca::make(place.path(), "bank"),
            Ca::make(place.path(), "house"),
        );
        house.issue(
            "server",
            &Ask {
                server: true,
                ..Ask::default()
            },
        );
        fs::write(place.path().join("deny.list"), "").unwrap();
        bank.revoke(&[]);
        Self { place, bank, house }
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn settings(&self, more: &str) -> Settings {
        let text = format!(
            "profile = \"development\"\n\
             deny_list = \"deny.list\"\n\
             [listen]\naddress = \"127.0.0.1:0\"\n\
             [tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n\
             [[client_ca]]\nfile = \"bank.pem\"\ncrl = \"bank.crl\"\n\
             trust_domain = \"bank.test\"\ntenants = [\"acme\", \"coop\"]\n\
             roles = [\"read\", \"write\"]\n\
             [[client_ca]]\nfile = \"house.pem\"\ntrust_domain = \"house.test\"\ntenants = []\n\
             roles = [\"operator\", \"auditor\"]\n\
             scopes = [\"operator:cross-tenant-read\"]\n\
             [journal]\nkind = \"embedded\"\ndirectory = \"journal\"\n{more}"
        );
        let file = self.path().join("ledgerd.toml");
        fs::write(&file, text).unwrap();
        Settings::load(&file, &Environment::default(), NOW).unwrap()
    }
}

fn chain(der: &[u8]) -> [CertificateDer<'static>; 1] {
    [CertificateDer::from(der.to_vec())]
}

fn tenants(name: Name) -> Option<TenantId> {
    (name.as_str() == "acme").then_some(ACME)
}

fn identify(settings: &Settings, der: &[u8]) -> Result<Arc<Peer>, Refusal> {
    Authorities::new(settings).identify(&chain(der), NOW, tenants)
}

fn refusal(settings: &Settings, der: &[u8]) -> Refusal {
    identify(settings, der).unwrap_err()
}

fn uri<'a>(uris: &'a [&'a str]) -> Ask<'a> {
    Ask {
        uris,
        ..Ask::default()
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

#[test]
fn a_certificate_becomes_the_principal_that_it_names() {
    let house = House::new();
    let settings = house.settings("");
    let id = "spiffe://bank.test/tenant/acme/role/write";
    let writer = house.bank.issue("writer", &uri(&[id]));
    let peer = identify(&settings, &writer).unwrap();
    let principal = peer.principal();
    assert_eq!((principal.tenant(), principal.role()), (ACME, Role::Write));
    assert_eq!(principal.tenant_name(), Some(name("acme")));
    assert_eq!(principal.spiffe(), id);
    assert_eq!(principal.digest(), Digest::of(id.as_bytes()));
    assert_eq!(principal.fingerprint(), Digest::of(&writer));
    assert!(principal.not_after() > NOW);

    let operator = house
        .house
        .issue("op", &uri(&["spiffe://house.test/platform/role/operator"]));
    let peer = identify(&settings, &operator).unwrap();
    let principal = peer.principal();
    assert_eq!(
        (principal.tenant(), principal.role()),
        (TenantId::PLATFORM, Role::Operator)
    );
}

#[test]
fn an_authority_names_only_what_it_is_bound_to() {
    let house = House::new();
    let settings = house.settings("");
    let elsewhere = "spiffe://bank.test/service/7";
    let bank = [
        (
            "spiffe://bank.test/tenant/acme/role/admin",
            Refusal::RoleNotAllowed(Role::Admin),
        ),
        (
            "spiffe://bank.test/platform/role/operator",
            Refusal::RoleNotAllowed(Role::Operator),
        ),
        (
            "spiffe://bank.test/tenant/other/role/read",
            Refusal::TenantNotAllowed(name("other")),
        ),
        (
            "spiffe://bank.test/tenant/coop/role/read",
            Refusal::TenantUnknown(name("coop")),
        ),
        (
            "spiffe://house.test/tenant/acme/role/read",
            Refusal::TrustDomain("house.test".into()),
        ),
        (elsewhere, Refusal::Unmapped(elsewhere.into())),
    ];
    for (id, told) in bank {
        let der = house.bank.issue("peer", &uri(&[id]));
        assert_eq!(refusal(&settings, &der), told, "{id}");
    }
    let tenant = "spiffe://house.test/tenant/acme/role/read";
    let der = house.house.issue("peer", &uri(&[tenant]));
    assert_eq!(
        refusal(&settings, &der),
        Refusal::RoleNotAllowed(Role::Read)
    );
}

#[test]
fn what_no_authority_vouches_for_is_nobody() {
    let house = House::new();
    let settings = house.settings("");
    let id = "spiffe://bank.test/tenant/acme/role/read";
    let untrusted = |ca: &Ca, ask: &Ask<'_>| {
        let told = refusal(&settings, &ca.issue("peer", ask));
        assert!(matches!(told, Refusal::Untrusted(_)), "{told}");
    };
    untrusted(
        &house.bank,
        &Ask {
            ended: true,
            ..uri(&[id])
        },
    );
    untrusted(
        &house.bank,
        &Ask {
            server: true,
            ..uri(&[id])
        },
    );
    untrusted(&Ca::make(house.path(), "stranger"), &uri(&[id]));
    // The same name with another key is another authority.
    let directory = tempfile::tempdir().unwrap();
    untrusted(&Ca::make(directory.path(), "bank"), &uri(&[id]));

    let nobody = Refusal::Identity(IdentityError::NoIdentity);
    assert_eq!(
        refusal(&settings, &house.bank.issue("peer", &uri(&[]))),
        nobody
    );
    let two = house.bank.issue(
        "peer",
        &uri(&[id, "spiffe://bank.test/tenant/coop/role/read"]),
    );
    let several = Refusal::Identity(IdentityError::SeveralIdentities(2));
    assert_eq!(refusal(&settings, &two), several);
    let nothing = Authorities::new(&settings).identify(&[], NOW, tenants);
    assert!(matches!(nothing, Err(Refusal::Untrusted(_))));
}

#[test]
fn mappings_give_a_place_and_stay_within_the_authority() {
    let house = House::new();
    let service = house
        .bank
        .issue("service", &uri(&["spiffe://bank.test/service/7"]));
    let printed = house
        .bank
        .issue("printed", &uri(&["spiffe://bank.test/service/9"]));
    let grasping = house
        .bank
        .issue("grasping", &uri(&["spiffe://bank.test/service/8"]));
    let own_id = "spiffe://bank.test/tenant/acme/role/read";
    let own = house.bank.issue("own", &uri(&[own_id]));
    let map = |of: &str, place: &str| format!("[[identity]]\n{of}\n{place}\n");
    let print = |der: &[u8]| format!("fingerprint = \"{}\"", Digest::of(der));
    let write = "tenant = \"acme\"\nrole = \"write\"";
    let settings = house.settings(
        &[
            map("uri = \"spiffe://bank.test/service/7\"", write),
            map(&print(&printed), "tenant = \"acme\"\nrole = \"read\""),
            map(
                "uri = \"spiffe://bank.test/service/8\"",
                "role = \"operator\"",
            ),
            map(&print(&own), write),
        ]
        .concat(),
    );
    let mapped = |der: &[u8]| identify(&settings, der).map(|peer| peer.principal().role());
    assert_eq!(mapped(&service), Ok(Role::Write));
    assert_eq!(mapped(&printed), Ok(Role::Read));
    assert_eq!(
        mapped(&grasping),
        Err(Refusal::RoleNotAllowed(Role::Operator))
    );
    assert_eq!(mapped(&own), Err(Refusal::TwoIdentities(own_id.into())));
    let peer = identify(&settings, &service).unwrap();
    assert_eq!(peer.principal().spiffe(), "spiffe://bank.test/service/7");
}

fn is_refused(told: &Result<(), Refusal>, why: fn(&CertificateRefused) -> bool) -> bool {
    matches!(told, Err(Refusal::Untrusted(refused)) if why(refused))
}

#[test]
fn an_open_connection_ends_with_its_certificate() {
    let house = House::new();
    let settings = house.settings("");
    let authorities = Authorities::new(&settings);
    let id = "spiffe://bank.test/tenant/acme/role/read";
    let peer = identify(&settings, &house.bank.issue("reader", &uri(&[id]))).unwrap();
    let ends = peer.principal().not_after();
    assert_eq!(authorities.still_valid(&peer, NOW), Ok(()));
    assert_eq!(authorities.still_valid(&peer, ends), Ok(()));
    let told = authorities.still_valid(&peer, Nanos(ends.0 + 2_000_000_000));
    assert!(
        is_refused(&told, CertificateRefused::is_expired),
        "{told:?}"
    );
}

#[test]
fn a_reload_reaches_open_connections() {
    let house = House::new();
    let settings = house.settings("");
    let authorities = Authorities::new(&settings);
    let id = "spiffe://bank.test/tenant/acme/role/read";
    let issue = |serial| {
        house.bank.issue(
            "peer",
            &Ask {
                serial,
                ..uri(&[id])
            },
        )
    };
    let ders = [0x8001, 0x8002, 0x8003, 0x8004].map(issue);
    let peers = [0, 1, 2, 3].map(|at: usize| identify(&settings, &ders[at]).unwrap());
    let check = |at: usize| authorities.still_valid(&peers[at], NOW);

    house.bank.revoke(&[0x8001]);
    let denied = format!("serial 8002\nfingerprint {}\n", Digest::of(&ders[2]));
    fs::write(house.path().join("deny.list"), denied).unwrap();
    assert_eq!(check(0), Ok(()), "nothing changes before the reload");
    authorities.replace(&settings.reload(NOW).unwrap(), NOW);
    assert!(is_refused(&check(0), CertificateRefused::is_revoked));
    assert_eq!(check(1), Err(Refusal::Denied));
    assert_eq!(check(2), Err(Refusal::Denied));
    assert_eq!(check(3), Ok(()));
    assert_eq!(
        check(3),
        Ok(()),
        "the second time from what the first found"
    );

    // What an authority may name can be taken back as well.
    let text = fs::read_to_string(&settings.file).unwrap();
    fs::write(&settings.file, text.replace("\"acme\", ", "")).unwrap();
    authorities.replace(&settings.reload(NOW).unwrap(), NOW);
    assert_eq!(check(3), Err(Refusal::TenantNotAllowed(name("acme"))));

    // What cannot be read changes nothing.
    fs::write(&settings.file, "profile = 1").unwrap();
    assert!(settings.reload(NOW).is_err());
}

#[test]
fn a_principal_that_was_mapped_anew_is_no_longer_who_it_was() {
    let house = House::new();
    let id = "spiffe://bank.test/service/7";
    let mapping = |role: &str| {
        format!("[[identity]]\nuri = \"{id}\"\ntenant = \"acme\"\nrole = \"{role}\"\n")
    };
    let settings = house.settings(&mapping("write"));
    let authorities = Authorities::new(&settings);
    let peer = identify(&settings, &house.bank.issue("service", &uri(&[id]))).unwrap();
    assert_eq!(authorities.still_valid(&peer, NOW), Ok(()));
    authorities.replace(&house.settings(&mapping("read")), NOW);
    assert_eq!(authorities.still_valid(&peer, NOW), Err(Refusal::Changed));
}

const AUDITOR: &str = "spiffe://house.test/platform/role/auditor";

fn scope(of: &str) -> String {
    format!("[[scope]]\n{of}\nscopes = [\"operator:cross-tenant-read\"]\n")
}

fn told(principal: &Principal) -> Vec<(&str, &str)> {
    let attributes = principal.attributes().iter();
    attributes
        .map(|(name, value)| (&**name, &**value))
        .collect()
}

#[test]
fn a_scope_is_given_by_name_and_to_nobody_else() {
    let house = House::new();
    let printed = house
        .house
        .issue("kim", &uri(&[&format!("{AUDITOR}/holder/kim")]));
    let settings = house.settings(
        &[
            scope(&format!("uri = \"{AUDITOR}\"")),
            scope(&format!("fingerprint = \"{}\"", Digest::of(&printed))),
        ]
        .concat(),
    );
    let scopes = |der: &[u8]| {
        identify(&settings, der)
            .unwrap()
            .principal()
            .scopes()
            .to_vec()
    };
    assert_eq!(
        scopes(&house.house.issue("auditor", &uri(&[AUDITOR]))),
        [Scope::CrossTenantRead]
    );
    assert_eq!(scopes(&printed), [Scope::CrossTenantRead]);
    for id in [
        &format!("{AUDITOR}/holder/sam"),
        "spiffe://house.test/platform/role/operator",
    ] {
        assert_eq!(scopes(&house.house.issue("other", &uri(&[id]))), [], "{id}");
    }
}

/// A fingerprint does not say in the configuration whose certificate it is.
#[test]
fn a_scope_stays_with_the_platform_and_with_its_authority() {
    let house = House::new();
    let reader = house.bank.issue(
        "reader",
        &uri(&["spiffe://bank.test/tenant/acme/role/read"]),
    );
    let settings = house.settings(&scope(&format!(
        "fingerprint = \"{}\"",
        Digest::of(&reader)
    )));
    assert_eq!(
        refusal(&settings, &reader),
        Refusal::ScopeOfTenant(Scope::CrossTenantRead)
    );

    let mapped = house
        .bank
        .issue("mapped", &uri(&["spiffe://bank.test/ns/audit"]));
    let more = "[[identity]]\nuri = \"spiffe://bank.test/ns/audit\"\nrole = \"auditor\"\n";
    let given = scope(&format!("fingerprint = \"{}\"", Digest::of(&mapped)));
    let settings = house.settings(&[more, &given].concat());
    let text = fs::read_to_string(&settings.file).unwrap();
    let wider = text.replace("\"read\", \"write\"]", "\"read\", \"auditor\"]");
    fs::write(&settings.file, wider).unwrap();
    let settings = settings.reload(NOW).unwrap();
    assert_eq!(
        refusal(&settings, &mapped),
        Refusal::ScopeNotAllowed(Scope::CrossTenantRead)
    );
}

#[test]
fn policies_are_told_the_attributes_of_the_tenant_and_the_environment() {
    let house = House::new();
    let settings = house
        .settings("[[tenant_attributes]]\ntenant = \"acme\"\nplan = \"gold\"\nregion = \"eu\"\n");
    let reader = house.bank.issue(
        "reader",
        &uri(&["spiffe://bank.test/tenant/acme/role/read"]),
    );
    let peer = identify(&settings, &reader).unwrap();
    let all = [
        ("environment", "development"),
        ("plan", "gold"),
        ("region", "eu"),
    ];
    assert_eq!(told(peer.principal()), all);
    let operator = house
        .house
        .issue("op", &uri(&["spiffe://house.test/platform/role/operator"]));
    let peer = identify(&settings, &operator).unwrap();
    assert_eq!(told(peer.principal()), all[..1]);
}

/// Whoever is somebody else by the new configuration has lost its standing when that counts, also
/// if it came while the others were asked; and everybody else has not.
#[test]
fn a_reload_takes_standing_from_whom_it_changes() {
    let house = House::new();
    let mapping = |role: &str| {
        format!(
            "[[identity]]\nuri = \"spiffe://bank.test/service/7\"\ntenant = \"acme\"\n\
             role = \"{role}\"\n"
        )
    };
    let plan =
        |plan: &str| format!("[[tenant_attributes]]\ntenant = \"coop\"\nplan = \"{plan}\"\n");
    let given = scope(&format!("uri = \"{AUDITOR}\""));
    let settings = house.settings(&[&*mapping("write"), &plan("gold"), &given].concat());
    let authorities = Authorities::new(&settings);
    let everyone = |_| Some(ACME);
    let come = |der: &[u8]| authorities.identify(&chain(der), NOW, everyone).unwrap();
    let ders = [
        (&house.bank, "spiffe://bank.test/service/7"),
        (&house.bank, "spiffe://bank.test/tenant/acme/role/read"),
        (&house.bank, "spiffe://bank.test/tenant/coop/role/read"),
        (&house.house, AUDITOR),
    ]
    .map(|(ca, id)| ca.issue("peer", &uri(&[id])));
    let peers = ders.each_ref().map(|der| come(der));
    let stand = || peers.each_ref().map(|peer| peer.principal().stands());

    authorities.replace(&settings.reload(NOW).unwrap(), NOW);
    assert_eq!(stand(), [true; 4], "the same file changes nothing");
    let next = house.settings(&[&*mapping("read"), &plan("gold"), &given].concat());
    authorities.replace(&next, NOW);
    assert_eq!(stand(), [false, true, true, true], "another role");
    assert_eq!(
        authorities.still_valid(&peers[0], NOW),
        Err(Refusal::Changed)
    );
    let next = house.settings(&[&*mapping("write"), &plan("free"), &given].concat());
    authorities.replace(&next, NOW);
    assert_eq!(stand(), [false, true, false, true], "another plan");
    let next = house.settings(&[&*mapping("write"), &plan("free")].concat());
    authorities.replace(&next, NOW);
    assert_eq!(stand(), [false, true, false, false], "no scope");

    // Back to the first: who lost its standing connects again, and is the same then.
    authorities.replace(&settings, NOW);
    assert_eq!(stand(), [false, true, false, false]);
    assert_eq!(
        authorities.still_valid(&peers[0], NOW),
        Err(Refusal::Changed)
    );
    assert_eq!(authorities.still_valid(&peers[1], NOW), Ok(()));
    for (der, before) in ders.iter().zip(&peers) {
        let again = come(der);
        assert!(again.principal().stands());
        let version = before.principal().version();
        assert_eq!(again.principal().version(), version);
    }
}

#[test]
fn who_is_gone_is_not_kept() {
    let house = House::new();
    let settings = house.settings("");
    let authorities = Authorities::new(&settings);
    let der = house.bank.issue(
        "reader",
        &uri(&["spiffe://bank.test/tenant/acme/role/read"]),
    );
    let first = authorities.identify(&chain(&der), NOW, tenants).unwrap();
    for _ in 0..200 {
        authorities.identify(&chain(&der), NOW, tenants).unwrap();
    }
    assert!(authorities.live.lock().peers.len() <= 32);
    authorities.replace(&house.settings(""), NOW);
    fs::write(
        house.path().join("deny.list"),
        format!("fingerprint {}\n", Digest::of(&der)),
    )
    .unwrap();
    authorities.replace(&settings.reload(NOW).unwrap(), NOW);
    assert!(!first.principal().stands(), "the first is still known");
}
