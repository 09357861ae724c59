//! Authorities and certificates for tests, made at run time.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};

/// An authority that lives in a directory.
pub(crate) struct Ca {
    name: String,
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
    /// Its serial number.
    pub(crate) serial: u64,
}

impl Ca {
    /// Makes an authority and writes its certificate to `NAME.pem` in `directory`.
    pub(crate) fn make(directory: &Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        fs::write(directory.join(format!("{name}.pem")), pem).unwrap();
        let issuer = Issuer::new(params, key);
        Self {
            name: name.to_owned(),
            directory: directory.to_owned(),
            issuer,
        }
    }

    /// Issues a certificate to `STEM.pem`, with its key in `STEM.key`, and gives its DER bytes.
    pub(crate) fn issue(&self, stem: &str, ask: &Ask<'_>) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.distinguished_name = common_name(stem);
        let uri = |uri: &&str| SanType::URI((*uri).try_into().unwrap());
        params.subject_alt_names = ask.uris.iter().map(uri).collect();
        params.use_authority_key_identifier_extension = true;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        if ask.server {
            params
                .subject_alt_names
                .push(SanType::DnsName("localhost".try_into().unwrap()));
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        }
        let ends = if ask.ended { 2020 } else { 2200 };
        params.not_after = date_time_ymd(ends, 1, 1);
        if let Some(lasts) = ask.lasts {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            params.not_after = date_time_ymd(1970, 1, 1) + now + lasts;
        }
        if ask.serial != 0 {
            params.serial_number = Some(SerialNumber::from(ask.serial));
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(self.path(stem, "pem"), certificate.pem()).unwrap();
        fs::write(self.path(stem, "key"), key.serialize_pem()).unwrap();
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(self.path(stem, "key"), private).unwrap();
        certificate.der().to_vec()
    }

    /// Writes a list of revoked serial numbers to `NAME.crl`.
    pub(crate) fn revoke(&self, serials: &[u64]) {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 1),
            next_update: date_time_ymd(4000, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&self.issuer).unwrap();
        fs::write(self.path(&self.name, "crl"), list.pem().unwrap()).unwrap();
    }

    fn path(&self, stem: &str, ending: &str) -> PathBuf {
        self.directory.join(format!("{stem}.{ending}"))
    }
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}
