//! Variables that nothing uses yet: parsed, so that they are right when something does.

use super::super::problem::Problems;
use super::super::source::Source;
use super::super::url;
use super::{Misfit, any_secret, said};
use crate::environment::{Given, Name};

/// A variable that is right and that nothing uses yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unused {
    /// Which.
    pub(crate) name: Name,
    /// What it says; none when that is a secret.
    pub(crate) value: Option<String>,
    /// Who says so.
    pub(crate) source: Source,
}

type Check = fn(&str) -> Result<(), Misfit>;

const CHECKS: [(Name, Check); 8] = [
    (Name::DatabaseUrl, database),
    (Name::KernelApiUrl, address),
    (Name::KernelClientCert, certificate),
    (Name::KernelClientKey, key),
    (Name::KernelServiceToken, token),
    (Name::PromEndpoint, address),
    (Name::OtelCollectorUrl, address),
    (Name::SentryDsn, dsn),
];

/// Parses them.
pub(super) fn check(given: &Given, problems: &mut Problems) -> Vec<Unused> {
    let checked = CHECKS.iter().filter_map(|(name, check)| {
        let parse = |text: &str| check(text).and_then(|()| any_secret(text));
        let agreed = said(given, *name, parse, problems)?;
        let is_open = !name.is_secret() && !agreed.value.expose().contains("-----BEGIN");
        Some(Unused {
            name: *name,
            value: is_open.then(|| agreed.value.expose().to_owned()),
            source: agreed.source,
        })
    });
    checked.collect()
}

fn address(text: &str) -> Result<(), Misfit> {
    super::url(text).map(|_| ())
}

fn database(text: &str) -> Result<(), Misfit> {
    let advice = "give an address such as postgres://USER@HOST/DATABASE";
    url::check_database(text).map_err(|fault| Misfit(fault, advice))
}

fn dsn(text: &str) -> Result<(), Misfit> {
    let advice = "give an address such as https://KEY@HOST/PROJECT";
    url::check_dsn(text).map_err(|fault| Misfit(fault, advice))
}

fn token(text: &str) -> Result<(), Misfit> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(Misfit(
            "has blanks or letters beyond ASCII",
            "give the token alone",
        ))
    }
}

/// A file, or PEM itself.
fn certificate(text: &str) -> Result<(), Misfit> {
    pem(
        text,
        "-----BEGIN CERTIFICATE-----",
        "give a file, or a certificate in PEM",
    )
}

fn key(text: &str) -> Result<(), Misfit> {
    pem(
        text,
        "PRIVATE KEY-----",
        "give a file, or a private key in PEM",
    )
}

fn pem(text: &str, mark: &str, advice: &'static str) -> Result<(), Misfit> {
    if text.contains("-----BEGIN") && !text.contains(mark) {
        return Err(Misfit("holds something else in PEM", advice));
    }
    Ok(())
}
