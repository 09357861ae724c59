//! What must sign before a port is open, one row each: the key, the registry, and the way to it.

use std::net::UdpSocket;
use std::path::Path;
use std::time::Duration;

use rcgen::KeyPair;
use verify::approval::Content;
use verify::keyring::State;
use verify::{Kid, Usage};

use super::variables::credentials;
use super::{GOOD, Place};
use crate::daemon::{Ended, command, end};
use crate::harness::process::Daemon;
use crate::kms::{Kms, Manner};
use crate::signers::{Approvers, ed25519, later, public, secret};

/// A place whose configuration asks a double of KMS, with a port that is taken.
struct Site {
    place: Place,
    approvers: Approvers,
    text: String,
    _taken: UdpSocket,
}

impl Site {
    /// With `register` doing what is done with the key of the double.
    fn new(manner: Manner, register: impl FnOnce(&mut Approvers, &Kms)) -> Self {
        let (place, kms) = (Place::new(), Kms::start(manner));
        let mut approvers = Approvers::make(3, 5);
        register(&mut approvers, &kms);
        approvers.write(place.path());
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let region = "region = \"eu-central-1\"";
        let endpoint = format!("{region}, endpoint = \"{}\"", kms.endpoint());
        let text = GOOD
            .replace("127.0.0.1:0", &address)
            .replace(region, &endpoint);
        Self {
            place,
            approvers,
            text,
            _taken: taken,
        }
    }

