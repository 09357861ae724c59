//! Authorities and certificates for tests, made at run time.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};

/// An authority that lives in a directory.
pub(crate) struct Ca {
    directory: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// What a certificate is to say.
#[derive(Clone, Default)]
pub(crate) struct Ask<'a> {
    /// URIs among its alternative names.
    pub(crate) uris: &'a [&'a str],
    /// Whether it ended before now.
    pub(crate) ended: bool,
    /// How long it holds from now on; for ever unless told.
    pub(crate) lasts: Option<Duration>,
    /// Whether it is a server's.
    pub(crate) server: bool,
    /// Its organisation.
    pub(crate) organization: Option<&'a str>,
}

impl Ca {
    /// Makes an authority and writes its certificate to `NAME.pem` in `directory`.
    pub(crate) fn make(directory: &Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = named(name, None);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        fs::write(directory.join(format!("{name}.pem")), pem).unwrap();
        Self {
            directory: directory.to_owned(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Issues a certificate to `STEM.pem`, with its key in `STEM.key`, and gives its DER bytes.
    pub(crate) fn issue(&self, stem: &str, ask: &Ask<'_>) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = named(stem, ask.organization);
        let uri = |uri: &&str| SanType::URI((*uri).try_into().unwrap());
        params.subject_alt_names = ask.uris.iter().map(uri).collect();
        params.use_authority_key_identifier_extension = true;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        if ask.server {
            let name = SanType::DnsName("localhost".try_into().unwrap());
            params.subject_alt_names.push(name);
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        }
        let ends = if ask.ended { 2020 } else { 2200 };
        params.not_after = date_time_ymd(ends, 1, 1);
        if let Some(lasts) = ask.lasts {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            params.not_after = date_time_ymd(1970, 1, 1) + now + lasts;
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(self.path(stem, "pem"), certificate.pem()).unwrap();
        write_private(&self.path(stem, "key"), &key.serialize_pem());
        certificate.der().to_vec()
    }

    fn path(&self, stem: &str, ending: &str) -> PathBuf {
        self.directory.join(format!("{stem}.{ending}"))
    }
}

/// Writes a file that only its owner reads.
pub(crate) fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn named(name: &str, organization: Option<&str>) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    if let Some(organization) = organization {
        distinguished.push(DnType::OrganizationName, organization);
    }
    distinguished
}
