//! What flags and variables say that is not wrong and should be known.

use super::Settings;
use super::signing::Key;
use super::signing::place::Place;
use crate::environment::Name;

/// Each as a line.
pub(super) fn of(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    for name in settings.environment.given.exposed() {
        let (flag, file) = (name.flag(), name.file_flag());
        warnings.push(format!(
            "--{flag} shows a secret to every user of this machine: give --{file} instead"
        ));
    }
    for unused in &settings.variables.unused {
        let name = unused.source.name().unwrap_or_default();
        warnings.push(format!("{name} is right and not used yet"));
    }
    warnings.extend(idle(settings));
    let places = settings.profile.policies();
    if places.host.is_some() && places.asked_host().is_none() {
        warnings.push("policy.host is not used: nothing of `[policy]` is `remote`".into());
    }
    warnings
}

/// Variables that would be used if something else stood beside them.
fn idle(settings: &Settings) -> Vec<String> {
    let variables = &settings.variables;
    let mut warnings = Vec::new();
    let mut warn = |name: Option<String>, why: &str| {
        if let Some(name) = name {
            warnings.push(format!("{name} is not used: {why}"));
        }
    };
    let skip = variables.skip_mtls.as_ref().filter(|skip| skip.value);
    let why = "nobody connects without a client certificate, wherever the daemon runs";
    warn(skip.map(|skip| skip.place("")), why);
    let Some(signing) = settings.profile.signing() else {
        let why = "the file has no `[signing]`, so that nothing is sealed";
        warn(
            variables.kms_key_id.as_ref().map(|said| said.place("")),
            why,
        );
        warn(variables.algorithm.as_ref().map(|said| said.place("")), why);
        warn(variables.proxy_url.as_ref().map(|said| said.place("")), why);
        warn(
            variables.proxy_api_key.as_ref().map(|said| said.place("")),
            why,
        );
        warn(variables.hmac_key.as_ref().map(|said| said.place("")), why);
        warn(variables.mock_key.as_ref().map(|said| said.place("")), why);
        warn(
            variables.private_key.as_ref().map(|said| said.place("")),
            why,
        );
        return warnings;
    };
    let is_proxy =
        matches!(&signing.seal, Key::Deployed(key) if matches!(key.place, Place::Proxy(_)));
    if !is_proxy {
        let name = variables.proxy_api_key.as_ref().map(|said| said.place(""));
        let url = Name::SigningProxyUrl;
        let why = format!("no signing proxy is named, as {url} would");
        warn(name, &why);
    }
    if let Some(emergency) = &signing.emergency {
        let kid = emergency.key.kid();
        warnings.push(format!(
            "emergency: `{kid}` seals instead of the regular key, until its approval expires"
        ));
    }
    warnings
}
