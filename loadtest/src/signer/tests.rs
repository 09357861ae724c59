use super::*;

#[test]
fn settings_are_read_as_the_proxy_reads_them() {
    for (text, is_read) in [
        ("50ms±20ms", true),
        ("50ms+-20ms", true),
        ("2s", true),
        ("50", false),
        ("700s", false),
        ("-1ms", false),
        ("", false),
    ] {
        assert_eq!(text.parse::<Latency>().is_ok(), is_read, "{text}");
    }
    for (text, is_read) in [
        ("0", true),
        ("0.05", true),
        ("1", true),
        ("1.5", false),
        ("NaN", false),
    ] {
        assert_eq!(text.parse::<Share>().is_ok(), is_read, "{text}");
    }
    let outage = "30s@1500ms".parse::<Outage>().unwrap();
    assert_eq!(outage.lasts, Duration::from_secs(30));
    assert_eq!(outage.after, Duration::from_millis(1_500));
    for text in ["30s", "30s@", "@20s", "30@20"] {
        let error = text.parse::<Outage>().unwrap_err();
        assert!(error.to_string().contains("30s@20s"), "{error}");
    }
}

#[test]
fn faults_ask_for_a_proxy() {
    let none = SignerArguments::default();
    assert!(none.sealing(false).unwrap().is_dev());
    assert!(none.sealing(true).unwrap().proxy.is_some());
    let slow = SignerArguments {
        signer_latency: Some("50ms±20ms".parse().unwrap()),
        signer_errors: Some("0.05".parse().unwrap()),
        ..SignerArguments::default()
    };
    let sealing = slow.sealing(false).unwrap();
    assert_eq!(
        sealing.to_string(),
        "signing proxy, latency=50ms±20ms, error=0.05"
    );
    assert_eq!(sealing.instant().to_string(), "signing proxy");
    let contrary = SignerArguments {
        signer: Some(Where::Dev),
        ..slow
    };
    assert!(contrary.sealing(false).is_err());
}

#[test]
fn a_keyring_of_ours_is_one_that_verifiers_take() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["seal", "checkpoint", "bundle"] {
        let key = keys::new_key().unwrap();
        let pem = keys::public_key(&key).unwrap().to_spki_pem();
        std::fs::write(folder.path().join(format!("dev-{name}.pub")), pem).unwrap();
    }
    let file = folder.path().join("keyring.json");
    write_keyring(folder.path(), &file).unwrap();
    let keyring = read_keyring(&file).unwrap();
    let seal = keyring.active(verify::Usage::Seal).next().unwrap();
    assert_eq!(seal.kid.as_str(), "dev-seal");
    assert_eq!(keyring.active(verify::Usage::Checkpoint).count(), 1);
    std::fs::write(&file, b"{}").unwrap();
    assert!(read_keyring(&file).is_err());
}

#[test]
fn the_configuration_of_dev_is_changed_where_it_must_be() {
    let text = "profile = \"development\"\n[listen]\naddress = \"127.0.0.1:0\"\n\
                [journal]\nkind = \"embedded\"\ndirectory = '/old/journal'\n\
                [signing]\ndeployment = \"dev\"\nenvironment = \"development\"\n\
                keyring = \"keyring.json\"\napprovers = \"approvers.json\"\n\
                anchor = { directory = '/old/anchor' }\n\
                [signing.seal]\nkid = \"dev-seal-1\"\nlocal = { key = \"seal.pk8\" }\n";
    let place = configuration::Wanted {
        address: "127.0.0.1:7".parse().unwrap(),
        data: std::path::Path::new("/new"),
        proxy: None,
    };
    let read = |sealing: &Sealing, wanted: &configuration::Wanted<'_>| {
        let changed = configuration::changed(text, sealing, wanted).unwrap();
        changed.parse::<toml::Table>().unwrap()
    };
    let off = read(&Sealing::OFF, &place);
    assert!(!off.contains_key("signing"));
    assert_eq!(off["listen"]["address"].as_str(), Some("127.0.0.1:7"));
    assert_eq!(off["journal"]["directory"].as_str(), Some("/new/journal"));
    let narrow = Sealing {
        max_unsealed: Some(1_000),
        ..Sealing::DEV
    };
    let narrow = read(&narrow, &place);
    let signing = &narrow["signing"];
    assert_eq!(signing["max_unsealed_transfers"].as_integer(), Some(1_000));
    assert_eq!(signing["seal"]["kid"].as_str(), Some("dev-seal-1"));
    let proxied = Sealing {
        proxy: Some(ProxyPlan::default()),
        ..Sealing::DEV
    };
    let at = configuration::ProxyPlace {
        url: "https://127.0.0.1:8443",
        folder: std::path::Path::new("/proxy"),
        keyring: std::path::Path::new("/proxy/keyring.json"),
    };
    let with = configuration::Wanted {
        proxy: Some(at),
        ..place
    };
    let proxied = read(&proxied, &with);
    let signing = &proxied["signing"];
    assert_eq!(signing["seal"]["kid"].as_str(), Some("dev-seal"));
    assert!(signing["seal"].get("local").is_none());
    for usage in ["seal", "checkpoint", "bundle"] {
        let url = signing[usage]["proxy"]["url"].as_str();
        assert_eq!(url, Some("https://127.0.0.1:8443"), "{usage}");
    }
    assert_eq!(signing["anchor"]["directory"].as_str(), Some("/new/anchor"));
}
