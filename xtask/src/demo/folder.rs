//! A folder for one run.

use std::fs;
use std::path::{Path, PathBuf};

use crate::outcome::Outcome;

/// A fresh folder, deleted when dropped unless it is to be kept.
pub(crate) struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Folder {
    /// Makes it below the target folder: a real file system, where a temporary folder may be
    /// memory and would make every sync free.
    pub(crate) fn create(target: &Path, keep: bool) -> Outcome<Self> {
        let path = target.join(format!("demo-{}", std::process::id()));
        fs::create_dir_all(target)?;
        fs::create_dir(&path)
            .map_err(|error| format!("cannot create `{}`: {error}", path.display()))?;
        Ok(Self { path, keep })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Deletes it and says so when that fails, which a drop could not.
    pub(crate) fn remove(mut self) -> Outcome<()> {
        if self.keep {
            eprintln!("    kept `{}`", self.path.display());
            return Ok(());
        }
        self.keep = true;
        fs::remove_dir_all(&self.path)
            .map_err(|error| format!("cannot delete `{}`: {error}", self.path.display()).into())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
