//! What must and must not stand together.

use super::emergency::EmergencyKey;
use super::key::{self, Key, SpokenKey};
use super::place::Place;
use super::raw::RawSigning;
use super::sealing::Anchor;
use super::{Beside, Signing};
use crate::config::problem::{Problem, Problems};
use crate::config::source::Sourced;
use crate::config::variables::Variables;

/// What variables say that no file makes right.
pub(super) fn check_variables(
    beside: &Beside<'_>,
    raw: Option<&RawSigning>,
    problems: &mut Problems,
) {
    let variables = beside.variables;
    if let (Some(kms), Some(proxy)) = (
        asked(&variables.require_kms),
        asked(&variables.require_proxy),
    ) {
        let (kms, proxy) = (kms.place(""), proxy.place(""));
        let fault = format!("contradicts {proxy}: one key seals, and it is in one place");
        let advice = format!("keep {kms} or {proxy}");
        problems.push(Problem::of(kms, true, fault, advice));
    }
    if let (Some(key), Some(mock)) = (&variables.hmac_key, &variables.mock_key)
        && key.value != mock.value
        && !beside.is_production
    {
        let (key, mock) = (key.place(""), mock.place(""));
        let fault = format!("contradicts {mock}, which is another key");
        problems.push(Problem::missing(
            &key,
            fault,
            format!("keep {key} or {mock}"),
        ));
    }
    if !beside.is_production {
        return;
    }
    let secrets = [&variables.mock_key, &variables.hmac_key];
    for secret in secrets.into_iter().flatten() {
        let fault = "makes signatures that prove nothing, not accepted in profile `production`";
        let advice = "unset it, and seal by KMS, a signing proxy or PKCS#11";
        problems.push(Problem::missing(secret.place(""), fault, advice));
    }
    if let Some(skip) = asked(&variables.skip_mtls) {
        let fault = "not accepted in profile `production`: nobody connects without a certificate";
        problems.push(Problem::of(skip.place(""), true, fault, "unset it"));
    }
    let is_emergency = raw.is_some_and(|raw| raw.emergency.is_some());
    if let Some(private) = variables.private_key.as_ref().filter(|_| !is_emergency) {
        let fault = "a private key in this process seals in an emergency alone";
        let advice = "unset it, or add `[signing.emergency]` with the threshold's approval of it";
        problems.push(Problem::missing(private.place(""), fault, advice));
    }
}

/// Production without a section.
pub(super) fn no_section(variables: &Variables) -> Problem {
    let (asks, first) = match (
        asked(&variables.require_kms),
        asked(&variables.require_proxy),
    ) {
        (Some(asked), _) => (
            format!(", and {} asks for KMS", asked.place("")),
            "`[signing.seal.kms]` or AUDIT_SIGNING_KMS_KEY_ID for its key",
        ),
        (_, Some(asked)) => (
            format!(", and {} asks for the signing proxy", asked.place("")),
            "`[signing.seal.proxy]` or SIGNING_PROXY_URL for its key",
        ),
        _ => (
            String::new(),
            "`[signing.seal]` for its key, in KMS, a signing proxy or PKCS#11",
        ),
    };
    let fault = format!("missing; profile `production` does not run without a signer{asks}");
    let advice = format!("add `[signing]`, with {first}");
    Problem::missing("signing", fault, advice)
}

/// Whether what seals is what a variable asks for. A key in this process satisfies none.
pub(super) fn check_required(
    raw: &RawSigning,
    spoken: &SpokenKey,
    variables: &Variables,
    problems: &mut Problems,
) {
    let (kind, place) = match &raw.emergency {
        Some(raw) if raw.kms.is_some() => (Some("kms"), "signing.emergency"),
        Some(raw) if raw.proxy.is_some() => (Some("proxy"), "signing.emergency"),
        Some(_) => (Some("private key"), "signing.emergency"),
        None => (key::kind_of(&raw.seal, spoken), "signing.seal"),
    };
    let (kms, proxy) = (&variables.require_kms, &variables.require_proxy);
    for (required, wanted, variable) in [
        (asked(kms), "kms", "AUDIT_SIGNING_KMS_KEY_ID"),
        (asked(proxy), "proxy", "SIGNING_PROXY_URL"),
    ] {
        let Some(required) = required.filter(|_| kind != Some(wanted)) else {
            continue;
        };
        let fault = match kind {
            Some(kind) => format!("`{place}` is of kind `{kind}`, which does not satisfy it"),
            None => format!("`{place}` does not say of one key where it is"),
        };
        let advice = format!("give `{place}.{wanted}` or {variable}, or unset the requirement");
        problems.push(Problem::of(required.place(""), true, fault, advice));
    }
}

/// What the parts say about each other.
pub(super) fn check_together(signing: &Signing<Key>, problems: &mut Problems) {
    let (kind, place) = sealer(signing);
    if signing.sealing.anchor == Anchor::Proxy && kind != "proxy" {
        let fault = format!("`{place}` is of kind `{kind}`, and no proxy would keep the last head");
        let advice = "give `signing.anchor = { directory = \"DIR\" }`";
        problems.push(Problem::of("signing.anchor", "proxy", fault, advice));
    }
    check_usages(signing, problems);
}

/// The kind of what seals now, and where the file names it.
fn sealer(signing: &Signing<Key>) -> (&'static str, &'static str) {
    match &signing.emergency {
        Some(emergency) => (emergency.key.kind(), "signing.emergency"),
        None => (signing.seal.kind(), "signing.seal"),
    }
}

/// Each key has one usage.
fn check_usages(signing: &Signing<Key>, problems: &mut Problems) {
    let mut seen = vec![("signing.seal", signing.seal.kid(), identity(&signing.seal))];
    if let Some(emergency) = &signing.emergency {
        let of = match &emergency.key {
            EmergencyKey::Deployed(key) => identity(&Key::Deployed(key.clone())),
            EmergencyKey::Private(_) => None,
        };
        seen.push(("signing.emergency", emergency.key.kid(), of));
    }
    let others = [
        ("signing.next", &signing.next),
        ("signing.checkpoint", &signing.checkpoint),
        ("signing.bundle", &signing.bundle),
    ];
    for (place, key) in others {
        if let Some(key) = key {
            seen.push((place, key.kid(), identity(key)));
        }
    }
    for (at, (place, kid, key)) in seen.iter().enumerate() {
        let is_same = |(_, other_kid, other): &&(_, _, Option<String>)| {
            other_kid == kid || (key.is_some() && other == key)
        };
        if let Some((other, ..)) = seen[..at].iter().find(is_same) {
            let fault = format!("is the key of `{other}`, and a key has one usage");
            let advice = "make a key for each usage and register it";
            problems.push(Problem::of(format!("{place}.kid"), kid, fault, advice));
        }
    }
}

/// What tells one key from another without asking for it.
fn identity(key: &Key) -> Option<String> {
    let Key::Deployed(deployed) = key else {
        return None;
    };
    match &deployed.place {
        Place::Kms(kms) => Some(format!("kms {}", kms.key_id.value)),
        Place::Pkcs11(pkcs11) => Some(format!(
            "pkcs11 {} {} {}",
            pkcs11.module.display(),
            pkcs11.token,
            pkcs11.key_label
        )),
        // A proxy has a key for each usage.
        Place::Proxy(_) => None,
    }
}

fn asked(switch: &Option<Sourced<bool>>) -> Option<&Sourced<bool>> {
    switch.as_ref().filter(|switch| switch.value)
}
