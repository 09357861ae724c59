//! What the proxy shows to clients, and what it asks of them, on one encrypted connection.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::NoClientAuth;

use super::client_ca::ClientCa;
use super::problem::Problem;
use super::provenance::Provenance;
use super::server_identity::ServerIdentity;

/// What the proxy shows to clients, and what it asks of them.
#[derive(Debug)]
pub(crate) struct Tls {
    /// What it shows.
    pub(crate) server: ServerIdentity,
    /// Whose certificates it accepts; none where every client has an API key.
    pub(crate) clients: Option<ClientCa>,
}

impl Tls {
    /// How connections are taken. Where nobody has an API key, nobody connects without a
    /// certificate.
    pub(crate) fn acceptor(&self, has_api_keys: bool) -> Result<ServerConfig, Problem> {
        let verifier = match &self.clients {
            Some(ca) => ca.verifier(has_api_keys).map_err(|fault| {
                let advice = "give certificates and lists as the authority signed them";
                Problem::of_file("client_ca.file", &ca.file, fault, advice)
            })?,
            None => Arc::new(NoClientAuth),
        };
        let bad = |error: rustls::Error| Problem {
            key: "tls.certificate".into(),
            value: None,
            fault: format!("cannot be used: {error}"),
            advice: "give a certificate and key for a server".into(),
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(bad)?
            .with_client_cert_verifier(verifier)
            .with_single_cert(self.server.chain(), self.server.key())
            .map_err(bad)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A request that signs must not come twice because a network played it twice.
        config.max_early_data_size = 0;
        Ok(config)
    }
}

impl Provenance for Tls {
    fn development_mark(&self) -> Option<&'static str> {
        let of_clients = || self.clients.as_ref()?.development_mark();
        self.server.development_mark().or_else(of_clients)
    }
}
