//! What must sign before a port is open, one row each: the key, the registry, and the way to it.

use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::KeyPair;
use verify::approval::Content;
use verify::{Kid, Usage};

use super::variables::credentials;
use super::{GOOD, Place};
use crate::daemon::{Ended, check, command, end};
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
    Daemon::start(run, &site.path().join("log")).kill();
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
fn a_check_foresees_what_the_registry_refuses() {
    let site = Site::new(Manner::Well, |approvers, kms| {
        approvers.candidate("seal-1", Usage::Seal, kms.public_key());
    });
    let ended = check(&site.place.write(&site.text));
    assert_eq!(ended.code, Some(0), "{}", ended.complaint);
    let told = "unless the chain has a newer keyring: signing.seal.kid = `seal-1`: `candidate`";
    assert!(ended.complaint.contains(told), "{}", ended.complaint);
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
    fs::write(&signers, others.kernel_signers()).unwrap();
    site.refuses(&[
        "signing.kernel_signers",
        "`seal-1` is not listed",
        "publish it",
    ]);
    others.register("seal-1", Usage::Seal, &public(&ed25519()));
    fs::write(&signers, others.kernel_signers()).unwrap();
    site.refuses(&["signing.kernel_signers", "listed with another key"]);
}

/// A place with a private key for an emergency in a file.
struct Emergency {
    site: Site,
    key: KeyPair,
    file: PathBuf,
}

impl Emergency {
    fn new() -> Self {
        let mut site = Site::usual(Manner::Denied);
        site.text += "[signing.emergency]\napproval = \"approval.json\"\nkid = \"emergency-1\"\n\
                      algorithm = \"ed25519\"\n";
        let (key, file) = (ed25519(), site.path().join("emergency.key"));
        secret(&file, &key.serialize_pem());
        Self { site, key, file }
    }

    fn run(&self, more: &[(&str, &str)]) -> Ended {
        let mut environment = vec![(
            "AUDIT_SIGNING_PRIVATE_KEY_FILE",
            self.file.to_str().unwrap(),
        )];
        environment.extend(more);
        self.site.run(&environment)
    }

    fn refuses(&self, more: &[(&str, &str)], told: &str) {
        let ended = self.run(more);
        assert_eq!(ended.code, Some(64), "{}", ended.complaint);
        assert!(
            ended.complaint.contains(told),
            "`{told}`: {}",
            ended.complaint
        );
    }

    /// Writes an approval of `key` in an emergency that lasts for so many seconds.
    fn approve(&self, kid: &str, key: &KeyPair, lasts: u64) {
        let content = Content::Emergency {
            expires_at: later(Duration::from_secs(lasts)),
            kid: Kid::new(kid).unwrap(),
            public_key: public(key).fingerprint(),
        };
        let approval = self
            .site
            .approvers
            .approve(content, Duration::from_secs(600));
        let file = self.site.path().join("approval.json");
        fs::write(file, approval.encode().unwrap()).unwrap();
    }
}

#[test]
fn a_key_in_an_emergency_needs_an_approval_of_itself_that_lasts() {
    let mut place = Emergency::new();
    place.refuses(&[], "signing.emergency.approval");
    place.approve("seal-1", &place.key, 60);
    place.refuses(&[], "the approval is for key `seal-1`");
    place.approve("emergency-1", &ed25519(), 60);
    place.refuses(&[], "the approval is for the public key");
    place.approve("emergency-1", &place.key, 0);
    place.refuses(&[], "it expired at");
    let promote = Content::Promote {
        keyring: place.site.approvers.keyring().digest(),
        kid: Kid::new("emergency-1").unwrap(),
        serial: 1,
    };
    let approval = place
        .site
        .approvers
        .approve(promote, Duration::from_secs(60));
    let file = place.site.path().join("approval.json");
    fs::write(&file, approval.encode().unwrap()).unwrap();
    place.refuses(&[], "the approval is for `promote`");

    place.approve("emergency-1", &place.key, 60);
    let ended = place.run(&[]);
    assert_eq!(ended.code, Some(1), "{}", ended.complaint);
    assert!(
        ended
            .complaint
            .contains("emergency: `emergency-1` seals instead")
    );
    // The chain knows it by now, and the approval was carried out.
    let ended = place.run(&[]);
    assert_eq!(ended.code, Some(1), "{}", ended.complaint);
    place.refuses(
        &[("REQUIRE_KMS", "true")],
        "REQUIRE_KMS = `true`: `signing.emergency` is of kind `private key`",
    );
    place.site.text = place.site.text.replace("emergency-1", "seal-1");
    place.refuses(&[], "signing.emergency.kid = `seal-1`");
}

#[test]
fn a_key_of_development_seals_in_no_emergency() {
    let place = Emergency::new();
    place.approve("emergency-1", &place.key, 60);
    let marked = format!(
        "# ledgerd development key, not for production\n{}",
        place.key.serialize_pem()
    );
    secret(&place.file, &marked);
    place.refuses(
        &[],
        "AUDIT_SIGNING_PRIVATE_KEY_FILE: made for development and not accepted",
    );
}

#[test]
fn a_key_of_kms_in_an_emergency_is_named_with_its_public_half() {
    let kms = Kms::start(Manner::Well);
    let mut place = Emergency::new();
    let text = place.site.text.clone();
    place.site.text += &format!(
        "kms = {{ key_id = \"x\", region = \"eu-central-1\", endpoint = \"{}\" }}\n",
        kms.endpoint()
    );
    let refused = |site: &Site, told: &str| {
        let ended = site.run(&[]);
        assert_eq!(ended.code, Some(64), "{}", ended.complaint);
        assert!(ended.complaint.contains(told), "{}", ended.complaint);
    };
    place.approve("emergency-1", &place.key, 60);
    refused(&place.site, "signing.emergency.public_key: missing");
    place.refuses(
        &[],
        "AUDIT_SIGNING_PRIVATE_KEY_FILE: contradicts `signing.emergency`",
    );
    place.site.text += "public_key = \"emergency.pem\"\n";
    let file = place.site.path().join("emergency.pem");
    fs::write(&file, kms.public_key().to_spki_pem()).unwrap();
    refused(&place.site, "the approval is for the public key");

    let content = Content::Emergency {
        expires_at: later(Duration::from_secs(60)),
        kid: Kid::new("emergency-1").unwrap(),
        public_key: kms.public_key().fingerprint(),
    };
    let approvers = &place.site.approvers;
    let approval = approvers.approve(content, Duration::from_secs(600));
    let file = place.site.path().join("approval.json");
    fs::write(file, approval.encode().unwrap()).unwrap();
    let ended = place.site.run(&[("REQUIRE_KMS", "true")]);
    assert_eq!(ended.code, Some(1), "{}", ended.complaint);
    place.site.text = text;
    refused(&place.site, "signing.emergency: names no key");
}
