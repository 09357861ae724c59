//! What `ledgerd-signing-proxy dev` makes: keys, an API key, certificates and a configuration, at
//! run time and in a folder of their own.
//!
//! Everything that it makes carries a mark ([`crate::mark`]) that profile `production` refuses.

pub(crate) mod certificates;
pub(crate) mod error;
pub(crate) mod folder;

use std::net::SocketAddr;

use ledger::Digest;
use secrecy::ExposeSecret as _;
use signing::LocalDev;
use verify::{Micros, Name, PublicKey, Usage};

use crate::config::files::{self, TEXT_BYTES_MAX};
use crate::mark;

use error::DevError;
use folder::Folder;

/// The configuration that is written.
pub(crate) const CONFIGURATION: &str = "proxy.toml";
/// The API key that is made.
pub(crate) const API_KEY: &str = "api-key";

/// What is asked for.
pub(crate) struct Ask<'a> {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Whether to serve HTTPS.
    pub(crate) tls: bool,
    /// Chains to sign; every one if there are none.
    pub(crate) origins: &'a [String],
    /// The time now.
    pub(crate) now: Micros,
}

/// Makes all that is missing in `folder`, and writes the configuration.
pub(crate) fn prepare(folder: &Folder, ask: &Ask<'_>) -> Result<(), DevError> {
    let mut text = format!(
        "# Written by `ledgerd-signing-proxy dev` at each start: what it runs with.\n\
         profile = \"development\"\n\n\
         [listen]\n\
         address = \"{}\"\n",
        ask.listen
    );
    if ask.tls {
        certificates::make_missing(folder, ask.now)?;
        text.push_str(
            "\n[tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n\
             \n[client_ca]\nfile = \"ca.pem\"\n\
             \n[[client]]\nname = \"dev-certificate\"\nrole = \"signer\"\n",
        );
        text.push_str(&format!("uri = \"{}\"\n", certificates::CLIENT_URI));
    }
    let digest = api_key(folder)?;
    text.push_str(&format!(
        "\n[[client]]\nname = \"dev\"\nrole = \"signer\"\napi_key_sha256 = \"{digest}\"\n"
    ));
    text.push_str(&origins(ask.origins)?);
    for usage in Usage::ALL {
        text.push_str(&key(folder, *usage, ask.now)?);
    }
    text.push_str(
        "\n[state]\ndirectory = \"state\"\n\n[audit]\nfile = \"audit.jsonl\"\n\
         \n[limits]\nrequests_per_second = 10000\nburst = 10000\n\
         unauthenticated_per_second = 10000\n",
    );
    folder.write(CONFIGURATION, &text)
}

/// The digest of the API key in the folder, which is made if it is missing.
fn api_key(folder: &Folder) -> Result<Digest, DevError> {
    let path = folder.file(API_KEY);
    let key = match files::read_secret(&path, TEXT_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(_) => {
            let mut random = [0; 32];
            getrandom::fill(&mut random).map_err(|error| {
                DevError::Io(path.clone(), std::io::Error::other(error.to_string()))
            })?;
            let key = verify::hex::encode(&random);
            folder.write(API_KEY, &key)?;
            key.into_bytes()
        }
    };
    Ok(Digest::of(key.trim_ascii()))
}

fn origins(given: &[String]) -> Result<String, DevError> {
    if given.is_empty() {
        return Ok("\n[[origin]]\ndeployment = \"*\"\nenvironment = \"*\"\n".into());
    }
    let mut text = String::new();
    for origin in given {
        let bad = || DevError::Origin(origin.clone());
        let (deployment, environment) = origin.split_once('/').ok_or_else(bad)?;
        for part in [deployment, environment] {
            Name::new(part).map_err(|_| bad())?;
        }
        text.push_str(&format!(
            "\n[[origin]]\ndeployment = \"{deployment}\"\nenvironment = \"{environment}\"\n"
        ));
    }
    Ok(text)
}

/// The section of the key of one usage, which is made if it is missing.
fn key(folder: &Folder, usage: Usage, now: Micros) -> Result<String, DevError> {
    let name = format!("dev-{usage}");
    let (secret, public) = (format!("{name}.key"), format!("{name}.pub"));
    let path = folder.file(&secret);
    let held = match files::read_secret(&path, TEXT_BYTES_MAX) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            LocalDev::from_pkcs8_pem(text.strip_prefix(&mark::key_file("")).unwrap_or(&text))?
        }
        Err(_) => {
            let made = LocalDev::generate()?;
            let pem = made.to_pkcs8_pem()?;
            folder.write(&secret, &mark::key_file(pem.expose_secret()))?;
            made
        }
    };
    let key = PublicKey::from_ed25519(&held.public_bytes())
        .map_err(|error| DevError::Io(path.clone(), std::io::Error::other(error.to_string())))?;
    folder.write(&public, &key.to_spki_pem())?;
    Ok(format!(
        "\n[[key]]\nkid = \"{name}\"\nusage = \"{usage}\"\nalgorithm = \"{}\"\n\
         public_key = \"{public}\"\ndeployed_at = \"{now}\"\n\
         description = \"made for development\"\nlocal = {{ file = \"{secret}\" }}\n",
        key.algorithm()
    ))
}
