//! The folder of development keys: for its owner alone, and in no repository.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::DevError;

const DIRECTORY_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
const OTHERS: u32 = 0o077;
/// What a repository has at its root.
const REPOSITORIES: [&str; 3] = [".git", ".hg", ".jj"];

/// A folder that only its owner enters.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, or takes one that is there, if it is private and in no repository.
    pub(crate) fn open(path: &Path) -> Result<Self, DevError> {
        let path = std::path::absolute(path).map_err(DevError::at(path))?;
        refuse_repository(&path)?;
        create_private(&path)?;
        // A link may lead where the name alone does not show.
        let path = fs::canonicalize(&path).map_err(DevError::at(&path))?;
        refuse_repository(&path)?;
        let mode = fs::metadata(&path).map_err(DevError::at(&path))?.mode() & 0o7777;
        if mode & OTHERS != 0 {
            return Err(DevError::Exposed(path, mode));
        }
        Ok(Self(path))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file that only its owner reads, whole or not at all.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<(), DevError> {
        let (path, draft) = (self.file(name), self.file(&format!(".{name}.new")));
        let written = write_new(&draft, content).and_then(|()| fs::rename(&draft, &path));
        written.map_err(DevError::at(&path))
    }
}

/// Makes a directory and those above it that are missing, for the owner alone.
pub(crate) fn create_private(path: &Path) -> Result<(), DevError> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(DIRECTORY_MODE)
        .create(path);
    made.map_err(DevError::at(path))
}

fn write_new(path: &Path, content: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(FILE_MODE)
        .open(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

fn refuse_repository(folder: &Path) -> Result<(), DevError> {
    let has_root = |path: &&Path| REPOSITORIES.iter().any(|root| path.join(root).exists());
    match folder.ancestors().find(has_root) {
        None => Ok(()),
        Some(repository) => Err(DevError::InRepository {
            folder: folder.to_owned(),
            repository: repository.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::{DevError, Folder};

    #[test]
    fn the_folder_and_its_files_are_for_the_owner_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("a/b")).unwrap();
        folder.write("x.key", "one").unwrap();
        folder.write("x.key", "two").unwrap();
        let mode = |path| fs::metadata(path).unwrap().mode() & 0o7777;
        assert_eq!(mode(folder.path().to_owned()), 0o700);
        assert_eq!(mode(folder.file("x.key")), 0o600);
        assert_eq!(fs::read_to_string(folder.file("x.key")).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_others_enter_is_refused() {
        let place = tempfile::tempdir().unwrap();
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o750)).unwrap();
        assert!(matches!(
            Folder::open(place.path()),
            Err(DevError::Exposed(_, 0o750))
        ));
    }

    #[test]
    fn a_repository_takes_no_keys_even_through_a_link() {
        let place = tempfile::tempdir().unwrap();
        let inside = place.path().join("repository/deep");
        fs::create_dir_all(place.path().join("repository/.git")).unwrap();
        fs::create_dir(&inside).unwrap();
        let refused = |path: &std::path::Path| {
            matches!(Folder::open(path), Err(DevError::InRepository { .. }))
        };
        assert!(refused(&inside));
        assert!(refused(&inside.join("not/made/yet")));
        assert!(!inside.join("not").exists());
        let link = place.path().join("link");
        symlink(&inside, &link).unwrap();
        assert!(refused(&link));
    }
}
