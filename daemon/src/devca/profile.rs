//! Connection profiles: a file per holder that says how to connect, for `ledgerctl` and tests.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use plugins_host::Scope;

use verify::Usage;

use super::error::DevError;
use super::folder::Folder;
use super::seals::{APPROVERS, DEPLOYMENT, ENVIRONMENT, KEYRING, KEYS};
use super::{SERVER_NAME, TRUST_DOMAIN};

/// The configuration that `ledgerd dev` runs with, in the folder of its keys.
pub(crate) const CONFIGURATION: &str = "ledgerd.toml";
/// Certificates that the development daemon refuses.
const DENY_LIST: &str = "deny.list";

/// Writes a profile for every client certificate in `folder`, of a server at `address`.
pub(crate) fn write_all(folder: &Folder, address: SocketAddr) -> Result<(), DevError> {
    super::clients(folder)?
        .iter()
        .try_for_each(|stem| write(folder, stem, address).map(|_| ()))
}

/// Writes the profile of one holder and says where. Its paths start at the profile itself.
pub(crate) fn write(folder: &Folder, stem: &str, address: SocketAddr) -> Result<PathBuf, DevError> {
    let text = format!(
        "# Written by `ledgerd dev`: how `{stem}` connects.\n\
         address = \"{address}\"\n\
         server_name = \"{SERVER_NAME}\"\n\
         ca = \"ca.pem\"\n\
         certificate = \"{stem}.pem\"\n\
         key = \"{stem}.key\"\n"
    );
    let name = format!("{stem}.toml");
    folder.write(&name, &text)?;
    Ok(folder.file(&name))
}

/// The address that the profiles in `folder` name, once the daemon has run.
pub(crate) fn address(folder: &Folder) -> Option<SocketAddr> {
    let text = std::fs::read_to_string(folder.file("operator.toml")).ok()?;
    text.parse::<toml::Table>()
        .ok()?
        .get("address")?
        .as_str()?
        .parse()
        .ok()
}

/// Writes the configuration that the development daemon runs with: the same file that
/// `ledgerd run` reads, so that there is one way in. Journal and anchor lie beside each other in
/// `data`.
pub(crate) fn write_configuration(
    folder: &Folder,
    data: &Path,
    listen: SocketAddr,
) -> Result<(), DevError> {
    let writable = |text: &&str| !text.contains(['\'', '\n', '\r']);
    let path = |name: &str| {
        let path = data.join(name);
        let text = path.to_str().filter(writable).map(str::to_owned);
        text.ok_or(DevError::Unwritable(path))
    };
    let (journal, anchor) = (path("journal")?, path("anchor")?);
    let scope = Scope::CrossTenantRead;
    let text = format!(
        "# Written by `ledgerd dev` at each start: what it runs with.\n\
         profile = \"development\"\n\
         deny_list = \"{DENY_LIST}\"\n\n\
         [listen]\n\
         address = \"{listen}\"\n\n\
         [tls]\n\
         certificate = \"server.pem\"\n\
         key = \"server.key\"\n\n\
         [[client_ca]]\n\
         file = \"ca.pem\"\n\
         trust_domain = \"{TRUST_DOMAIN}\"\n\
         tenants = [\"*\"]\n\
         roles = [\"read\", \"write\", \"admin\", \"operator\", \"auditor\", \"billing\"]\n\
         scopes = [\"{scope}\"]\n\n\
         # The first auditor reads what is the tenants'; who is named with `--name` does not.\n\
         [[scope]]\n\
         uri = \"spiffe://{TRUST_DOMAIN}/platform/role/auditor\"\n\
         scopes = [\"{scope}\"]\n\n\
         [journal]\n\
         kind = \"embedded\"\n\
         directory = '{journal}'\n\n\
         [signing]\n\
         deployment = \"{DEPLOYMENT}\"\n\
         environment = \"{ENVIRONMENT}\"\n\
         keyring = \"{KEYRING}\"\n\
         approvers = \"{APPROVERS}\"\n\
         anchor = {{ directory = '{anchor}' }}\n"
    );
    // Policies are signed by whoever writes them, and not by the daemon.
    let signs = |usage: &Usage| *usage != Usage::Policy;
    let keys = KEYS.iter().filter(|(.., usage)| signs(usage));
    let keys = keys.map(|(stem, kid, _)| {
        format!(
            "\n[signing.{stem}]\n\
             kid = \"{kid}\"\n\
             algorithm = \"ed25519\"\n\
             local = {{ key = \"{stem}.pk8\" }}\n"
        )
    });
    let text = keys.fold(text, |text, key| text + &key);
    if !folder.file(DENY_LIST).exists() {
        folder.write(
            DENY_LIST,
            "# fingerprint HEX, or serial HEX; SIGHUP reads it again\n",
        )?;
    }
    folder.write(CONFIGURATION, &text)
}
