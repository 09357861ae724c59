//! The settings in force, for people: what `ledgerd-signing-proxy check` prints. No secrets.

use super::key::{Held, Key};
use super::{Limits, Origins, Settings};

/// The settings, one a line, with the keys of the file.
pub(crate) fn lines(settings: &Settings) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |key: &str, value: String| rows.push((key.to_owned(), value));
    row("profile", settings.profile.to_string());
    row("listen.address", settings.profile.listen().to_string());
    match settings.profile.tls() {
        Some(tls) => {
            let subject = tls.server.leaf().map(|leaf| leaf.subject.clone());
            row("tls", subject.unwrap_or_default());
            if let Some(ca) = &tls.clients {
                let subjects: Vec<&str> = ca
                    .certificates
                    .iter()
                    .map(|each| each.subject.as_str())
                    .collect();
                row("client_ca", subjects.join(" and "));
            }
        }
        None => row("tls", "none: plain HTTP".into()),
    }
    for (at, client) in settings.clients.iter().enumerate() {
        let (name, role, proof) = (&client.name, client.role, &client.proof);
        row(&format!("client[{at}]"), format!("{name}: {role}, {proof}"));
    }
    match &settings.origins {
        Origins::Every => row("origin", "every chain".into()),
        Origins::Listed(origins) => {
            for (at, each) in origins.iter().enumerate() {
                let epoch = each
                    .epoch
                    .map_or("any epoch".into(), |epoch| format!("epoch {epoch}"));
                let (deployment, environment) = (&each.deployment, &each.environment);
                row(
                    &format!("origin[{at}]"),
                    format!("{deployment}/{environment}, {epoch}"),
                );
            }
        }
    }
    for key in settings.profile.keys() {
        row(&format!("key[{}]", key.at), of_key(key));
    }
    row("state.directory", settings.state.display().to_string());
    row("audit.file", settings.audit.display().to_string());
    row("audit.stdout", settings.audit_to_stdout.to_string());
    row(
        "signing.allow_sign_hash",
        settings.allow_sign_hash.to_string(),
    );
    rows.extend(of_limits(&settings.limits));
    let width = rows.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let lines: Vec<String> = rows
        .iter()
        .map(|(key, value)| format!("{key:width$}  {value}"))
        .collect();
    lines.join("\n")
}

fn of_key(key: &Key) -> String {
    let (kid, usage, algorithm) = (&key.kid, key.usage, key.public.algorithm());
    let held = match &key.held {
        Held::Kms { key_id, .. } => format!("in KMS as {key_id}"),
        Held::Pkcs11 { token, label, .. } => format!("in token {token} as {label}"),
        Held::Local { .. } => "in a file, for development".into(),
    };
    format!("{kid}: {usage}, {algorithm}, {held}")
}

fn of_limits(limits: &Limits) -> [(String, String); 8] {
    let row = |key: &str, value: String| (format!("limits.{key}"), value);
    [
        row(
            "requests_per_second",
            limits.requests_per_second.to_string(),
        ),
        row("burst", limits.burst.to_string()),
        row(
            "unauthenticated_per_second",
            limits.unauthenticated_per_second.to_string(),
        ),
        row("connections", limits.connections.to_string()),
        row("handshake_seconds", limits.handshake.as_secs().to_string()),
        row("header_seconds", limits.header.as_secs().to_string()),
        row("body_seconds", limits.body.as_secs().to_string()),
        row("order_milliseconds", limits.order.as_millis().to_string()),
    ]
}
