//! Directories and configurations of the daemons that are killed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::{Table, Value};

use crate::daemon::Place;
use crate::folder::{beside_program, refuse_memory};
use crate::outcome::Outcome;
use crate::profile::{Profile, Profiles};
use crate::target::OwnFolder;

/// How long a daemon may take to be ready.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// The smallest segments there may be, so that a run fills many.
const SEGMENT_BYTES: i64 = 16 << 20;
/// Few bytes between snapshots, so that rounds meet them.
const SNAPSHOT_EVERY_BYTES: i64 = 1 << 20;

/// Where everything lies.
#[derive(Debug)]
pub(super) struct Site {
    binary: PathBuf,
    folder: OwnFolder,
    keys: OwnFolder,
}

impl Site {
    /// Makes the folders, keys and profiles.
    ///
    /// # Errors
    /// There is no disk, or the daemon does not make keys.
    pub(super) fn make(binary: PathBuf, parent: Option<&Path>, keep: bool) -> Outcome<Self> {
        let parent = match parent {
            Some(parent) => parent.to_owned(),
            None => beside_program()?,
        };
        let site = Self {
            binary,
            folder: OwnFolder::create(&parent, "crash", keep)?,
            // Keys must lie in no repository, where the folder of a build does.
            keys: OwnFolder::create(&std::env::temp_dir(), "crash-keys", keep)?,
        };
        refuse_memory(site.folder.path())?;
        // Keys and the first configuration come from `ledgerd dev`.
        let first = Place {
            configuration: None,
            ..site.place("first")?
        };
        let (daemon, _) = first.start_ready()?;
        daemon.stop()?;
        Ok(site)
    }

    /// Keeps the folders and says where they are.
    pub(super) fn keep(&mut self) {
        self.folder.keep();
        self.keys.keep();
        eprintln!(
            "kept: {} and {}",
            self.folder.path().display(),
            self.keys.path().display()
        );
    }

    /// A daemon whose journal is called `name`, with a configuration of its own.
    ///
    /// # Errors
    /// The configuration cannot be written.
    pub(super) fn place(&self, name: &str) -> Outcome<Place> {
        let folder = self.folder.path();
        let keys = self.keys.path().join("keys");
        let configuration = keys.join(format!("{name}-run.toml"));
        if let Ok(text) = std::fs::read_to_string(keys.join("ledgerd.toml")) {
            let text = configure(&text, &self.journal(name))?;
            std::fs::write(&configuration, text)?;
        }
        Ok(Place {
            binary: self.binary.clone(),
            data: folder.join(name),
            keys,
            log: folder.join(format!("{name}.log")),
            ready_limit: READY_LIMIT,
            configuration: Some(configuration),
        })
    }

    /// The directory of the journal called `name`.
    pub(super) fn journal(&self, name: &str) -> PathBuf {
        self.folder.path().join(name).join("journal")
    }

    /// The folder of keys and profiles.
    pub(super) fn keys(&self) -> PathBuf {
        self.keys.path().join("keys")
    }

    /// The directory of the anchor of the journal called `name`.
    pub(super) fn anchor(&self, name: &str) -> PathBuf {
        self.journal(name).with_file_name("anchor")
    }

    /// The profiles of those who write, with which they find the daemon wherever it listens.
    ///
    /// # Errors
    /// They are not there.
    pub(super) fn profiles(&self) -> Outcome<(Profiles, Profile, Profile)> {
        let profiles = Profiles::of_tenant(&self.keys(), "demo");
        let write = Profile::load(&profiles.write)?;
        let admin = Profile::load(&profiles.admin)?;
        Ok((profiles, write, admin))
    }
}

/// The configuration of `ledgerd dev` with another journal and small segments.
fn configure(text: &str, journal: &Path) -> Outcome<String> {
    let mut table: Table = text.parse()?;
    let path = journal.to_str().ok_or("the journal's path is not UTF-8")?;
    let section = table.get_mut("journal").and_then(Value::as_table_mut);
    let section = section.ok_or("the daemon's configuration has no journal")?;
    section.insert("directory".to_owned(), path.into());
    section.insert("segment_bytes".to_owned(), SEGMENT_BYTES.into());
    section.insert(
        "snapshot_every_bytes".to_owned(),
        SNAPSHOT_EVERY_BYTES.into(),
    );
    // The anchor of one chain is no other's.
    let signing = table.get_mut("signing").and_then(Value::as_table_mut);
    if let Some(signing) = signing {
        let path = journal.with_file_name("anchor");
        let path = path.to_str().ok_or("the anchor's path is not UTF-8")?;
        let anchor = Table::from_iter([("directory".to_owned(), path.into())]);
        signing.insert("anchor".to_owned(), Value::Table(anchor));
    }
    std::fs::create_dir_all(journal)?;
    Ok(table.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_journal_and_the_anchor_change() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal");
        let text = "profile = \"development\"\n[journal]\nkind = \"embedded\"\ndirectory = 'x'\n";
        let table: Table = configure(text, &journal).unwrap().parse().unwrap();
        assert_eq!(table["profile"].as_str(), Some("development"));
        assert_eq!(table["journal"]["kind"].as_str(), Some("embedded"));
        assert_eq!(table["journal"]["directory"].as_str(), journal.to_str());
        assert_eq!(
            table["journal"]["segment_bytes"].as_integer(),
            Some(SEGMENT_BYTES)
        );
        let text =
            format!("{text}[signing]\ndeployment = \"dev\"\nanchor = {{ directory = 'x' }}\n");
        let table: Table = configure(&text, &journal).unwrap().parse().unwrap();
        let anchor = folder.path().join("anchor");
        assert_eq!(
            table["signing"]["anchor"]["directory"].as_str(),
            anchor.to_str()
        );
        assert_eq!(table["signing"]["deployment"].as_str(), Some("dev"));
        assert!(configure("profile = \"x\"", &journal).is_err());
    }
}
