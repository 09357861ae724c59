//! TLS towards a signing proxy: one authority is trusted, and no other.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::ExposeSecret as _;

use super::{ProxyConfig, ProxyIdentity};
use crate::error::Fault;

/// What a connection to the proxy of `config` trusts and shows.
pub(super) fn client(config: &ProxyConfig) -> Result<ClientConfig, Fault> {
    let Some(ca) = &config.ca_pem else {
        return Err(wrong("HTTPS needs the authority of the proxy, as PEM"));
    };
    let mut roots = RootCertStore::empty();
    for each in certificates(ca)? {
        let unfit = |_| wrong("its authority is no usable certificate");
        roots.add(each).map_err(unfit)?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| wrong("no version of TLS is left to speak"))?
        .with_root_certificates(roots);
    match &config.identity {
        ProxyIdentity::ApiKey(_) => Ok(builder.with_no_client_auth()),
        ProxyIdentity::MutualTls { chain_pem, key_pem } => {
            let key = PrivateKeyDer::from_pem_slice(key_pem.expose_secret().as_bytes())
                .map_err(|_| wrong("the client key is no PEM of a private key"))?;
            builder
                .with_client_auth_cert(certificates(chain_pem)?, key)
                .map_err(|_| wrong("the client key does not belong to the client certificate"))
        }
    }
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let list: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match list {
        Ok(list) if !list.is_empty() => Ok(list),
        _ => Err(wrong("a certificate is no PEM")),
    }
}

fn wrong(why: &str) -> Fault {
    Fault::Setting(why.into())
}
