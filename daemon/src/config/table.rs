//! What the daemon would run with, and who says so: for people and for programs.

mod signing;

use comfy_table::{ContentArrangement, Table, presets};
use plugins_host::Scope;
use serde::Serialize;

use super::Settings;
use super::attributes::TenantAttributes;
use super::client_ca::ClientCa;
use super::journal::Journal;
use super::mapping::Mapping;
use super::scope::Given;
use super::size::Size;
use super::source::{Source, Sourced};
use crate::environment::Name;

/// One setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    /// The key in the file, or the variable.
    pub(crate) key: String,
    /// What stands for it; a secret is said to be set, and no more.
    pub(crate) value: String,
    /// Who says so.
    pub(crate) source: Source,
}

/// A row as programs read it.
#[derive(Serialize)]
struct Entry<'a> {
    key: &'a str,
    value: &'a str,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// What is shown of a secret.
const SECRET: &str = "(secret)";

/// Rows as they are collected.
struct Rows<'a> {
    settings: &'a Settings,
    rows: Vec<Row>,
}

/// The settings as a table of three columns.
pub(crate) fn text(settings: &Settings) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    for row in rows(settings) {
        table.add_row([row.key, row.value, row.source.to_string()]);
    }
    let lines = table.to_string();
    lines.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

/// The settings as JSON: a list of objects with `key`, `value`, `source` and, where a flag or a
/// variable says it, its `name`.
pub(crate) fn json(settings: &Settings) -> String {
    let rows = rows(settings);
    let entries: Vec<Entry<'_>> = rows
        .iter()
        .map(|row| Entry {
            key: &row.key,
            value: &row.value,
            source: row.source.kind(),
            name: row.source.name(),
        })
        .collect();
    // Texts alone: there is nothing that could not be written.
    serde_json::to_string_pretty(&entries).unwrap_or_default()
}

fn rows(settings: &Settings) -> Vec<Row> {
    let mut rows = Rows {
        settings,
        rows: Vec::new(),
    };
    rows.add("profile", settings.profile.to_string());
    let listen = settings.profile.listen().to_string();
    rows.say("listen.address", listen, settings.listen_source);
    rows.identities();
    rows.journal();
    if let Some(signing) = settings.profile.signing() {
        rows.signing(&signing);
    }
    rows.policies();
    rows.limits();
    let step = settings.max_clock_step.as_secs();
    rows.add("clock.max_step_seconds", step);
    rows.variables();
    rows.rows
}

