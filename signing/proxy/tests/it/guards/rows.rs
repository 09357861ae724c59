//! The table: part of the configuration as it should be, what stands in its place, and parts of
//! what the binary says. Nothing said means that it would run.

/// A row of the table.
pub(super) type Row = (&'static str, &'static str, &'static [&'static str]);

const TLS: &str = "[tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n";
const CA: &str = "[client_ca]\nfile = \"clients.pem\"\n";
const URI: &str = r#"uri = "spiffe://bank.test/ledger""#;
const KEY: &str =
    r#"api_key_sha256 = "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c""#;
const KMS: &str =
    r#"kms = { key_id = "alias/seal", region = "eu-central-1", endpoint = "http://127.0.0.1:1" }"#;
const EPOCH: &str = "epoch = 1\n";
/// What is added stands before this section.
const HERE: &str = "[state]";

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // Development has no way into production.
    (KMS, r#"local = { file = "seal-1.key" }"#,
        &["key[0].local: made for development", "hold the key in KMS or in a PKCS#11 token"]),
    ("\"server.", "\"marked.", &["tls.certificate: made for development"]),
    ("server.key", "commented.key", &["tls.key: made for development"]),
    (TLS, "", &["tls: missing", "HTTPS alone", "add `[tls]`"]),
    (r#"deployment = "bank""#, r#"deployment = "*""#,
        &["origin[0].deployment = `*`", "only development may sign"]),
    (EPOCH, "", &["origin[0].epoch: missing", "it is 1 until a recovery"]),
    // In development most of that is fine, on this machine.
    ("\"production\"\n\n[listen]", "\"development\"\n\n[listen]", &[]),
    ("\"production\"\n\n[listen]\naddress = \"127.0.0.1:0\"",
        "\"development\"\n\n[listen]\naddress = \"0.0.0.0:0\"",
        &["listen.address = `0.0.0.0:0`: profile `development` is for this machine alone"]),
    ("\"production\"\n\n[listen]", "\"staging\"\n\n[listen]",
        &[r#"profile = `"staging"`: unknown variant"#]),
    // Certificates and authorities.
    ("server.key", "exposed.key", &["tls.key", "mode `0644`", "run `chmod 600"]),
    ("server.key", "other.key", &["tls.key", "does not fit the certificate"]),
    ("server.key", "missing.key", &["tls.key", "cannot be read"]),
    ("\"server.", "\"ended.", &["tls.certificate", "has expired"]),
    ("clients.pem", "server.pem", &["client_ca.file", "is not one of an authority"]),
    ("clients.pem", "text.pub", &["client_ca.file", "holds no certificate"]),
    (CA, "[client_ca]\nfile = \"clients.pem\"\ncrl = \"clients.pem\"\n",
        &["client_ca.crl", "holds no revocation list"]),
    (CA, "", &["client[0].uri: a certificate is asked for, and no authority vouches for any"]),
    // Clients.
    (URI, "", &["client[0] = `ledger`: needs exactly one proof of who it is"]),
    (URI, "uri = \"spiffe://bank.test/ledger\"\nfingerprint = \"ab\"",
        &["client[0] = `ledger`: needs exactly"]),
    (URI, r#"uri = "https://bank.test""#,
        &["client[0].uri = `https://bank.test`: not a SPIFFE ID"]),
    (URI, r#"uri = "spiffe://bank.test""#, &["client[0].uri", "not a SPIFFE ID"]),
    (URI, r#"fingerprint = "abc""#, &["client[0].fingerprint = `abc`: not a fingerprint"]),
    (KEY, "uri = \"spiffe://bank.test/ledger\"",
        &["client[1].uri: is the same as that of another"]),
    (KEY, r#"api_key_sha256_file = "digest""#, &[]),
    (KEY, r#"api_key_sha256_file = "missing""#,
        &["client[1].api_key_sha256_file", "cannot be read"]),
    (KEY, r#"api_key_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#,
        &["client[1].api_key_sha256: is the SHA-256 of nothing"]),
    (r#""kernel""#, r#""ledger""#, &["client[1].name = `ledger`: is used before"]),
    (r#""kernel""#, r#""Kernel 1""#, &["client[1].name = `Kernel 1`: not a name"]),
    (r#""signer""#, r#""root""#,
        &["client[0].role = `root`: unknown role", "`signer` or `reader`"]),
    // Chains and exceptions.
    (r#"deployment = "bank""#, r#"deployment = "The Bank""#,
        &["origin[0].deployment = `The Bank`: not a name"]),
    (HERE, r#"[[origin]]
deployment = "bank"
environment = "production"
epoch = 2
[state]"#,
        &["origin[1] = `bank/production`: is named before"]),
    (HERE, r#"[[exception]]
deployment = "bank"
environment = "production"
epoch = 1
seq = 4
digest_hex = "00"
reason = " "
[state]"#,
        &["exception[0].digest_hex = `00`: not a digest", "exception[0].reason"]),
    // Keys.
    (KMS, "", &["key[0] = `seal-1`: needs exactly one place where it is held"]),
    (KMS, r#"kms = { key_id = "" }"#, &["key[0].kms.key_id = ``: names no key"]),
    (KMS, r#"pkcs11 = { module = "m.so", token = "t", label = "l", pin_file = "pin" }"#, &[]),
    (KMS, r#"pkcs11 = { module = "m.so", token = "t", label = "l", pin_file = "open-pin" }"#,
        &["key[0].pkcs11.pin_file", "run `chmod 600"]),
    (KMS, r#"pkcs11 = { module = "m.so", token = "", label = "l", pin_file = "pin" }"#,
        &["key[0].pkcs11.token = ``: names nothing"]),
    ("usage = \"seal\"", "usage = \"all\"", &["key[0].usage = `all`: unknown usage"]),
    (r#""ed25519""#, r#""rsa-sha256""#,
        &["key[0].algorithm = `rsa-sha256`: the public key is one of `ed25519`"]),
    (r#""ed25519""#, r#""hmac-sha256""#,
        &["key[0].algorithm = `hmac-sha256`: proves nothing to others"]),
    (r#""ed25519""#, r#""dsa""#, &["key[0].algorithm = `dsa`: unknown algorithm"]),
    ("seal-1.pub", "text.pub", &["key[0].public_key", "not one pem block"]),
    ("seal-1.pub", "missing.pub", &["key[0].public_key", "cannot be read"]),
    ("2025-11-01T00:00:00Z", "yesterday", &["key[0].deployed_at = `yesterday`: not a time"]),
    ("\"seal-1\"", "\"seal 1\"", &["key[0].kid = `seal 1`"]),
    (HERE, r#"[[key]]
kid = "seal-1"
usage = "seal"
algorithm = "ed25519"
public_key = "seal-2.pub"
deployed_at = "2025-11-01T00:00:00Z"
kms = { key_id = "x" }
[state]"#,
        &["key[1].kid = `seal-1`: is used before"]),
    (HERE, r#"[[key]]
kid = "note"
usage = "checkpoint"
algorithm = "ed25519"
public_key = "seal-1.pub"
deployed_at = "2025-11-01T00:00:00Z"
kms = { key_id = "x" }
[state]"#,
        &["key[1].public_key = `note`: is that of a key before"]),
    // The shape of the file, and values.
    (HERE, "[other]\n[state]", &["unknown field `other`"]),
    ("[state]", "[state", &["is not TOML"]),
    ("127.0.0.1:0", "localhost:8443", &["listen.address = `localhost:8443`: not an address"]),
    (r#"directory = "state""#, r#"directory = """#, &["state.directory = ``: names nothing"]),
    (r#""audit.jsonl""#, r#""""#, &["audit.file = ``: names nothing"]),
    (HERE, "[limits]\nconnections = 0\n[state]", &["limits.connections = `0`: out of range"]),
    (HERE, "[limits]\nburst = 1000000\n[state]", &["limits.burst = `1000000`: out of range"]),
    (HERE, "[limits]\nbody_seconds = -1\n[state]", &["limits.body_seconds = `-1`"]),
];
