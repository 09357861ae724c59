//! The folders of one run.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::outcome::Outcome;

/// How many were made by this process, whose tests run side by side.
static MADE: AtomicU32 = AtomicU32::new(0);

/// Fresh folders, deleted when dropped unless they are to be kept.
pub(crate) struct Folders {
    data: PathBuf,
    keys: PathBuf,
    is_kept: bool,
}

impl Folders {
    /// Makes one for data below the target folder: a real file system, where a temporary folder
    /// may be memory and would make every sync free. And one for keys below the system's temporary
    /// folder, since keys belong into no repository.
    pub(crate) fn create(target: &Path, is_kept: bool) -> Outcome<Self> {
        let nth = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("ledgerd-demo-{}-{nth}", std::process::id());
        fs::create_dir_all(target)?;
        let folders = Self {
            data: target.join(&name),
            keys: std::env::temp_dir().join(name),
            is_kept,
        };
        for path in [&folders.data, &folders.keys] {
            DirBuilder::new()
                .mode(0o700)
                .create(path)
                .map_err(|error| format!("cannot create `{}`: {error}", path.display()))?;
        }
        Ok(folders)
    }

    /// Where the daemon keeps its journal.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Where the daemon keeps its keys.
    pub(crate) fn keys(&self) -> &Path {
        &self.keys
    }

    /// Where goes what the daemon has to say.
    pub(crate) fn log(&self) -> PathBuf {
        self.data.join("log")
    }

    /// Deletes them and says so when that fails, which a drop could not.
    pub(crate) fn remove(mut self) -> Outcome<()> {
        if self.is_kept {
            eprintln!("    kept `{}`", self.data.display());
            eprintln!("    kept `{}`", self.keys.display());
            return Ok(());
        }
        self.is_kept = true;
        for path in [&self.data, &self.keys] {
            fs::remove_dir_all(path)
                .map_err(|error| format!("cannot delete `{}`: {error}", path.display()))?;
        }
        Ok(())
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = fs::remove_dir_all(&self.data);
            let _ = fs::remove_dir_all(&self.keys);
        }
    }
}

#[cfg(test)]
mod tests;
