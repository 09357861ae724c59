//! Seeds of rows, keyrings and approvals: the vectors of the verifier, and parts of them.

use std::fs;

use fuzz_bodies::audit::kind;
use verify::SignedKeyring;
use verify::keyring::SignersJson;
use verify::row::Lines;

use crate::{root, write};

pub(crate) fn write_all() {
    let read = |name| fs::read(root().join("verify/vectors").join(name)).unwrap();
    let (keyring, rows) = (read("keyring.json"), read("rows.jsonl"));
    seed("rows", "rows", &rows);
    seed("signed", "signed", &keyring);
    seed("chain", "chain", &[&keyring[..], &rows].concat());
    for row in Lines(&rows) {
        let row = row.unwrap();
        let kind = row.payload().content.kind();
        seed("payload", &format!("payload-{kind}"), row.canonical());
    }
    seed("manifest", "manifest", &read("manifest.json"));
    seed("record", "record", &read("policy-record.json"));
    let signed = SignedKeyring::decode(&keyring).unwrap();
    seed("approval", "approval", &signed.approval.encode().unwrap());
    seed("request", "request", &signed.approval.request().encode());
    let signers = SignersJson::export(&signed.keyring);
    seed("signers", "signers", &signers.encode().unwrap());
    let key = &signed.keyring.keys().next().unwrap().public_key;
    seed("key", "key-der", &key.to_spki_der());
    seed("key", "key-pem", key.to_spki_pem().as_bytes());
    let text = r#" {"b": [1, -2, true, null], "a": "\u00e4\ud83d\ude00\n\\\""} "#;
    seed("json", "json", text.as_bytes());
}

fn seed(what: &str, name: &str, bytes: &[u8]) {
    write("audit", name, &[&[kind(what).unwrap()], bytes].concat());
}
