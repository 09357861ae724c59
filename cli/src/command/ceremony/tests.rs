use std::fs;
use std::path::PathBuf;

use clap::Parser;
use secrecy::ExposeSecret;
use signing::LocalDev;
use verify::PublicKey;

use super::*;
use crate::args::Cli;
use crate::command;

/// A folder of keys, each with a private and a public file.
struct Table(tempfile::TempDir);

impl Table {
    fn new(keys: &[&str]) -> Self {
        let table = Self(tempfile::tempdir().unwrap());
        for key in keys {
            let private = LocalDev::generate().unwrap();
            let public = PublicKey::from_ed25519(&private.public_bytes()).unwrap();
            let pem = private.to_pkcs8_pem().unwrap();
            fs::write(table.path(&format!("{key}.key")), pem.expose_secret()).unwrap();
            fs::write(table.path(&format!("{key}.pem")), public.to_spki_pem()).unwrap();
        }
        table
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command line in which `@NAME` is a file of the folder.
    fn run(&self, line: &str) -> Result<Exit, Fault> {
        let folder = format!("{}/", self.0.path().display());
        let line = line.replace('@', &folder);
        let words = std::iter::once("ledgerctl").chain(line.split_whitespace());
        let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(command::run(&cli, None))
    }

    fn ok(&self, line: &str) {
        assert_eq!(self.run(line).unwrap(), Exit::Success, "{line}");
    }

    fn refused(&self, line: &str, words: &str) {
        let fault = self.run(line).unwrap_err();
        assert!(fault.to_string().contains(words), "{line}: {fault}");
        assert_eq!(fault.exit(), Exit::Refused, "{line}");
    }
}

const INIT: &str = "signers init --deployment bank --environment production --threshold 2 \
    --approver ann=approver-ann=@ann.pem --approver bob=approver-bob=@bob.pem \
    --approver cid=approver-cid=@cid.pem --with seal-1=seal=@seal.pem \
    --with checkpoint-1=checkpoint=@checkpoint.pem --out @first.json";

/// From keys alone to the file that a daemon begins with, each approver with a key of their own.
#[test]
fn a_deployment_gets_its_first_keyring() {
    let table = Table::new(&["ann", "bob", "cid", "seal", "checkpoint", "mallory"]);
    table.ok(INIT);
    table.ok("signers draft --keyring @first.json --by cid --out @asked.json");
    let assemble = "signers assemble --keyring @first.json --approval @asked.json --out @ring.json";
    let approve = "approve --yes --file @asked.json --keyring @first.json --approver-key";
    table.refused(assemble, "`0` approvers signed, it takes 2");
    table.refused(&format!("{approve} @mallory.key"), "that of no approver");
    table.refused(&format!("{approve} @cid.key"), "the requester");
    table.ok(&format!("{approve} @ann.key"));
    table.refused(&format!("{approve} @ann.key"), "signed already");
    table.refused(assemble, "`1` approvers signed, it takes 2");
    table.ok(&format!("{approve} @bob.key --kid approver-bob"));
    table.ok(assemble);
    let signed = SignedKeyring::decode(&fs::read(table.path("ring.json")).unwrap()).unwrap();
    assert!(signed.verify(signed.keyring.approvers()).is_ok());
    assert_eq!(signed.keyring.keys().count(), 2);
}

/// What is used where no daemon can sign is drafted and signed in files too.
#[test]
fn emergencies_and_recoveries_are_approved_in_files() {
    let table = Table::new(&["ann", "bob", "cid", "seal", "checkpoint", "spare"]);
    table.ok(INIT);
    let anchor = format!("17:{}", "ab".repeat(32));
    for line in [
        "emergency spare --public-key @spare.pem".to_owned(),
        format!("recover --anchor {anchor} --epoch 2"),
    ] {
        table.ok(&format!(
            "signers {line} --keyring @first.json --by cid --out @asked.json"
        ));
        for who in ["ann", "bob"] {
            let key = format!("--approver-key @{who}.key");
            table.ok(&format!(
                "approve --yes --file @asked.json --keyring @first.json {key}"
            ));
        }
        let approval = read(&table.path("asked.json")).unwrap();
        let keyring = trust::keyring(&table.path("first.json")).unwrap();
        let expected = expected(&keyring).unwrap();
        assert_eq!(approval.check(&expected), Ok(()));
        assert!(approval.request().content.keyring().is_none());
    }
}

/// What a request stands for must be clear from the keyring at hand before it is signed.
#[test]
fn a_request_about_another_keyring_is_not_signed() {
    let table = Table::new(&["ann", "bob", "cid", "seal", "checkpoint"]);
    table.ok(INIT);
    table.ok("signers draft --keyring @first.json --by cid --out @asked.json");
    table.ok(&INIT
        .replace("@first.json", "@other.json")
        .replace("seal-1", "seal-2"));
    let line = "approve --yes --file @asked.json --keyring @other.json --approver-key @ann.key";
    table.refused(line, "another keyring than that of now");
}
