//! The development authority: made at run time in a folder of its own, for one machine.
//!
//! Everything that it makes carries a mark ([`mark`]) that profile `production` refuses.

pub(crate) mod error;
pub(crate) mod folder;
pub(crate) mod holder;
pub(crate) mod profile;
pub(crate) mod seals;

pub(crate) use settings::mark;

use std::path::Path;
use std::time::Duration;

use ledger::Nanos;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::crypto::aws_lc_rs;
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;

use crate::config::certificate::Certificate;
use crate::config::files::{self, TEXT_BYTES_MAX};
use crate::config::seconds;

use error::DevError;
use folder::Folder;
use holder::Holder;

/// Trust domain of development identities; nobody can own a name under `.invalid`.
pub(crate) const TRUST_DOMAIN: &str = "dev.ledgerd.invalid";
/// Name under which the server is asked for.
pub(crate) const SERVER_NAME: &str = "localhost";

const CA: &str = "ca";
const SERVER: &str = "server";
const CA_LIFE: Duration = Duration::from_secs(365 * 86_400);
/// How long a certificate holds unless asked otherwise.
pub(crate) const LEAF_LIFE: Duration = Duration::from_secs(30 * 86_400);
/// What has less left than this is made anew at the next start.
const RENEWAL: Duration = Duration::from_secs(10 * 86_400);
/// Clocks of a machine and its containers may differ a little.
const BACKDATE: Duration = Duration::from_secs(300);

/// A development authority.
pub(crate) struct DevCa {
    folder: Folder,
    issuer: Issuer<'static, KeyPair>,
}

impl DevCa {
    /// Takes the authority in `folder`, or makes one, and sees that the server and the first
    /// holders have certificates that last.
    ///
    /// # Errors
    /// A file cannot be read or written, or a certificate not be made.
    pub(crate) fn open_or_make(folder: Folder, now: Nanos) -> Result<Self, DevError> {
        let ca = if lasts(&folder, CA, now) {
            Self::open(folder)?
        } else {
            Self::make(folder, now)?
        };
        if !lasts(&ca.folder, SERVER, now) {
            ca.issue(SERVER, &server_params()?, LEAF_LIFE, now)?;
        }
        for holder in Holder::initial() {
            if !lasts(&ca.folder, holder.stem(), now) {
                ca.issue_to(&holder, LEAF_LIFE, now)?;
            }
        }
        Ok(ca)
    }

    /// Takes the authority in `folder`.
    ///
    /// # Errors
    /// There is none, or its key cannot be read.
    pub(crate) fn open(folder: Folder) -> Result<Self, DevError> {
        let none = || DevError::NoAuthority(folder.path().to_owned());
        let key = files::read_secret(&folder.file("ca.key"), TEXT_BYTES_MAX);
        let pem = key
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(none)?;
        let issuer = Issuer::new(ca_params(), KeyPair::from_pem(&pem)?);
        Ok(Self { folder, issuer })
    }

    fn make(folder: Folder, now: Nanos) -> Result<Self, DevError> {
        // What an authority before this one issued is worth nothing any more.
        folder.clear(&["pem", "key", "toml"])?;
        let key = KeyPair::generate()?;
        let mut params = ca_params();
        set_life(&mut params, CA_LIFE, now);
        let certificate = params.self_signed(&key)?;
        folder.write("ca.key", &mark::key_file(&key.serialize_pem()))?;
        folder.write("ca.pem", &certificate.pem())?;
        Ok(Self {
            folder,
            issuer: Issuer::new(params, key),
        })
    }

    /// Issues a certificate that holds for `life` from `now` on.
    ///
    /// # Errors
    /// A file cannot be written, or the certificate not be made.
    pub(crate) fn issue_to(
        &self,
        holder: &Holder,
        life: Duration,
        now: Nanos,
    ) -> Result<(), DevError> {
        self.issue(holder.stem(), &client_params(holder)?, life, now)
    }

    fn issue(
        &self,
        stem: &str,
        params: &CertificateParams,
        life: Duration,
        now: Nanos,
    ) -> Result<(), DevError> {
        let mut params = params.clone();
        params.distinguished_name = name(stem);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        set_life(&mut params, life, now);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        self.folder.write(
            &format!("{stem}.key"),
            &mark::key_file(&key.serialize_pem()),
        )?;
        self.folder
            .write(&format!("{stem}.pem"), &certificate.pem())
    }
}

/// Without the authority's key: names of all that hold a client certificate in `folder`.
pub(crate) fn clients(folder: &Folder) -> Result<Vec<String>, DevError> {
    let mut stems = folder.certificates()?;
    stems.retain(|stem| stem != CA && stem != SERVER);
    Ok(stems)
}

/// What never changes about the authority, so that its name and key identifier are the same after
/// a restart.
fn ca_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("ledgerd development CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server_params() -> Result<CertificateParams, DevError> {
    let names = [SERVER_NAME, "127.0.0.1", "::1"].map(str::to_owned);
    let mut params = CertificateParams::new(names)?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn client_params(holder: &Holder) -> Result<CertificateParams, DevError> {
    let id = holder.id(TRUST_DOMAIN);
    let id = id.ok_or_else(|| DevError::Misfit(format!("no identity for `{}`", holder.stem())))?;
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::URI(id.as_str().try_into()?)];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(params)
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name.push(DnType::OrganizationName, mark::ORGANIZATION);
    name
}

fn set_life(params: &mut CertificateParams, life: Duration, now: Nanos) {
    let start = date_time_ymd(1970, 1, 1) + Duration::from_nanos(now.0);
    params.not_before = start - BACKDATE;
    params.not_after = start + life;
}

/// Whether a certificate is there with its key and has some time left.
fn lasts(folder: &Folder, stem: &str, now: Nanos) -> bool {
    let (pem, key) = (
        folder.file(&format!("{stem}.pem")),
        folder.file(&format!("{stem}.key")),
    );
    let renewal = i64::try_from(RENEWAL.as_secs()).unwrap_or(i64::MAX);
    let Ok(chain) = Certificate::read_all("", &pem) else {
        return false;
    };
    chain
        .iter()
        .all(|each| each.valid_at(seconds(now).saturating_add(renewal)).is_ok())
        && fits(chain, &key)
}

/// Whether `key` holds the key of the first certificate: a crash may have come between the two.
fn fits(chain: Vec<Certificate>, key: &Path) -> bool {
    let Ok(bytes) = files::read_secret(key, TEXT_BYTES_MAX) else {
        return false;
    };
    let Ok(key) = PrivateKeyDer::from_pem_slice(&bytes) else {
        return false;
    };
    let chain = chain.into_iter().map(|each| each.der).collect();
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).is_ok()
}

#[cfg(test)]
mod tests;
