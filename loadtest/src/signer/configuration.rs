//! The configuration of a daemon that seals otherwise than `ledgerd dev` does: that of
//! `ledgerd dev`, with what is different.

use std::net::SocketAddr;
use std::path::Path;

use toml::{Table, Value};

use super::keys::{APPROVERS_FILE, USAGES};
use super::{Proxy, Sealing};
use crate::outcome::Outcome;

/// What `ledgerd dev` writes into the folder of its keys.
const DEV_CONFIGURATION: &str = "ledgerd.toml";
/// What is written beside it.
const CONFIGURATION: &str = "loadtest.toml";

/// What stands in the configuration.
pub(super) struct Wanted<'a> {
    /// Where to listen.
    pub(super) address: SocketAddr,
    /// Where journal and anchor are.
    pub(super) data: &'a Path,
    /// The proxy that signs, if one does.
    pub(super) proxy: Option<ProxyPlace<'a>>,
}

/// Where a proxy is.
#[derive(Clone, Copy)]
pub(super) struct ProxyPlace<'a> {
    pub(super) url: &'a str,
    /// Its certificates.
    pub(super) folder: &'a Path,
    /// The keyring with its keys.
    pub(super) keyring: &'a Path,
}

/// Writes the configuration beside the keys of `ledgerd dev` in `keys`, and says where it is.
///
/// # Errors
/// `ledgerd dev` has not run there, or a file cannot be written.
pub fn configure(
    keys: &Path,
    data: &Path,
    address: SocketAddr,
    sealing: &Sealing,
    proxy: Option<&Proxy>,
) -> Outcome<std::path::PathBuf> {
    let source = keys.join(DEV_CONFIGURATION);
    let text = std::fs::read_to_string(&source)
        .map_err(|error| format!("`{}`: {error}", source.display()))?;
    let wanted = Wanted {
        address,
        data,
        proxy: proxy.map(|proxy| ProxyPlace {
            url: proxy.url(),
            folder: proxy.folder(),
            keyring: proxy.keyring(),
        }),
    };
    let file = keys.join(CONFIGURATION);
    std::fs::write(&file, changed(&text, sealing, &wanted)?)?;
    Ok(file)
}

/// The configuration `text`, changed.
pub(super) fn changed(text: &str, sealing: &Sealing, wanted: &Wanted<'_>) -> Outcome<String> {
    let mut all: Table = text.parse()?;
    let data = |name: &str| path(&wanted.data.join(name));
    section(&mut all, "listen")?.insert("address".into(), wanted.address.to_string().into());
    section(&mut all, "journal")?.insert("directory".into(), data("journal")?);
    if !sealing.is_on {
        all.remove("signing");
        return Ok(toml::to_string(&all)?);
    }
    let signing = section(&mut all, "signing")?;
    let anchor = Table::from_iter([("directory".to_owned(), data("anchor")?)]);
    signing.insert("anchor".into(), anchor.into());
    if let Some(most) = sealing.max_unsealed {
        signing.insert("max_unsealed_transfers".into(), i64::try_from(most)?.into());
    }
    if let Some(proxy) = &wanted.proxy {
        signing.insert("keyring".into(), path(proxy.keyring)?);
        let approvers = proxy.keyring.with_file_name(APPROVERS_FILE);
        signing.insert("approvers".into(), path(&approvers)?);
        for (usage, _) in USAGES {
            signing.insert(usage.into(), key(usage, proxy)?.into());
        }
    }
    Ok(toml::to_string(&all)?)
}

/// The section of one key.
fn key(usage: &str, proxy: &ProxyPlace<'_>) -> Outcome<Table> {
    let file = |name: &str| path(&proxy.folder.join(name));
    let place = Table::from_iter([
        ("url".to_owned(), proxy.url.into()),
        ("ca".to_owned(), file("ca.pem")?),
        ("certificate".to_owned(), file("client.pem")?),
        ("key".to_owned(), file("client.key")?),
    ]);
    Ok(Table::from_iter([
        ("kid".to_owned(), format!("dev-{usage}").into()),
        ("algorithm".to_owned(), "ed25519".into()),
        ("proxy".to_owned(), place.into()),
    ]))
}

fn section<'a>(all: &'a mut Table, name: &str) -> Outcome<&'a mut Table> {
    let section = all.get_mut(name).and_then(Value::as_table_mut);
    section.ok_or_else(|| format!("`{DEV_CONFIGURATION}` has no section `{name}`").into())
}

fn path(path: &Path) -> Outcome<Value> {
    let text = path
        .to_str()
        .ok_or_else(|| format!("`{}` is not UTF-8", path.display()))?;
    Ok(text.into())
}
