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
    files: PathBuf,
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
            files: target.join(format!("{name}-files")),
            keys: std::env::temp_dir().join(name),
            is_kept,
        };
        for path in folders.all() {
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

    /// Where commands run and leave what they fetch, with a copy of the files of `example`.
    pub(crate) fn files(&self, example: &Path) -> Outcome<&Path> {
        for entry in fs::read_dir(example)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), self.files.join(entry.file_name()))?;
            }
        }
        Ok(&self.files)
    }

    /// Where goes what the daemon has to say.
    pub(crate) fn log(&self) -> PathBuf {
        self.data.join("log")
    }

    /// Deletes them and says so when that fails, which a drop could not.
    pub(crate) fn remove(mut self) -> Outcome<()> {
        if self.is_kept {
            for path in self.all() {
                eprintln!("    kept `{}`", path.display());
            }
            return Ok(());
        }
        self.is_kept = true;
        for path in self.all() {
            fs::remove_dir_all(path)
                .map_err(|error| format!("cannot delete `{}`: {error}", path.display()))?;
        }
        Ok(())
    }

    fn all(&self) -> [&Path; 3] {
        [&self.data, &self.files, &self.keys]
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        if !self.is_kept {
            for path in self.all() {
                let _ = fs::remove_dir_all(path);
            }
        }
    }
}

#[cfg(test)]
mod tests;
