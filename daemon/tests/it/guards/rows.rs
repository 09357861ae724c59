//! The table: part of the configuration as it should be, what stands in its place, and parts of
//! what the binary says. Nothing said means that it would run.

/// A row of the table.
pub(super) type Row = (&'static str, &'static str, &'static [&'static str]);

const AUTHORITY: &str = "[[client_ca]]";
/// What is added stands before this section.
const HERE: &str = "[journal]";
const SIZE: &str = r#"segment_bytes = "16 MiB""#;
const ROLES: &str = r#"["read", "write"]"#;
const TENANTS: &str = r#"["acme"]"#;
const ANCHOR: &str = r#"anchor = { directory = "anchor" }"#;
const KMS: &str = r#"kms = { key_id = "alias/seal", region = "eu-central-1" }"#;
const SEAL: &str = r#"algorithm = "ed25519"
kms = { key_id = "alias/seal", region = "eu-central-1" }"#;
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
    (r#"profile = "production""#, "", &[]),
    (r#"profile = "production""#, r#"profile = "prod""#,
        &[r#"profile = `"prod"`: unknown variant `prod`"#]),
    ("kind = ", "sort = ", &["journal.sort", "unknown field `sort`"]),
    (r#""embedded""#, r#""tape""#, &[r#"journal.kind = `"tape"`: unknown variant"#]),
    (TENANTS, r#""acme""#, &[r#"client_ca[0].tenants = `"acme"`: invalid type"#]),
    ("[listen]", "[listen", &["line 5 is not TOML"]),
    // Who seals.
    ("kms = {", "kms = { sort = 1,", &["signing.seal.kms.sort", "unknown field `sort`"]),
    (KMS, "", &["signing.seal: says of no key where it is", "AUDIT_SIGNING_KMS_KEY_ID"]),
    (KMS, "kms = {}", &["signing.seal.kms.key_id: names no key", "AUDIT_SIGNING_KMS_KEY_ID"]),
    (KMS, "kms = { key_id = \"x\", endpoint = \"kms\" }",
        &["signing.seal.kms.endpoint = `kms`", "give an address"]),
    (KMS, "kms = { key_id = \"x\", endpoint = \"http://kms.test\" }",
        &["signing.seal.kms.endpoint = `http://kms.test`: plain http", "use its https address"]),
    (KMS, "kms = { key_id = \"x\" }\nlocal = { key = \"api.key\" }",
        &["signing.seal.kms: contradicts signing.seal.local", "one key seals"]),
    (KMS, "local = { key = \"api.key\" }",
        &["signing.seal.local: a private key in this process is not accepted", "use `kms`"]),
    (KMS, "local = { key = \"missing.key\" }", &["signing.seal.local.key", "cannot be read"]),
    (KMS, "hmac = { key_file = \"api.key\" }",
        &["signing.seal.algorithm = `ed25519`: does not go with `signing.seal.hmac`"]),
    (SEAL, "algorithm = \"hmac-sha256\"\nhmac = { key_file = \"api.key\" }",
        &["signing.seal.algorithm = `hmac-sha256`: proves nothing to others"]),
    (SEAL, "algorithm = \"hmac-sha256\"\nkms = { key_id = \"x\" }",
        &["signing.seal.algorithm = `hmac-sha256`: proves nothing to others"]),
    (r#"algorithm = "ed25519""#, "",
        &["signing.seal.algorithm: missing; production has no default", "AUDIT_SIGNING_ALG"]),
    (r#"algorithm = "ed25519""#, r#"algorithm = "rsa-sha256""#, &[]),
    (r#"algorithm = "ed25519""#, r#"algorithm = "rsa-pss""#,
        &["signing.seal.algorithm = `rsa-pss`: not an algorithm"]),
    ("seal-1", "seal 1", &["signing.seal.kid = `seal 1`: not the id of a key"]),
    (KMS, "proxy = {}",
        &["signing.seal.proxy.url: names no proxy", "SIGNING_PROXY_URL",
          "signing.seal.proxy: the proxy would not know us", "SIGNING_PROXY_API_KEY_FILE"]),
    (KMS, r#"proxy = { url = "https://signer.test", ca = "bank.pem", api_key_file = "api.key" }"#,
        &[]),
    (KMS, r#"proxy = { url = "https://signer.test", ca = "bank.pem",
        certificate = "server.pem", key = "server.key" }"#, &[]),
    (KMS, r#"proxy = { url = "https://signer.test", ca = "bank.pem",
        certificate = "server.pem" }"#, &["names one of `certificate` and `key`"]),
    (KMS, r#"proxy = { url = "https://signer.test", ca = "bank.pem",
        certificate = "server.pem", key = "exposed.key" }"#,
        &["signing.seal.proxy.key", "run `chmod 600"]),
    (KMS, r#"proxy = { url = "https://signer.test", ca = "bank.pem",
        certificate = "server.pem", key = "server.key", api_key_file = "api.key" }"#,
        &["signing.seal.proxy.api_key_file", "shows a client certificate already"]),
    (KMS, r#"proxy = { url = "http://signer.test", ca = "bank.pem", api_key_file = "api.key" }"#,
        &["signing.seal.proxy.url = `http://signer.test`: plain http", "use its https address"]),
    (KMS, r#"proxy = { url = "https://signer.test", api_key_file = "api.key" }"#,
        &["signing.seal.proxy.ca: no authority vouches for the proxy"]),
    (KMS, r#"proxy = { url = "https://signer.test", ca = "text.pem", api_key_file = "api.key" }"#,
        &["signing.seal.proxy.ca", "holds no certificate"]),
    (KMS, r#"proxy = { url = "https://s.test", ca = "bank.pem", api_key_file = "empty.key" }"#,
        &["signing.seal.proxy.api_key_file", "is empty"]),
    (KMS, r#"pkcs11 = { module = "bank.pem", token = "t", key_label = "k", pin_file = "api.key" }"#,
        &[]),
    (KMS, r#"pkcs11 = { module = "none.so", token = "t", key_label = "k", pin_file = "api.key" }"#,
        &["signing.seal.pkcs11.module", "not a file"]),
    (KMS, r#"pkcs11 = { module = "bank.pem", token = "", key_label = "k", pin_file = "api.key" }"#,
        &["signing.seal.pkcs11.token = ``: names nothing"]),
    (r#"approvers = "approvers.json""#, r#"approvers = "bank.pem""#,
        &["signing.approvers", "holds no list of approvers"]),
    (r#"approvers = "approvers.json""#, "approvers = { threshold = 1, keys = [] }",
        &["signing.approvers: `0` approvers"]),
    (r#""keyring.json""#, r#""altered.keyring""#,
        &["signing.keyring", "have it approved by the threshold of `signing.approvers`"]),
    (r#""keyring.json""#, r#""few.keyring""#, &["signing.keyring", "the keyring is not approved"]),
    (r#""keyring.json""#, r#""approvers.json""#, &["signing.keyring", "not a signed keyring"]),
    (r#""keyring.json""#, r#""missing.json""#, &["signing.keyring", "cannot be read"]),
    ("keyring = \"keyring.json\"\napprovers = \"approvers.json\"",
        "keyring = \"staging.keyring\"\napprovers = \"staging.json\"",
        &["signing.keyring", "is one of environment `staging`, not of `production`"]),
    (r#"deployment = "bank""#, r#"deployment = "other""#,
        &["signing.keyring", "is one of deployment `bank`, not of `other`"]),
    (HERE, "[signing.next]\nkid = \"seal-2\"\nalgorithm = \"ed25519\"\n\
        kms = { key_id = \"alias/seal-2\" }\n[journal]", &[]),
    (ANCHOR, "kernel_signers = \"signers.json\"\nanchor = \"proxy\"", &["signing.anchor"]),
    (ANCHOR, "kernel_signers = \"bank.pem\"\nanchor = { directory = \"anchor\" }",
        &["signing.kernel_signers"]),
    (r#"approvers = "approvers.json""#, r#"approvers = "few.json""#,
        &["signing.approvers = `2 of 5`: too few for profile `production`"]),
    (r#"approvers = "approvers.json""#, r#"approvers = "twice.json""#,
        &["signing.approvers: approver `approver-2` has the id, name or key of another"]),
    (ANCHOR, r#"anchor = "proxy""#,
        &["signing.anchor = `proxy`", "no proxy would keep the last head"]),
    (ANCHOR, r#"anchor = { directory = "journal/anchor" }"#,
        &["signing.anchor.directory", "lies with the journal"]),
    (ANCHOR, r#"anchor = "tape""#, &["signing.anchor"]),
    (r#"environment = "production""#, r#"environment = "development""#,
        &["signing.environment = `development`: not accepted in profile `production`"]),
    (r#"deployment = "bank""#, r#"deployment = "the bank""#,
        &["signing.deployment = `the bank`: not a name"]),
    (ANCHOR, "anchor = { directory = \"anchor\" }\nmax_unsealed_seconds = 0\n",
        &["signing.max_unsealed_seconds = `0`: out of range"]),
    (ANCHOR, "anchor = { directory = \"anchor\" }\nseal_interval_ms = 60000\n",
        &["signing.seal_interval_ms = `60000`: out of range"]),
    (HERE, "[signing.checkpoint]\nkid = \"seal-1\"\nalgorithm = \"ed25519\"\n\
        kms = { key_id = \"alias/other\" }\n[journal]",
        &["signing.checkpoint.kid = `seal-1`: is the key of `signing.seal`"]),
    (HERE, "[signing.bundle]\nkid = \"bundle-1\"\nalgorithm = \"ed25519\"\n\
        kms = { key_id = \"alias/seal\" }\n[journal]",
        &["signing.bundle.kid = `bundle-1`: is the key of `signing.seal`"]),
    (HERE, "[signing.bundle]\nkid = \"bundle-1\"\nalgorithm = \"ed25519\"\n\
        kms = { key_id = \"alias/bundle\" }\n[journal]", &[]),
    (HERE, "[signing.emergency]\napproval = \"approval.json\"\nkid = \"emergency-1\"\n\
        algorithm = \"ed25519\"\n[journal]",
        &["signing.emergency: names no key", "AUDIT_SIGNING_PRIVATE_KEY_FILE"]),
    // Code of tenants does not run in the process that holds the ledger.
    (HERE, "[policy]\ntenant_code = \"in_process\"\n[journal]",
        &["policy.tenant_code = `in_process`: code of tenants does not run in the process",
          "set it to `remote` and add `[policy.host]`, or to `none`"]),
    (HERE, "[policy]\ntenant_code = \"none\"\n[journal]", &[]),
    (HERE, "[policy]\n[journal]", &[]),
    (HERE, "[policy]\ntenant_code = \"remote\"\n[journal]",
        &["policy.tenant_code = `remote`: no process of its own is named"]),
    (HERE, "[policy]\nshipped = \"remote\"\n[journal]",
        &["policy.shipped = `remote`: no process of its own is named"]),
    (HERE, "[policy]\nshipped = \"none\"\n[journal]", &["policy.shipped", "unknown variant"]),
    (HERE, r#"
[policy]
tenant_code = "remote"
[policy.host]
address = "policies.test:7272"
certificate = "internal-daemon.pem"
key = "internal-daemon.key"
ca = "internal.pem"
id = "spiffe://internal.test/policy-host"
[journal]"#,
        &[]),
    (HERE, r#"
[policy]
tenant_code = "remote"
[policy.host]
address = "policies.test:7272"
certificate = "internal-daemon.pem"
key = "internal-daemon.key"
ca = "internal.pem"
id = "spiffe://dev.ledgerd.invalid/policy-host"
[journal]"#,
        &["policy.host.id: made for development", "your own internal authority"]),
    (HERE, r#"
[policy]
tenant_code = "remote"
[policy.host]
address = "policies.test:7272"
certificate = "dev/operator.pem"
key = "dev/operator.key"
ca = "dev/ca.pem"
id = "spiffe://internal.test/policy-host"
[journal]"#,
        &["policy.host.key: made for development"]),
    // Values.
    ("127.0.0.1:0", "localhost:7171", &["listen.address = `localhost:7171`: not an address"]),
    (r#"directory = "journal""#, r#"directory = """#,
        &["journal.directory = ``: names no directory"]),
    (SIZE, "segment_bytes = \"1 MiB\"",
        &["journal.segment_bytes = `1 MiB`: out of range"]),
    (SIZE, "segment_bytes = \"4 GiB\"",
        &["journal.segment_bytes = `4 GiB`: out of range"]),
    (SIZE, "segment_bytes = 16777217",
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
    // Scopes.
    (ROLES, r#"["read", "write"]
scopes = ["operator:cross-tenant-read"]"#,
        &["client_ca[0].scopes = `operator:cross-tenant-read`: its roles belong to tenants alone"]),
    (ROLES, r#"["read", "auditor"]
scopes = ["operator:everything"]"#,
        &["client_ca[0].scopes = `operator:everything`: unknown scope",
          "use some of: operator:cross-tenant-read"]),
    (ROLES, r#"["read", "auditor"]
scopes = ["operator:cross-tenant-read"]
[[scope]]
uri = "spiffe://bank.test/platform/role/auditor"
scopes = ["operator:cross-tenant-read"]"#, &[]),
    (ROLES, r#"["read", "auditor"]
scopes = ["operator:cross-tenant-read"]
[[identity]]
uri = "spiffe://bank.test/ns/audit"
role = "auditor"
[[scope]]
uri = "spiffe://bank.test/ns/audit"
scopes = ["operator:cross-tenant-read"]"#, &[]),
    (ROLES, r#"["read", "auditor"]
[[scope]]
uri = "spiffe://bank.test/platform/role/auditor"
scopes = ["operator:cross-tenant-read"]"#,
        &["scope[0].scopes = `operator:cross-tenant-read`: no authority of such certificates",
          "list it in `scopes` of the `client_ca`"]),
    (ROLES, r#"["read", "auditor"]
scopes = ["operator:cross-tenant-read"]
[[scope]]
uri = "spiffe://other.test/platform/role/auditor"
scopes = ["operator:cross-tenant-read"]"#,
        &["scope[0].scopes = `operator:cross-tenant-read`: no authority of such certificates"]),
    (HERE, r#"
[[scope]]
uri = "spiffe://bank.test/platform/role/auditor"
scopes = ["cross-tenant-read"]
[journal]"#,
        &["scope[0].scopes = `cross-tenant-read`: unknown scope",
          "use some of: operator:cross-tenant-read"]),
    (HERE, r#"
[[scope]]
uri = "spiffe://bank.test/platform/role/auditor"
scopes = []
[journal]"#,
        &["scope[0].scopes = `[]`: gives nothing"]),
    (HERE, r#"
[[scope]]
uri = "spiffe://bank.test/tenant/acme/role/read"
scopes = ["operator:cross-tenant-read"]
[journal]"#,
        &["scope[0].scopes = `operator:cross-tenant-read`: is given to a principal of a tenant"]),
    (HERE, r#"
[[identity]]
uri = "spiffe://bank.test/ns/payments"
tenant = "acme"
role = "write"
[[scope]]
uri = "spiffe://bank.test/ns/payments"
scopes = ["operator:cross-tenant-read"]
[journal]"#,
        &["scope[0].scopes = `operator:cross-tenant-read`: is given to a principal of a tenant"]),
    (HERE, r#"
[[scope]]
uri = "spiffe://bank.test/ns/payments"
scopes = ["operator:cross-tenant-read"]
[journal]"#,
        &["scope[0].uri = `spiffe://bank.test/ns/payments`: stands for nobody here"]),
    (HERE, r#"
[[scope]]
scopes = ["operator:cross-tenant-read"]
[journal]"#,
        &["scope[0] = `operator:cross-tenant-read`: names none"]),
    (ROLES, r#"["read", "auditor"]
scopes = ["operator:cross-tenant-read"]
[[scope]]
uri = "spiffe://bank.test/platform/role/auditor"
scopes = ["operator:cross-tenant-read"]
[[scope]]
uri = "spiffe://bank.test/platform/role/auditor"
scopes = ["operator:cross-tenant-read"]"#,
        &["scope[1] = `spiffe://bank.test/platform/role/auditor`: is listed before"]),
    // Attributes.
    (HERE, "[[tenant_attributes]]\ntenant = \"acme\"\nplan = \"gold\"\n[journal]", &[]),
    (HERE, "[[tenant_attributes]]\ntenant = \"Acme\"\nplan = \"gold\"\n[journal]",
        &["tenant_attributes[0].tenant = `Acme`: not a tenant's name"]),
    (HERE, "[[tenant_attributes]]\ntenant = \"acme\"\n[journal]",
        &["tenant_attributes[0] = `acme`: has `0` attributes"]),
    (HERE, "[[tenant_attributes]]\ntenant = \"acme\"\nPlan = \"gold\"\n[journal]",
        &["tenant_attributes[0].Plan = `gold`: not a name"]),
    (HERE, "[[tenant_attributes]]\ntenant = \"acme\"\nplan = \"\"\n[journal]",
        &["tenant_attributes[0].plan = ``: not a value"]),
    (HERE, "[[tenant_attributes]]\ntenant = \"acme\"\nplan = 1\n[journal]",
        &["tenant_attributes[0]"]),
    (HERE, "[[tenant_attributes]]\ntenant = \"acme\"\nenvironment = \"test\"\n[journal]",
        &["tenant_attributes[0].environment = `test`: is what the whole daemon runs in"]),
    (HERE, "[[tenant_attributes]]\ntenant = \"acme\"\nplan = \"gold\"\n\
        [[tenant_attributes]]\ntenant = \"acme\"\nplan = \"gold\"\n[journal]",
        &["tenant_attributes[1].tenant = `acme`: is listed before"]),
];
