use std::fs;

use clap::Parser;

use super::*;
use crate::args::Cli;

fn global(options: &str) -> Global {
    let words = ["ledgerctl"].into_iter().chain(options.split_whitespace());
    Cli::try_parse_from(words.chain(["hello"])).unwrap().global
}

/// What `ledgerd dev` writes.
fn keys() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["demo-admin", "operator"] {
        let text = format!(
            "# Written by `ledgerd dev`: how `{name}` connects.\naddress = \"127.0.0.1:7301\"\n\
             server_name = \"localhost\"\nca = \"ca.pem\"\ncertificate = \"{name}.pem\"\n\
             key = \"{name}.key\"\n"
        );
        fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
        fs::write(folder.path().join(format!("{name}.pem")), "").unwrap();
    }
    fs::write(
        folder.path().join("ledgerd.toml"),
        "profile = \"development\"",
    )
    .unwrap();
    folder
}

#[test]
fn a_folder_holds_a_profile_for_each_identity() {
    let keys = keys();
    let folder = keys.path().display();
    let find = |options: &str| Profile::find(&global(options), None);
    let profile = find(&format!("--profile {folder}")).unwrap();
    assert_eq!(profile.address, "127.0.0.1:7301");
    assert_eq!(profile.server_name, "localhost");
    assert_eq!(profile.ca, keys.path().join("ca.pem"));
    assert_eq!(profile.key, keys.path().join("demo-admin.key"));

    let profile = find(&format!(
        "--profile {folder} --as operator --connect [::1]:9"
    ))
    .unwrap();
    assert_eq!(profile.certificate, keys.path().join("operator.pem"));
    assert_eq!(profile.address, "[::1]:9");

    let file = find(&format!("--profile {folder}/operator.toml")).unwrap();
    assert_eq!(file.certificate, profile.certificate);

    let error = find(&format!("--profile {folder} --as nobody"))
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("`--as` takes one of: demo-admin, operator"),
        "{error}"
    );
    let beside = find(&format!("--profile {folder}/operator.toml --as demo-admin")).unwrap();
    assert_eq!(beside.certificate, keys.path().join("demo-admin.pem"));
}

#[test]
fn a_developer_needs_no_option() {
    let home = tempfile::tempdir().unwrap();
    let keys = home.path().join("ledgerd/dev/keys");
    fs::create_dir_all(&keys).unwrap();
    fs::write(
        keys.join("demo-admin.toml"),
        "address = \"localhost:1\"\nca = \"a\"\n",
    )
    .unwrap();
    let options = global("--cert c --key k");
    let profile = Profile::find(&options, Some(home.path())).unwrap();
    assert_eq!(profile.server_name, "localhost");
    assert_eq!(profile.ca, keys.join("a"));
    assert_eq!(profile.certificate, Path::new("c"));
}

#[test]
fn what_is_missing_is_named() {
    let profile = global("--connect h:1 --ca a --cert c --key k");
    let profile = Profile::find(&profile, None).unwrap();
    assert_eq!(
        (profile.address.as_str(), profile.server_name.as_str()),
        ("h:1", "h")
    );
    assert_eq!(host("[::1]:7301"), "::1");
    for (options, missing) in [("", "--connect"), ("--connect h:1", "--ca")] {
        let error = Profile::find(&global(options), None).unwrap_err();
        assert!(matches!(error, ProfileError::Missing(name) if name == missing));
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "adress = 1").unwrap();
    let options = format!("--profile {}", file.path().display());
    let error = Profile::find(&global(&options), None)
        .unwrap_err()
        .to_string();
    assert!(error.contains("unknown field `adress`"), "{error}");
}
