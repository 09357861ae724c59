use std::fs;
use std::time::Duration;

use ledger::Nanos;
use verify::{Keyring, Kid, Micros, SignedKeyring, Usage};

use super::folder::Folder;
use super::holder::Holder;
use super::{CA_LIFE, DevCa, LEAF_LIFE, clients, lasts, mark, profile, seals};
use crate::config::certificate::Certificate;

const START: Nanos = Nanos(1_800_000_000 * 1_000_000_000);

fn later(by: Duration) -> Nanos {
    Nanos(START.0 + u64::try_from(by.as_nanos()).unwrap())
}

fn folder(place: &tempfile::TempDir) -> Folder {
    Folder::open(&place.path().join("keys")).unwrap()
}

fn fingerprint(folder: &Folder, stem: &str) -> ledger::Digest {
    let path = folder.file(&format!("{stem}.pem"));
    Certificate::read_all("", &path).unwrap()[0].fingerprint
}

#[test]
fn everything_made_carries_the_mark() {
    let place = tempfile::tempdir().unwrap();
    let folder = folder(&place);
    DevCa::open_or_make(folder.clone(), START).unwrap();
    let stems = folder.certificates().unwrap();
    assert_eq!(stems.len(), 8);
    for stem in stems {
        let path = folder.file(&format!("{stem}.pem"));
        assert!(
            Certificate::read_all("", &path).unwrap()[0].is_development,
            "{stem}"
        );
        let key = fs::read(folder.file(&format!("{stem}.key"))).unwrap();
        assert!(mark::is_in_key(&key), "{stem}");
        assert!(lasts(&folder, &stem, START));
    }
}

#[test]
fn a_restart_keeps_what_lasts_and_renews_what_ends() {
    let place = tempfile::tempdir().unwrap();
    let folder = folder(&place);
    let stems = ["ca", "server", "operator", "demo-write"];
    let all = |folder: &Folder| stems.map(|stem| fingerprint(folder, stem));

    DevCa::open_or_make(folder.clone(), START).unwrap();
    let first = all(&folder);
    DevCa::open_or_make(folder.clone(), later(Duration::from_secs(3600))).unwrap();
    assert_eq!(all(&folder), first);

    DevCa::open_or_make(folder.clone(), later(LEAF_LIFE)).unwrap();
    let second = all(&folder);
    assert_eq!(second[0], first[0], "the authority lasts");
    assert!(
        (1..4).all(|at| second[at] != first[at]),
        "its certificates are renewed"
    );

    DevCa::open_or_make(folder.clone(), later(CA_LIFE)).unwrap();
    let third = all(&folder);
    assert!(
        (0..4).all(|at| third[at] != second[at]),
        "a new authority issues all anew"
    );
}

#[test]
fn a_pair_that_a_crash_tore_apart_is_made_anew() {
    let place = tempfile::tempdir().unwrap();
    let folder = folder(&place);
    DevCa::open_or_make(folder.clone(), START).unwrap();
    let before = fingerprint(&folder, "operator");
    fs::copy(folder.file("auditor.key"), folder.file("operator.key")).unwrap();
    assert!(!lasts(&folder, "operator", START));
    DevCa::open_or_make(folder.clone(), START).unwrap();
    assert_ne!(fingerprint(&folder, "operator"), before);
    assert!(lasts(&folder, "operator", START));
}

/// The keyring in the folder, which the developer signed.
fn keyring(folder: &Folder) -> Keyring {
    let signed = SignedKeyring::decode(&fs::read(folder.file(seals::KEYRING)).unwrap()).unwrap();
    signed.verify(signed.keyring.approvers()).unwrap()
}

#[test]
fn keys_of_seals_are_registered_and_outlive_the_authority() {
    let place = tempfile::tempdir().unwrap();
    let folder = folder(&place);
    let now = Micros::new(START.0 / 1_000).unwrap();
    DevCa::open_or_make(folder.clone(), START).unwrap();
    seals::open_or_make(&folder, now).unwrap();
    let first = keyring(&folder);
    assert_eq!(first.approvers().threshold(), 1);
    for (stem, kid, usage) in seals::KEYS {
        let kid = Kid::new(kid).unwrap();
        assert_eq!(first.active(usage).next().unwrap().kid, kid);
        let key = fs::read(folder.file(&format!("{stem}.pk8"))).unwrap();
        assert!(mark::is_in_key(&key), "{stem}");
    }
    DevCa::open_or_make(folder.clone(), later(CA_LIFE)).unwrap();
    seals::open_or_make(&folder, now.next().unwrap()).unwrap();
    assert_eq!(keyring(&folder), first);

    fs::remove_file(folder.file("seal.pk8")).unwrap();
    seals::open_or_make(&folder, now).unwrap();
    let second = keyring(&folder);
    let seal = |keyring: &Keyring| keyring.active(Usage::Seal).next().unwrap().clone();
    assert_ne!(seal(&second).public_key, seal(&first).public_key);
    fs::write(folder.file("seal.pk8"), "nothing").unwrap();
    assert!(seals::open_or_make(&folder, now).is_err());
}

#[test]
fn another_holder_gets_a_certificate_and_a_profile() {
    let place = tempfile::tempdir().unwrap();
    let folder = folder(&place);
    assert!(DevCa::open(folder.clone()).is_err());
    DevCa::open_or_make(folder.clone(), START).unwrap();

    let holder = Holder::of(Some("acme"), "write").unwrap();
    let ca = DevCa::open(folder.clone()).unwrap();
    ca.issue_to(&holder, Duration::from_secs(60), START)
        .unwrap();
    assert_eq!(clients(&folder).unwrap()[0], "acme-write");
    let path = folder.file("acme-write.pem");
    let ends = Certificate::read_all("", &path).unwrap()[0].not_after;
    assert_eq!(ends, 1_800_000_060);

    let address = "127.0.0.1:7171".parse().unwrap();
    assert_eq!(profile::address(&folder), None);
    profile::write_all(&folder, address).unwrap();
    assert_eq!(profile::address(&folder), Some(address));
    let written = fs::read_to_string(folder.file("acme-write.toml")).unwrap();
    let table: toml::Table = written.parse().unwrap();
    let keys: Vec<&str> = table.keys().map(String::as_str).collect();
    assert_eq!(keys, ["address", "ca", "certificate", "key", "server_name"]);
}
