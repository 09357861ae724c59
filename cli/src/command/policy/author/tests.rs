use std::fs;
use std::path::PathBuf;

use clap::Parser;
use ledger::Digest;
use plugins_host::shipped;
use secrecy::ExposeSecret;
use signing::LocalDev;
use verify::policy::SignedManifest;
use verify::{Name, PublicKey};

use crate::args::Cli;
use crate::command;
use crate::exit::Exit;
use crate::fault::Fault;

const CONFIG: &str = r#"{"amounts": [{"max": "100"}]}"#;
const CASES: &str = r#"[
    {
        "name": "no more than a hundred",
        "batch": [
            {"debit": 1, "credit": 2, "amount": 100},
            {"debit": 1, "credit": 2, "amount": 101}
        ],
        "expect": {"allow_except": [{"index": 1, "rule": "amount-too-large"}]}
    }
]"#;

/// The folder of a policy, with a component that comes along.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let toml = "name = \"ceiling\"\ncomponent = \"policy.wasm\"\nconfig = \"config.json\"\n\
                    cases = \"cases.json\"\n";
        folder.write("policy.toml", toml.as_bytes());
        folder.write("policy.wasm", shipped::LIMITS.component);
        folder.write("config.json", CONFIG.as_bytes());
        folder.write("cases.json", CASES.as_bytes());
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Runs a command line in which `@` stands for the folder.
    fn run(&self, line: &str) -> Result<Exit, Fault> {
        let line = line.replace('@', &self.0.path().display().to_string());
        let words = line
            .split('"')
            .enumerate()
            .flat_map(|(at, part)| match at % 2 {
                0 => part.split_whitespace().collect::<Vec<_>>(),
                _ => vec![part],
            });
        let words = ["ledgerctl", "policy"].into_iter().chain(words);
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

    fn fails(&self, line: &str, exit: Exit, words: &str) {
        let fault = self.run(line).unwrap_err();
        assert!(fault.to_string().contains(words), "{line}: {fault}");
        assert_eq!(fault.exit(), exit, "{line}: {fault}");
    }
}

#[test]
fn a_policy_is_checked_tested_measured_and_explained() {
    let folder = Folder::new();
    folder.ok("check @");
    folder.ok("test @");
    folder.ok("bench @ --calls 2");
    folder.ok("explain \"no more than a hundred\" @");
    folder.fails(
        "explain another @",
        Exit::Usage,
        "there are: `no more than a hundred`",
    );

    folder.write("cases.json", CASES.replace("101", "99").as_bytes());
    assert_eq!(folder.run("test @").unwrap(), Exit::Refused);
    folder.write("cases.json", b"[{}]");
    folder.fails("test @", Exit::Usage, "missing field `name`");
}

/// An author reads the same words as who runs the daemon.
#[test]
fn what_a_daemon_would_refuse_is_refused() {
    let folder = Folder::new();
    folder.write("config.json", br#"{"amount": []}"#);
    folder.fails("check @", Exit::Refused, "configuration not taken");
    folder.write("policy.wasm", b"\0asm\x01\0\0\0");
    folder.fails(
        "check @",
        Exit::Refused,
        "a core module and not a component",
    );
    folder.write("policy.wasm", &shipped::LIMITS.component[..10_000]);
    folder.fails("check @", Exit::Refused, "malformed");
    folder.write("policy.wasm", &vec![0; (24 << 20) + 1]);
    folder.fails(
        "check @",
        Exit::Refused,
        "the component has `25165825` bytes",
    );
    fs::remove_file(folder.path("policy.wasm")).unwrap();
    folder.fails("check @", Exit::Usage, "build the policy first");
    folder.write("policy.toml", b"name = \"Ceiling\"");
    folder.fails("check @", Exit::Usage, "policy.toml`: missing field");
    fs::remove_file(folder.path("policy.toml")).unwrap();
    folder.fails("check @", Exit::Usage, "has no `policy.toml`");
}

#[test]
fn a_manifest_is_signed_of_what_passes() {
    let folder = Folder::new();
    let key = LocalDev::generate().unwrap();
    folder.write(
        "policy.key",
        key.to_pkcs8_pem().unwrap().expose_secret().as_bytes(),
    );
    let line = "sign @ --tenant acme --deployment bank --environment test --kid policy-1 \
                --policy-key @/policy.key";
    folder.ok(line);
    let signed = SignedManifest::decode(&fs::read(folder.path("manifest.json")).unwrap()).unwrap();
    let manifest = &signed.manifest;
    assert_eq!(manifest.component, Digest::of(shipped::LIMITS.component));
    assert_eq!(
        (manifest.config.as_str(), manifest.cases.as_str()),
        (CONFIG, CASES)
    );
    assert_eq!(manifest.tenant, Some(Name::new("acme").unwrap()));
    assert_eq!(manifest.limits.memory_bytes, 16 << 20);
    let public = PublicKey::from_ed25519(&key.public_bytes()).unwrap();
    assert!(
        public
            .verify_digest(&manifest.digest(), &signed.signature)
            .is_ok()
    );

    folder.write("cases.json", CASES.replace("101", "99").as_bytes());
    folder.fails(line, Exit::Refused, "1 of 1 cases failed");
}

#[test]
fn a_policy_is_begun_in_an_empty_folder_alone() {
    let folder = Folder::new();
    for language in ["rust", "js", "python"] {
        folder.ok(&format!("new @/new-{language} --lang {language}"));
        let line = format!("check @/new-{language}");
        folder.fails(&line, Exit::Usage, "build the policy first");
    }
    folder.fails("new @/new-js --lang js", Exit::Usage, "is there already");
    folder.fails(
        "new @ --lang js",
        Exit::Usage,
        "cannot be the name of a policy",
    );
}