    fn usual(manner: Manner) -> Self {
        Self::new(manner, |approvers, kms| {
            approvers.register("seal-1", Usage::Seal, kms.public_key());
        })
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn run(&self, environment: &[(&str, &str)]) -> Ended {
        let file = self.place.write(&self.text);
        let mut run = command(&["run", "--config", file.to_str().unwrap()]);
        credentials(&mut run);
        run.envs(environment.iter().copied());
        end(run)
    }

    fn refuses(&self, told: &[&str]) {
        let ended = self.run(&[]);
        assert_eq!(ended.code, Some(64), "{}", ended.complaint);
        for part in told {
            assert!(
                ended.complaint.contains(part),
                "`{part}`: {}",
                ended.complaint
            );
        }
    }
}

#[test]
fn a_key_that_is_registered_and_signs_lets_it_listen() {
    let site = Site::usual(Manner::Well);
    // The port is taken: this is how far it comes.
    let ended = site.run(&[("REQUIRE_KMS", "true"), ("NODE_ENV", "production")]);
    assert_eq!(ended.code, Some(1), "{}", ended.complaint);
    assert!(
        ended.complaint.contains("cannot listen on"),
        "{}",
        ended.complaint
    );

    let (head, tail) = site.text.split_once("address = \"127.0.0.1:").unwrap();
    let (_, tail) = tail.split_once('"').unwrap();
    let file = site
        .place
        .write(&format!("{head}address = \"127.0.0.1:0\"{tail}"));
    let mut run = command(&["run", "--config", file.to_str().unwrap()]);
    credentials(&mut run);
    Daemon::start(run, &site.path().join("log")).stop();
}

#[test]
fn a_key_that_does_not_sign_as_registered_refuses_the_start() {
    let rows: &[(Manner, &[&str])] = &[
        (
            Manner::AnotherKey,
            &["signing.seal.kms.key_id", "does not verify"],
        ),
        (
            Manner::Garbage,
            &["signing.seal.kms.key_id", "does not verify"],
        ),
        (
            Manner::Denied,
            &[
                "signing.seal.kms.key_id",
                "refused",
                "grant this daemon the right",
            ],
        ),
        (
            Manner::Throttled,
            &["signing.seal.kms.key_id", "too many requests"],
        ),
    ];
    for (manner, told) in rows {
        Site::usual(*manner).refuses(told);
    }
    let other = Site::new(Manner::Well, |approvers, _| {
        approvers.register("seal-1", Usage::Seal, &public(&ed25519()));
    });
    other.refuses(&["signing.seal.kms.key_id", "it is not the registered key"]);
}

#[test]
fn a_key_that_the_registry_does_not_let_seal_refuses_the_start() {
    let absent = Site::new(Manner::Well, |approvers, kms| {
        approvers.register("seal-2", Usage::Seal, kms.public_key());
    });
    absent.refuses(&[
        "signing.seal.kid = `seal-1`: not in the keyring",
        "`ledgerctl signers add`",
    ]);
    let candidate = Site::new(Manner::Well, |approvers, kms| {
        approvers.candidate("seal-1", Usage::Seal, kms.public_key());
    });
    candidate.refuses(&[
        "signing.seal.kid = `seal-1`: `candidate` in the keyring",
        "promoted",
    ]);
    let usage = Site::new(Manner::Well, |approvers, kms| {
        approvers.register("seal-1", Usage::Checkpoint, kms.public_key());
    });
    usage.refuses(&["signing.seal.kid = `seal-1`: registered for usage `checkpoint`"]);
    let mut algorithm = Site::usual(Manner::Well);
    algorithm.text = algorithm.text.replace("ed25519", "rsa-sha256");
    algorithm.refuses(&[
        "signing.seal.algorithm = `rsa-sha256`",
        "registered with `ed25519`",
    ]);
}

#[test]
fn others_must_find_the_key_in_their_list() {
    let mut site = Site::usual(Manner::Well);
    site.text = site
        .text
        .replace("anchor =", "kernel_signers = \"signers.json\"\nanchor =");
    assert_eq!(site.run(&[]).code, Some(1));
    let mut others = Approvers::make(3, 5);
    let signers = site.path().join("signers.json");
    std::fs::write(&signers, others.kernel_signers()).unwrap();
    site.refuses(&[
        "signing.kernel_signers",
        "`seal-1` is not listed",
        "publish it",
    ]);
    others.register("seal-1", Usage::Seal, &public(&ed25519()));
    std::fs::write(&signers, others.kernel_signers()).unwrap();
    site.refuses(&["signing.kernel_signers", "listed with another key"]);
}

#[test]
fn a_key_in_an_emergency_needs_an_approval_of_itself_that_lasts() {
    let key = ed25519();
    let mut site = Site::new(Manner::Denied, |approvers, kms| {
        approvers.register("seal-1", Usage::Seal, kms.public_key());
        approvers.candidate("emergency-1", Usage::Seal, &public(&key));
    });
    site.text += "[signing.emergency]\napproval = \"approval.json\"\nkid = \"emergency-1\"\n\
                  algorithm = \"ed25519\"\n";
    let pem = site.path().join("emergency.key");
    secret(&pem, &key.serialize_pem());
    let variable = [("AUDIT_SIGNING_PRIVATE_KEY_FILE", pem.to_str().unwrap())];
    let refuses = |environment: &[(&str, &str)], told: &str| {
        let ended = site.run(environment);
        assert_eq!(ended.code, Some(64), "{}", ended.complaint);
        assert!(
            ended.complaint.contains(told),
            "`{told}`: {}",
            ended.complaint
        );
    };
    refuses(&variable, "signing.emergency.approval");
    approve(
        &site,
        "emergency-1",
        &key,
        Duration::from_secs(600),
        Duration::from_secs(60),
    );
    let ended = site.run(&variable);
    assert_eq!(ended.code, Some(1), "{}", ended.complaint);
    assert!(
        ended
            .complaint
            .contains("emergency: `emergency-1` seals instead")
    );
    let required = [variable[0], ("REQUIRE_KMS", "true")];
    refuses(
        &required,
        "REQUIRE_KMS = `true`: `signing.emergency` is of kind `private key`",
    );

    approve(
        &site,
        "seal-1",
        &key,
        Duration::from_secs(600),
        Duration::from_secs(60),
    );
    refuses(&variable, "approves key `seal-1`, not this one");
    approve(
        &site,
        "emergency-1",
        &ed25519(),
        Duration::from_secs(600),
        Duration::from_secs(60),
    );
    refuses(&variable, "not this one");
    approve(
        &site,
        "emergency-1",
        &key,
        Duration::from_secs(600),
        Duration::ZERO,
    );
    refuses(&variable, "the emergency ended");
    let other = ed25519();
    secret(&pem, &other.serialize_pem());
    approve(
        &site,
        "emergency-1",
        &key,
        Duration::from_secs(600),
        Duration::from_secs(60),
    );
    refuses(&variable, "AUDIT_SIGNING_PRIVATE_KEY_FILE: ");
}

/// Writes an approval of `key` in an emergency that lasts for `lasts`.
fn approve(site: &Site, kid: &str, key: &KeyPair, request: Duration, lasts: Duration) {
    let content = Content::Emergency {
        expires_at: later(lasts),
        kid: Kid::new(kid).unwrap(),
        public_key: public(key).fingerprint(),
    };
    let approval = site.approvers.approve(content, request).encode().unwrap();
    std::fs::write(site.path().join("approval.json"), approval).unwrap();
    let entry = site
        .approvers
        .keyring()
        .key(&Kid::new("emergency-1").unwrap());
    assert_eq!(entry.unwrap().state, State::Candidate);
}
