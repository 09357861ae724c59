//! `dev`: everything that is needed is made on the way.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use serde_json::json;

use crate::daemon::{command, end};
use crate::harness::As;
use crate::harness::client::Client;
use crate::harness::process::Proxy;
use crate::harness::rows::chain;

fn start(data: &Path, more: &[&str]) -> Proxy {
    let mut dev = command(&["dev", "--listen", "127.0.0.1:0", "--data"]);
    dev.arg(data).args(more);
    Proxy::start(dev, &data.with_extension("log"))
}

#[tokio::test]
async fn mutual_tls_and_the_api_key_both_work_and_last() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("proxy");
    let rows = chain("dev-seal", 2);
    let mut key = String::new();
    for row in &rows {
        let proxy = start(&data, &["--tls"]);
        let client = Client::new(&data, "ca.pem", proxy.address(), As::Certificate("client"));
        let answer = client.post("/sign/seal", &row.body()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let now = fs::read_to_string(data.join("api-key")).unwrap();
        assert!(key.is_empty() || key == now);
        key = now;
        proxy.kill();
    }
    for name in ["api-key", "dev-seal.key", "client.key", "server.key"] {
        let mode = fs::metadata(data.join(name)).unwrap().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
}

#[tokio::test]
async fn plain_http_is_for_this_machine_and_takes_the_api_key() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("proxy");
    let proxy = start(&data, &["--origin", "bank/test"]);
    let key = fs::read_to_string(data.join("api-key")).unwrap();
    let rows = chain("dev-seal", 1);
    let client = Client::plain(proxy.address(), &key);
    assert_eq!(client.post("/sign/seal", &rows[0].body()).await.status, 200);
    let stranger = Client::plain(proxy.address(), "another");
    assert_eq!(stranger.get("/health").await.status, 403);
    let body = json!({ "canonical": rows[0].canonical.replace("bank", "tank"), "prev_hex": null });
    assert_eq!(client.post("/sign/seal", &body).await.status, 403);
}

#[test]
fn it_is_for_developers_alone() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("proxy");
    let data = data.to_str().unwrap();
    fs::create_dir(place.path().join("open")).unwrap();
    let open = place.path().join("open");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    let repository = place.path().join("repository");
    fs::create_dir_all(repository.join(".git")).unwrap();
    let inside = repository.join("keys");
    let (open, inside) = (open.to_str().unwrap(), inside.to_str().unwrap());
    let table: [(&[&str], &str, &str); 5] = [
        (&["--data", data], "production", "NODE_ENV"),
        (
            &["--data", data, "--listen", "0.0.0.0:0"],
            "",
            "`0.0.0.0:0`",
        ),
        (
            &["--data", data, "--origin", "bank"],
            "",
            "`bank` is not a chain",
        ),
        (&["--data", open], "", "mode `0755`"),
        (&["--data", inside], "", "could be committed"),
    ];
    for (arguments, node_env, told) in table {
        let mut dev = command(&["dev"]);
        dev.args(arguments).env("NODE_ENV", node_env);
        let ended = end(dev);
        assert_eq!(ended.code, Some(64), "{arguments:?}: {}", ended.complaint);
        assert!(ended.complaint.contains(told), "{}", ended.complaint);
    }
}

#[test]
fn production_refuses_what_it_made() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("proxy");
    start(&data, &["--tls"]).kill();
    let file = data.join("proxy.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("profile = \"development\"\n", "")).unwrap();
    let ended = crate::daemon::check(&file);
    assert_eq!(ended.code, Some(64));
    for told in [
        "tls.key: made for development",
        "key[0].local: made for development",
        "origin[0].deployment = `*`",
        "origin[0].epoch: missing",
    ] {
        assert!(
            ended.complaint.contains(told),
            "`{told}` is not told: {}",
            ended.complaint
        );
    }
}
