//! A token of SoftHSM2 in a folder of its own.
//!
//! SoftHSM reads where its tokens are from a variable of the environment, which a test cannot set
//! for itself: it runs itself again, with the variable set.

use std::path::PathBuf;
use std::process::Command;

use secrecy::SecretString;
use signing::{KeyName, Patience, Pkcs11Config};

use crate::tool;

const VARIABLE: &str = "SOFTHSM2_CONF";
/// Says that the token is there.
const INSIDE: &str = "LEDGERD_TEST_TOKEN_IS_THERE";
const PIN: &str = "1234";

/// Runs `body` with a token of its own: in a second process of this same test, called `name`.
pub(crate) fn inside(name: &str, body: impl Future<Output = ()>) {
    if std::env::var_os(INSIDE).is_some() {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.enable_all().build().unwrap().block_on(body);
    } else {
        rerun(name);
    }
}

fn rerun(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let conf = folder.path().join("softhsm2.conf");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    std::fs::write(&conf, text).unwrap();
    let init = [
        "--init-token",
        "--free",
        "--label",
        "ledgerd",
        "--so-pin",
        "5678",
        "--pin",
        PIN,
    ];
    let mut command = Command::new(tool::system("softhsm2-util"));
    let (is_made, text) = tool::run(command.args(init).env(VARIABLE, &conf));
    assert!(is_made, "{text}");

    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", name, "--nocapture"]);
    let (has_passed, text) = tool::run(again.env(VARIABLE, &conf).env(INSIDE, "1"));
    assert!(has_passed && text.contains("1 passed"), "{text}");
}

pub(crate) fn module() -> PathBuf {
    tool::library(&[
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    ])
}

pub(crate) fn config(label: &str) -> Pkcs11Config {
    Pkcs11Config {
        module: module(),
        token: "ledgerd".into(),
        key: KeyName {
            label: Some(label.into()),
            id: None,
        },
        pin: SecretString::from(PIN),
        sessions: 4,
        patience: Patience::default(),
    }
}