impl Rows<'_> {
    /// A setting of the file, or its default.
    fn add(&mut self, key: impl Into<String>, value: impl ToString) {
        let key = key.into();
        let source = self.settings.keys.source(&key);
        self.say(key, value, source);
    }

    fn say(&mut self, key: impl Into<String>, value: impl ToString, source: Source) {
        self.rows.push(Row {
            key: key.into(),
            value: value.to_string(),
            source,
        });
    }

    fn identities(&mut self) {
        let settings = self.settings;
        if let Some(leaf) = settings.profile.server().leaf() {
            let shown = format!("{} ({})", leaf.subject, leaf.fingerprint);
            self.add("tls.certificate", shown);
        }
        self.add("tls.key", SECRET);
        for (at, ca) in settings.profile.clients().into_iter().enumerate() {
            self.add(format!("client_ca[{at}]"), authority(ca));
        }
        for (at, mapping) in settings.mappings.iter().enumerate() {
            self.add(format!("identity[{at}]"), identity(mapping));
        }
        for (at, given) in settings.scopes.iter().enumerate() {
            self.add(format!("scope[{at}]"), scopes(given));
        }
        for (at, each) in settings.tenant_attributes.iter().enumerate() {
            self.add(format!("tenant_attributes[{at}]"), attributes(each));
        }
        self.add("deny_list", format!("{} entries", settings.deny_list.len()));
    }

    fn journal(&mut self) {
        let Journal::Embedded {
            directory,
            segment_bytes,
            snapshot_every_bytes,
        } = &self.settings.journal;
        self.add("journal.kind", "embedded");
        self.add("journal.directory", directory.display());
        self.add("journal.segment_bytes", Size(*segment_bytes));
        let every = Size(*snapshot_every_bytes);
        self.add("journal.snapshot_every_bytes", every);
    }

    fn policies(&mut self) {
        let places = self.settings.profile.policies();
        self.add("policy.tenant_code", places.tenant_code);
        self.add("policy.shipped", places.shipped);
        let Some(host) = places.host else {
            return;
        };
        self.add("policy.host.address", &host.address);
        self.add("policy.host.id", host.internal.pin().id.as_str());
        if let Some(leaf) = host.internal.leaf() {
            let shown = format!("{} ({})", leaf.subject, leaf.fingerprint);
            self.add("policy.host.certificate", shown);
        }
        self.add("policy.host.key", SECRET);
        self.add("policy.host.silence_ms", host.silence.as_millis());
    }

    fn limits(&mut self) {
        let limits = &self.settings.limits;
        self.add("limits.id_memory", Size(limits.id_memory));
        self.add("limits.admission", Size(limits.admission));
        self.add("limits.tenant_share_percent", limits.tenant_share_percent);
        self.add("limits.connections", limits.connections);
        self.add("limits.handshakes", limits.handshakes);
        self.add("limits.requests_in_flight", limits.requests_in_flight);
        self.add("limits.frame_seconds", limits.frame_seconds);
        self.add("limits.query_rows", limits.query_rows);
        self.add("limits.accounts_per_book", limits.accounts_per_book);
        self.add("limits.open_holds_per_book", limits.open_holds_per_book);
    }

    /// Variables that are no setting of the file.
    fn variables(&mut self) {
        let variables = &self.settings.variables;
        if let Some(place) = &variables.place {
            let shown = match place.value {
                super::variables::Place::Production => "production",
                super::variables::Place::Development => "development",
            };
            self.say(Name::NodeEnv.variable(), shown, place.source);
        }
        let switches = [
            (Name::RequireKms, &variables.require_kms),
            (Name::RequireSigningProxy, &variables.require_proxy),
            (Name::DevSkipMtls, &variables.skip_mtls),
        ];
        for (name, switch) in switches {
            if let Some(Sourced { value, source }) = switch {
                self.say(name.variable(), value, *source);
            }
        }
        for unused in &variables.unused {
            let shown = unused.value.as_deref().unwrap_or(SECRET);
            let value = format!("{shown}, not used yet");
            self.say(unused.name.variable(), value, unused.source);
        }
    }
}

fn authority(ca: &ClientCa) -> String {
    let roles: Vec<&str> = ca.roles.iter().map(|role| role.name()).collect();
    let subjects: Vec<&str> = ca
        .certificates
        .iter()
        .map(|each| each.subject.as_str())
        .collect();
    let (domain, tenants, roles) = (&ca.trust_domain, &ca.tenants, roles.join(", "));
    let scopes = match &*ca.scopes {
        [] => "no scopes".to_owned(),
        scopes => format!("scopes {}", names(scopes)),
    };
    let lists = ca.revoked.len();
    let subjects = subjects.join(" and ");
    format!("{subjects}: {domain}; {tenants}; roles {roles}; {scopes}; {lists} revocation lists")
}

fn scopes(given: &Given) -> String {
    format!("{}: {}", given.to, names(&given.scopes))
}

fn names(scopes: &[Scope]) -> String {
    let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
    names.join(", ")
}

fn attributes(each: &TenantAttributes) -> String {
    let pairs = each
        .attributes
        .iter()
        .map(|(name, value)| format!("{name} {value}"));
    format!("{}: {}", each.tenant, pairs.collect::<Vec<_>>().join(", "))
}

fn identity(mapping: &Mapping) -> String {
    let of = &mapping.of;
    match mapping.tenant {
        Some(tenant) => format!("{of}: tenant {tenant}, role {}", mapping.role),
        None => format!("{of}: role {}", mapping.role),
    }
}
