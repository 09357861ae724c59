//! The table: part of the configuration as it should be, what stands in its place, and parts of
//! what the binary says. Nothing said means that it would run.

/// A row of the table.
pub(super) type Row = (&'static str, &'static str, &'static [&'static str]);

const AUTHORITY: &str = "[[client_ca]]";
/// What is added stands before this section.
const HERE: &str = "[journal]";
const ROLES: &str = r#"["read", "write"]"#;
const TENANTS: &str = r#"["acme"]"#;
const DOMAIN: &str = r#"trust_domain = "bank.test""#;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // Development has no way into production.
    (r#"file = "bank.pem""#, r#"file = "dev/ca.pem""#,
        &["client_ca[0].file: made for development", "use what your own authority issued"]),
    ("server.", "dev/server.", &["tls.key: made for development"]),
    (DOMAIN, r#"trust_domain = "dev.ledgerd.invalid""#,
        &["client_ca[0].trust_domain: made for development"]),
    // An authority names what it is bound to, and is one.
    (AUTHORITY, "[other]", &["unknown field `other`"]),
    (ROLES, "[]", &["client_ca[0].roles = `[]`"]),
    (TENANTS, "[]", &["client_ca[0].tenants = `[]`", "none is listed"]),
    (TENANTS, r#"["*"]"#, &[]),
    (TENANTS, r#"["*", "acme"]"#, &["client_ca[0].tenants = `*`"]),
    (TENANTS, r#"["Acme"]"#, &["client_ca[0].tenants = `Acme`", "not a tenant's name"]),
    (ROLES, r#"["root"]"#, &["client_ca[0].roles = `root`: unknown role"]),
    (ROLES, r#"["operator"]"#, &["belong to the platform alone"]),
    (DOMAIN, r#"trust_domain = "Bank""#, &["client_ca[0].trust_domain = `Bank`"]),
    (r#"file = "bank.pem""#, r#"file = "server.pem""#, &["is not one of an authority"]),
    (HERE, r#"
[[client_ca]]
file = "bank.pem"
trust_domain = "again.test"
tenants = ["*"]
roles = ["read"]
[journal]"#,
        &["client_ca[1].file", "is listed before"]),
    ("bank.crl", "bank.pem", &["client_ca[0].crl", "holds no revocation list"]),
    // Keys and certificates.
    ("server.key", "exposed.key", &["tls.key", "mode `0644`", "run `chmod 600"]),
    ("server.key", "other.key", &["tls.key", "does not fit the certificate"]),
    ("server.key", "missing.key", &["tls.key", "missing.key`: cannot be read"]),
    ("server.key", "server.pem", &["tls.key", "open to others"]),
    ("server.", "ended.", &["tls.certificate", "has expired"]),
    ("server.pem", "text.pem", &["tls.certificate", "holds no certificate"]),
    ("server.pem", "nowhere/x", &["tls.certificate", "cannot be read"]),
    ("server.pem", "dev", &["tls.certificate", "not a file"]),
    ("deny.list", "bad.list", &["deny_list", "line 2 says `serial x`"]),
    // The shape of the file.
    (r#"profile = "production""#, r#"profile = "development""#, &[]),
    (r#"profile = "production""#, "", &["missing field `profile`"]),
    (r#""production""#, r#""prod""#, &[r#"profile = `"prod"`: unknown variant `prod`"#]),
    ("kind = ", "sort = ", &["journal.sort", "unknown field `sort`"]),
    (r#""embedded""#, r#""tape""#, &[r#"journal.kind = `"tape"`: unknown variant"#]),
    (TENANTS, r#""acme""#, &[r#"client_ca[0].tenants = `"acme"`: invalid type"#]),
    ("[listen]", "[listen", &["line 5 is not TOML"]),
    // Values.
    ("127.0.0.1:0", "localhost:7171", &["listen.address = `localhost:7171`: not an address"]),
    (r#"directory = "journal""#, r#"directory = """#,
        &["journal.directory = ``: names no directory"]),
    (HERE, "[journal]\nsegment_bytes = \"1 MiB\"",
        &["journal.segment_bytes = `1 MiB`: out of range"]),
    (HERE, "[journal]\nsegment_bytes = \"4 GiB\"",
        &["journal.segment_bytes = `4 GiB`: out of range"]),
    (HERE, "[journal]\nsegment_bytes = 16777217",
        &["journal.segment_bytes = `16777217 B`: cuts a page"]),
    (HERE, "[limits]\nadmission = \"64 parsecs\"\n[journal]",
        &[r#"limits.admission = `"64 parsecs"`"#, "a number of bytes"]),
    (HERE, "[limits]\nadmission = -1\n[journal]", &["limits.admission = `-1`"]),
    (HERE, "[limits]\nadmission = \"1 MiB\"\n[journal]",
        &["limits.admission = `1 MiB`: out of range"]),
    (HERE, "[limits]\nadmission = \"3 MiB\"\n[journal]",
        &["one tenant's share of `limits.admission` would be 1536 KiB"]),
    (HERE, "[limits]\ntenant_share_percent = 101\n[journal]",
        &["limits.tenant_share_percent = `101`"]),
    (HERE, "[limits]\nhandshakes = 0\n[journal]", &["limits.handshakes = `0`"]),
    (HERE, "[clock]\nmax_step_seconds = 0\n[journal]", &["clock.max_step_seconds = `0`"]),
    // Mappings.
    (HERE, r#"
[[identity]]
role = "auditor"
[journal]"#,
        &["identity[0]", "names none"]),
    (HERE, r#"
[[identity]]
uri = "http://bank.test/x"
role = "auditor"
[journal]"#,
        &["identity[0].uri = `http://bank.test/x`: not a SPIFFE ID"]),
    (HERE, r#"
[[identity]]
fingerprint = "abc"
role = "auditor"
[journal]"#,
        &["identity[0].fingerprint = `abc`: not a fingerprint"]),
    (HERE, r#"
[[identity]]
uri = "spiffe://bank.test/x"
role = "read"
[journal]"#,
        &["identity[0].tenant: role `read` belongs to a tenant"]),
    (HERE, r#"
[[identity]]
uri = "spiffe://bank.test/x"
role = "auditor"
tenant = "acme"
[journal]"#,
        &["identity[0].tenant = `acme`: role `auditor` belongs to the platform"]),
    (HERE, r#"
[[identity]]
uri = "spiffe://bank.test/x"
role = "auditor"
[[identity]]
uri = "spiffe://bank.test/x"
role = "operator"
[journal]"#,
        &["identity[1]", "is mapped before"]),
];
