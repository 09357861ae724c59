//! Connection profiles: files that say how to connect.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::outcome::Outcome;

/// How to connect, as `ledgerd dev` writes it for every holder of a certificate.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Where the daemon listens.
    pub address: SocketAddr,
    /// The name that its certificate must be for.
    pub server_name: String,
    /// File of the authority that vouches for it.
    pub ca: PathBuf,
    /// File of the client's certificate.
    pub certificate: PathBuf,
    /// File of the certificate's key.
    pub key: PathBuf,
}

/// The profiles of the roles that a load needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profiles {
    /// Name of the tenant.
    pub tenant: String,
    /// Creates assets and books.
    pub operator: PathBuf,
    /// Creates accounts.
    pub admin: PathBuf,
    /// Posts and reads.
    pub write: PathBuf,
    /// Reads the audit chain.
    pub auditor: PathBuf,
}

impl Profile {
    /// Reads a profile. Its paths start at the profile itself.
    ///
    /// # Errors
    /// It cannot be read, or is not a profile.
    pub fn load(path: &Path) -> Outcome<Self> {
        let named = |error: &dyn std::fmt::Display| format!("`{}`: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
        let mut profile: Self = toml::from_str(&text).map_err(|error| named(&error))?;
        let folder = path.parent().unwrap_or(path);
        for file in [&mut profile.ca, &mut profile.certificate, &mut profile.key] {
            *file = folder.join(&*file);
        }
        Ok(profile)
    }
}

impl Profiles {
    /// The profiles that `ledgerd dev` writes into `folder` for this tenant.
    pub fn of_tenant(folder: &Path, tenant: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            operator: folder.join("operator.toml"),
            admin: folder.join(format!("{tenant}-admin.toml")),
            write: folder.join(format!("{tenant}-write.toml")),
            auditor: folder.join("auditor.toml"),
        }
    }

    /// The profiles that lie beside `write`, which is called `TENANT-write.toml`.
    ///
    /// # Errors
    /// It is called otherwise.
    pub fn beside(write: &Path) -> Outcome<Self> {
        let name = write
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let tenant = name.strip_suffix("-write.toml").ok_or_else(|| {
            format!(
                "`{}` is not called `TENANT-write.toml`, so the profiles of an operator and an \
                 admin cannot be found beside it",
                write.display()
            )
        })?;
        Ok(Self::of_tenant(write.parent().unwrap_or(write), tenant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_profile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo-write.toml");
        let text = "address = \"127.0.0.1:7\"\nserver_name = \"localhost\"\nca = \"ca.pem\"\n\
                    certificate = \"a.pem\"\nkey = \"/keys/a.key\"\n";
        std::fs::write(&path, text).unwrap();
        let profile = Profile::load(&path).unwrap();
        assert_eq!(profile.ca, folder.path().join("ca.pem"));
        assert_eq!(profile.key, Path::new("/keys/a.key"));
        assert_eq!(profile.address.port(), 7);
        let profiles = Profiles::beside(&path).unwrap();
        assert_eq!(profiles, Profiles::of_tenant(folder.path(), "demo"));
        assert!(Profiles::beside(Path::new("other.toml")).is_err());
    }
}
