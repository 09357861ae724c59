//! Certificates for mutual TLS on one machine.

use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};
use verify::Micros;

use super::error::DevError;
use super::folder::Folder;
use crate::clock::seconds;
use crate::config::certificate::Certificate;
use crate::mark;

/// Whom the client certificate names.
pub(crate) const CLIENT_URI: &str = "spiffe://dev.ledgerd.invalid/signing/client";

const LIFE: Duration = Duration::from_secs(30 * 86_400);
/// What has less left than this is made anew at the next start.
const RENEWAL_SECONDS: i64 = 10 * 86_400;
/// Clocks of a machine and its containers may differ a little.
const BACKDATE: Duration = Duration::from_secs(300);

/// Makes an authority, a server's certificate and a client's, unless they are there and last.
pub(crate) fn make_missing(folder: &Folder, now: Micros) -> Result<(), DevError> {
    let lasts = |stem| lasts(folder, stem, now);
    if lasts("ca") && lasts("server") && lasts("client") {
        return Ok(());
    }
    let key = KeyPair::generate()?;
    let mut params = params("ledgerd signing development CA", now);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = params.self_signed(&key)?.pem();
    let issuer = Issuer::new(params, key);
    let server = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut of_server = CertificateParams::new(server)?;
    of_server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    issue(folder, &issuer, "server", of_server, now)?;
    let mut of_client = CertificateParams::default();
    of_client.subject_alt_names = vec![SanType::URI(CLIENT_URI.try_into()?)];
    of_client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    issue(folder, &issuer, "client", of_client, now)?;
    // Last, so that what a crash left half made is made again.
    folder.write("ca.pem", &authority)
}

fn issue(
    folder: &Folder,
    issuer: &Issuer<'_, KeyPair>,
    stem: &str,
    mut params: CertificateParams,
    now: Micros,
) -> Result<(), DevError> {
    params.distinguished_name = name(stem);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    set_life(&mut params, now);
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    folder.write(
        &format!("{stem}.key"),
        &mark::key_file(&key.serialize_pem()),
    )?;
    folder.write(&format!("{stem}.pem"), &certificate.pem())
}

fn params(common: &str, now: Micros) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name(common);
    set_life(&mut params, now);
    params
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name.push(DnType::OrganizationName, mark::ORGANIZATION);
    name
}

fn set_life(params: &mut CertificateParams, now: Micros) {
    let start = date_time_ymd(1970, 1, 1) + Duration::from_micros(now.get());
    params.not_before = start - BACKDATE;
    params.not_after = start + LIFE;
}

fn lasts(folder: &Folder, stem: &str, now: Micros) -> bool {
    let until = seconds(now).saturating_add(RENEWAL_SECONDS);
    let chain = Certificate::read_all("", &folder.file(&format!("{stem}.pem")));
    chain.is_ok_and(|chain| chain.iter().all(|each| each.valid_at(until).is_ok()))
}
