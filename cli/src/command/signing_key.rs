//! A key that signs for who types, wherever it is.

use std::path::Path;

use secrecy::SecretString;
use signing::{
    KeyName, LocalDev, Patience, Pkcs11Config, ProxyConfig, ProxyIdentity, SignerConfig,
};
use verify::PublicKey;

use crate::args::ElsewhereArgs;
use crate::fault::{Fault, KeyFault};
use crate::files;

/// Longest key, certificate or PIN in a file, in bytes.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// How to sign with the key that the command line names, and its public half if that is known.
pub(super) fn config(
    file: Option<&Path>,
    args: &ElsewhereArgs,
) -> Result<(SignerConfig, Option<PublicKey>), Fault> {
    if let Some(file) = file {
        let key = LocalDev::from_pkcs8_pem(&text(file)?).map_err(KeyFault::Signer)?;
        let public = PublicKey::from_ed25519(&key.public_bytes()).ok();
        return Ok((SignerConfig::LocalDev(key), public));
    }
    if let Some(key_id) = &args.kms_key {
        return Ok((SignerConfig::Kms(args.kms.config(key_id)), None));
    }
    if let (Some(module), Some(token), Some(label)) =
        (&args.pkcs11_module, &args.pkcs11_token, &args.pkcs11_key)
    {
        let pin = args.pkcs11_pin.as_ref().ok_or(KeyFault::NoPin)?;
        return Ok((
            SignerConfig::Pkcs11(Pkcs11Config {
                module: module.clone(),
                token: token.as_str().into(),
                key: KeyName {
                    label: Some(label.as_str().into()),
                    id: None,
                },
                pin: secret(pin)?,
                sessions: 1,
                patience: Patience::default(),
            }),
            None,
        ));
    }
    match &args.proxy {
        Some(url) => Ok((SignerConfig::Proxy(proxy(args, url)?), None)),
        None => Err(KeyFault::NoApproverKey.into()),
    }
}

fn proxy(args: &ElsewhereArgs, url: &str) -> Result<ProxyConfig, Fault> {
    let identity = match (&args.proxy_cert, &args.proxy_cert_key, &args.proxy_api_key) {
        (Some(chain), Some(key), _) => ProxyIdentity::MutualTls {
            chain_pem: text(chain)?.into(),
            key_pem: secret(key)?,
        },
        (_, _, Some(key)) => ProxyIdentity::ApiKey(secret(key)?),
        _ => return Err(KeyFault::NoProxyIdentity.into()),
    };
    let ca = args.proxy_ca.as_deref().map(text).transpose()?;
    Ok(ProxyConfig {
        url: url.into(),
        ca_pem: ca.map(Into::into),
        identity,
        patience: Patience::default(),
    })
}

fn text(file: &Path) -> Result<String, Fault> {
    let bytes = files::read(file, SECRET_BYTES_MAX)?;
    String::from_utf8(bytes).map_err(|_| Fault::Pem(file.to_owned()))
}

fn secret(file: &Path) -> Result<SecretString, Fault> {
    let text = text(file)?;
    Ok(SecretString::from(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}
