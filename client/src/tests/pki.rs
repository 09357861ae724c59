//! One authority for both ends.

use std::net::Ipv4Addr;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SanType,
};
use wire::endpoint::pki::{CertificateDer, PrivateKeyDer};
use wire::endpoint::{ClientAuthority, Credentials, ServerConfig, ServerLimits};

pub(super) struct Pki(CertifiedIssuer<'static, KeyPair>);

impl Pki {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub(super) fn server_config(&self) -> ServerConfig {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        ServerConfig {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            credentials: self.sign(params),
            authorities: vec![ClientAuthority {
                name: "clients".to_owned(),
                roots: vec![self.0.der().clone()],
                crls: Vec::new(),
                refuse_stale_crls: false,
            }],
            limits: ServerLimits::default(),
        }
    }

    pub(super) fn client(&self) -> (Vec<CertificateDer<'static>>, Credentials) {
        let mut params = CertificateParams::default();
        let uri = "spiffe://bank.test/tenant/acme/role/write";
        params
            .subject_alt_names
            .push(SanType::URI(uri.try_into().unwrap()));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        (vec![self.0.der().clone()], self.sign(params))
    }

    fn sign(&self, params: CertificateParams) -> Credentials {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Credentials {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        }
    }
}
