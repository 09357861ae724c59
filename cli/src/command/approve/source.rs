//! The approver's key, wherever it is.

use std::path::Path;

use secrecy::SecretString;
use signing::{
    KeyName, LocalDev, Patience, Pkcs11Config, ProxyConfig, ProxyIdentity, Signer, SignerConfig,
};
use verify::{Approver, ApproverSet, PublicKey};

use crate::args::ApproveArgs;
use crate::fault::{Fault, KeyFault};
use crate::files;

/// Longest key, certificate or PIN in a file, in bytes.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// The signer of the approver whose key the command line names, and who that is.
pub(super) async fn open(
    args: &ApproveArgs,
    approvers: &ApproverSet,
) -> Result<(Signer, Approver), Fault> {
    let (config, key) = config(args)?;
    let approver = match (&key, &args.kid) {
        (Some(key), None) => approvers
            .iter()
            .find(|approver| approver.public_key == *key),
        (_, Some(kid)) => approvers.get(kid),
        (None, None) => return Err(KeyFault::WhichApprover.into()),
    };
    let approver = approver.ok_or(KeyFault::NoApprover)?.clone();
    let key = approver.public_key.clone();
    let signer = Signer::connect(&config, approver.kid.clone(), key).await;
    Ok((signer.map_err(KeyFault::Signer)?, approver))
}

fn config(args: &ApproveArgs) -> Result<(SignerConfig, Option<PublicKey>), Fault> {
    if let Some(file) = &args.approver_key {
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

fn proxy(args: &ApproveArgs, url: &str) -> Result<ProxyConfig, Fault> {
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
