//! Authorities and certificates made for a test.

use std::net::{Ipv4Addr, SocketAddr};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SanType, SerialNumber, date_time_ymd,
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use crate::endpoint::{ClientAuthority, Credentials, ServerConfig, ServerLimits};

pub(super) const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
pub(super) const WRITER: &str = "spiffe://bank.test/tenant/acme/role/write";

/// An authority.
pub(super) struct Ca {
    name: &'static str,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// What a certificate says besides its key.
pub(super) struct Says {
    pub(super) uris: Vec<&'static str>,
    pub(super) until: i32,
    pub(super) serial: u64,
}

impl Default for Says {
    fn default() -> Self {
        Self {
            uris: vec![WRITER],
            until: 2120,
            serial: 77,
        }
    }
}

impl Ca {
    pub(super) fn new(name: &'static str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { name, issuer }
    }

    pub(super) fn root(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    pub(super) fn authority(&self) -> ClientAuthority {
        ClientAuthority {
            name: self.name.to_owned(),
            roots: vec![self.root()],
            crls: Vec::new(),
            refuse_stale_crls: false,
        }
    }

    pub(super) fn server(&self) -> Credentials {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(params)
    }

    pub(super) fn client(&self, says: &Says) -> Credentials {
        self.sign_for(says, vec![ExtendedKeyUsagePurpose::ClientAuth])
    }

    /// What both ends of the internal plane may show.
    pub(super) fn workload(&self, says: &Says) -> Credentials {
        let both = vec![
            ExtendedKeyUsagePurpose::ClientAuth,
            ExtendedKeyUsagePurpose::ServerAuth,
        ];
        self.sign_for(says, both)
    }

    fn sign_for(&self, says: &Says, usages: Vec<ExtendedKeyUsagePurpose>) -> Credentials {
        let mut params = CertificateParams::default();
        for uri in &says.uris {
            params
                .subject_alt_names
                .push(SanType::URI((*uri).try_into().unwrap()));
        }
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(says.until, 1, 1);
        params.serial_number = Some(SerialNumber::from(says.serial));
        params.extended_key_usages = usages;
        self.sign(params)
    }

    /// A revocation list with this serial number.
    pub(super) fn revoke(&self, serial: u64) -> CertificateRevocationListDer<'static> {
        CertificateRevocationListParams {
            this_update: date_time_ymd(2024, 1, 1),
            next_update: date_time_ymd(2120, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: SerialNumber::from(serial),
                revocation_time: date_time_ymd(2024, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        }
        .signed_by(&self.issuer)
        .unwrap()
        .into()
    }

    fn sign(&self, params: CertificateParams) -> Credentials {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Credentials {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        }
    }
}

/// A configuration on any free port.
pub(super) fn config(server: &Ca, authorities: Vec<ClientAuthority>) -> ServerConfig {
    ServerConfig {
        listen: LOOPBACK,
        credentials: server.server(),
        authorities,
        limits: ServerLimits::default(),
    }
}
