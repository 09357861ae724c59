//! What the daemon would run with, for people.

use comfy_table::{ContentArrangement, Table, presets};

use super::Settings;
use super::client_ca::ClientCa;
use super::journal::Journal;
use super::mapping::{Mapped, Mapping};
use super::size::Size;

/// The settings as a table of two columns: the key in the file, and what stands for it.
pub(crate) fn of(settings: &Settings) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    let mut row = |key: &str, value: String| {
        table.add_row([key, &value]);
    };
    row("profile", settings.profile.to_string());
    row("listen.address", settings.profile.listen().to_string());
    if let Some(leaf) = settings.profile.server().leaf() {
        row(
            "tls.certificate",
            format!("{} ({})", leaf.subject, leaf.fingerprint),
        );
    }
    for (at, ca) in settings.profile.clients().into_iter().enumerate() {
        row(&format!("client_ca[{at}]"), authority(ca));
    }
    for (at, mapping) in settings.mappings.iter().enumerate() {
        row(&format!("identity[{at}]"), identity(mapping));
    }
    row("deny_list", format!("{} entries", settings.deny_list.len()));
    let Journal::Embedded {
        directory,
        segment_bytes,
        snapshot_every_bytes,
    } = &settings.journal;
    row("journal.kind", "embedded".into());
    row("journal.directory", directory.display().to_string());
    row("journal.segment_bytes", Size(*segment_bytes).to_string());
    let every = Size(*snapshot_every_bytes);
    row("journal.snapshot_every_bytes", every.to_string());
    let limits = &settings.limits;
    row("limits.id_memory", Size(limits.id_memory).to_string());
    row("limits.admission", Size(limits.admission).to_string());
    row(
        "limits.tenant_share_percent",
        limits.tenant_share_percent.to_string(),
    );
    row("limits.connections", limits.connections.to_string());
    row("limits.handshakes", limits.handshakes.to_string());
    row(
        "limits.requests_in_flight",
        limits.requests_in_flight.to_string(),
    );
    row("limits.frame_seconds", limits.frame_seconds.to_string());
    row("limits.query_rows", limits.query_rows.to_string());
    row(
        "limits.accounts_per_book",
        limits.accounts_per_book.to_string(),
    );
    row(
        "limits.open_holds_per_book",
        limits.open_holds_per_book.to_string(),
    );
    row(
        "clock.max_step_seconds",
        settings.max_clock_step.as_secs().to_string(),
    );
    let lines = table.to_string();
    lines.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

fn authority(ca: &ClientCa) -> String {
    let roles: Vec<&str> = ca.roles.iter().map(|role| role.name()).collect();
    let subjects: Vec<&str> = ca
        .certificates
        .iter()
        .map(|each| each.subject.as_str())
        .collect();
    let (domain, tenants, roles) = (&ca.trust_domain, &ca.tenants, roles.join(", "));
    let lists = ca.revoked.len();
    let subjects = subjects.join(" and ");
    format!("{subjects}: {domain}; {tenants}; roles {roles}; {lists} revocation lists")
}

fn identity(mapping: &Mapping) -> String {
    let of = match &mapping.of {
        Mapped::Fingerprint(digest) => format!("fingerprint {digest}"),
        Mapped::Uri(uri) => uri.clone(),
    };
    match mapping.tenant {
        Some(tenant) => format!("{of}: tenant {tenant}, role {}", mapping.role),
        None => format!("{of}: role {}", mapping.role),
    }
}
