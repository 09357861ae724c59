//! The variables that the runbooks name. Each is a flag as well, and each secret also a file.

use std::fmt;

/// Whether a value may be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Open,
    /// It stands in no log and no table, and may be given as a file.
    Secret,
    /// A condition: its flag needs no value.
    Switch,
}

macro_rules! names {
    ($($kind:ident $name:ident $variable:literal $flag:literal)*) => {
        /// A variable of the runbooks.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub(crate) enum Name {
            $(#[doc = concat!("`", $variable, "`")] $name,)*
        }

        impl Name {
            /// All of them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];

            const fn row(self) -> (Kind, [&'static str; 4]) {
                match self {
                    $(Self::$name => (Kind::$kind, [
                        $variable,
                        concat!($variable, "_FILE"),
                        $flag,
                        concat!($flag, "-file"),
                    ]),)*
                }
            }
        }
    };
}

names! {
    Open NodeEnv "NODE_ENV" "node-env"
    Open Port "PORT" "port"
    Secret DatabaseUrl "DATABASE_URL" "database-url"
    Switch RequireKms "REQUIRE_KMS" "require-kms"
    Switch RequireSigningProxy "REQUIRE_SIGNING_PROXY" "require-signing-proxy"
    Open AuditSigningKmsKeyId "AUDIT_SIGNING_KMS_KEY_ID" "audit-signing-kms-key-id"
    Open AuditSigningAlg "AUDIT_SIGNING_ALG" "audit-signing-alg"
    Open SigningProxyUrl "SIGNING_PROXY_URL" "signing-proxy-url"
    Secret SigningProxyApiKey "SIGNING_PROXY_API_KEY" "signing-proxy-api-key"
    Secret AuditSigningKey "AUDIT_SIGNING_KEY" "audit-signing-key"
    Secret MockAuditSigningKey "MOCK_AUDIT_SIGNING_KEY" "mock-audit-signing-key"
    Secret AuditSigningPrivateKey "AUDIT_SIGNING_PRIVATE_KEY" "audit-signing-private-key"
    Switch DevSkipMtls "DEV_SKIP_MTLS" "dev-skip-mtls"
    Open KernelApiUrl "KERNEL_API_URL" "kernel-api-url"
    Open KernelClientCert "KERNEL_CLIENT_CERT" "kernel-client-cert"
    Secret KernelClientKey "KERNEL_CLIENT_KEY" "kernel-client-key"
    Secret KernelServiceToken "KERNEL_SERVICE_TOKEN" "kernel-service-token"
    Open PromEndpoint "PROM_ENDPOINT" "prom-endpoint"
    Open OtelCollectorUrl "OTEL_COLLECTOR_URL" "otel-collector-url"
    Secret SentryDsn "SENTRY_DSN" "sentry-dsn"
}

impl Name {
    /// The variable.
    pub(crate) const fn variable(self) -> &'static str {
        self.row().1[0]
    }

    /// The variable that names a file with the secret.
    pub(crate) const fn file_variable(self) -> &'static str {
        self.row().1[1]
    }

    /// The flag, without its dashes.
    pub(crate) const fn flag(self) -> &'static str {
        self.row().1[2]
    }

    /// The flag that names a file with the secret, without its dashes.
    pub(crate) const fn file_flag(self) -> &'static str {
        self.row().1[3]
    }

    /// Whether it is never shown, and may be given as a file.
    pub(crate) const fn is_secret(self) -> bool {
        matches!(self.row().0, Kind::Secret)
    }

    /// Whether it is a condition, so that its flag needs no value.
    pub(crate) const fn is_switch(self) -> bool {
        matches!(self.row().0, Kind::Switch)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.variable())
    }
}
