//! Packages of other registries, in folders of ours, with the versions that files of ours name.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::outcome::Outcome;
use crate::shell;

/// A folder below `tools` of the target folder, and the files that say what is in it.
pub(crate) struct Pinned {
    pub(crate) folder: &'static str,
    pub(crate) spec: &'static [&'static str],
    pub(crate) installer: Installer,
}

/// How a registry's client fills a folder.
pub(crate) struct Installer {
    /// Whether what was installed there can still be run.
    pub(crate) works: fn(&Path) -> bool,
    /// Brings the folder to what the files say; more than that may stand in it from before.
    pub(crate) install: fn(&Path, &[&str]) -> Outcome<()>,
}

/// A client that waits for a registry waits no longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(300);

/// What was installed last: the files, word for word.
const STAMP: &str = "ledgerd-installed";

impl Pinned {
    /// Installs unless the folder holds just this already, below the target folder; where that is.
    pub(crate) fn ensure_below_target(&self) -> Outcome<PathBuf> {
        let tools = shell::target_folder()?.join("tools");
        fs::create_dir_all(&tools)?;
        self.ensure(&tools)?;
        Ok(tools.join(self.folder))
    }

    /// Installs unless the folder holds just this already.
    pub(crate) fn ensure(&self, tools: &Path) -> Outcome<()> {
        // Two commands may find it missing at the same time.
        let lock = File::create(tools.join(format!("{}.lock", self.folder)))?;
        lock.lock()?;
        let folder = tools.join(self.folder);
        let stamp = folder.join(STAMP);
        let wanted = self.wanted()?;
        let is_same = fs::read_to_string(&stamp).is_ok_and(|found| found == wanted);
        if is_same && (self.installer.works)(&folder) {
            return Ok(());
        }
        let files = self.spec.join(" ");
        eprintln!("    what `{files}` names is missing or another version, installing it");
        fs::create_dir_all(&folder)?;
        (self.installer.install)(&folder, self.spec).map_err(|error| {
            format!(
                "cannot install what `{files}` names: {error}; see that its registry can be \
                 reached, and run `cargo xtask test --only tools` again"
            )
        })?;
        Ok(fs::write(stamp, wanted)?)
    }

    fn wanted(&self) -> Outcome<String> {
        let mut wanted = String::new();
        for name in self.spec {
            let text = fs::read_to_string(shell::root().join(name))
                .map_err(|error| format!("cannot read `{name}`: {error}"))?;
            wanted.push_str(&text);
        }
        Ok(wanted)
    }
}

#[cfg(test)]
mod tests;
