//! The daemon that is put under load: one of our own, or one that runs already.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use verify::Keyring;

use crate::binary;
use crate::daemon::{Daemon, Place, Stopped};
use crate::folder::{beside_program, refuse_memory};
use crate::outcome::Outcome;
use crate::process::{self, Counters};
use crate::profile::Profiles;
use crate::signer::{self, Proxy, Sealing};

/// The tenant whose certificates `ledgerd dev` makes by itself.
const TENANT: &str = "demo";
/// The keyring that `ledgerd dev` writes beside its profiles.
const KEYRING: &str = "keyring.json";
/// How long nothing may be written for the daemon to count as drained.
const QUIET: Duration = Duration::from_millis(1_000);
/// How long it may take to drain.
const DRAIN_LIMIT: Duration = Duration::from_secs(120);

/// Which daemon is put under load.
#[derive(Args, Clone, Debug)]
pub struct TargetArguments {
    /// Start a daemon on a fresh directory and stop it at the end: what happens unless `--connect`
    /// is given.
    #[arg(long, conflicts_with = "connect")]
    pub spawn: bool,
    /// Use a running daemon; PROFILE is called `TENANT-write.toml` and has those of the tenant's
    /// admin and of an operator beside it.
    #[arg(long, value_name = "PROFILE")]
    pub connect: Option<PathBuf>,
    /// The program to start; the one built beside this one unless given.
    #[arg(long, value_name = "PROGRAM", conflicts_with = "connect")]
    pub daemon: Option<PathBuf>,
    /// Folder, on a disk, in which the fresh directory is made; the build's folder unless given.
    #[arg(long, value_name = "DIR", conflicts_with = "connect")]
    pub directory: Option<PathBuf>,
    /// Keep the directory and say where it is.
    #[arg(long, conflicts_with = "connect")]
    pub keep: bool,
    /// Seconds that the daemon may take to be ready.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub ready_limit: u64,
}

/// A daemon that can be put under load.
#[derive(Debug)]
pub struct Target {
    profiles: Profiles,
    spawned: Option<Spawned>,
}

/// A daemon of our own with its directory.
#[derive(Debug)]
struct Spawned {
    place: Place,
    /// Stopped before the proxy that signs for it.
    daemon: Option<Daemon>,
    proxy: Option<Proxy>,
    _folders: [OwnFolder; 2],
}

/// A folder that is deleted when this is dropped, unless it is kept.
#[derive(Debug)]
pub struct OwnFolder {
    path: PathBuf,
    keep: bool,
}

impl Target {
    /// Starts a daemon, or takes one that runs.
    ///
    /// # Errors
    /// There is no program, no folder on a disk, or the daemon does not become ready.
    pub fn open(arguments: &TargetArguments) -> Outcome<Self> {
        Self::open_sealing(arguments, &Sealing::DEV)
    }

    /// As [`Target::open`]; a daemon of our own seals as it is told.
    ///
    /// # Errors
    /// As [`Target::open`], or there is no signing proxy.
    pub fn open_sealing(arguments: &TargetArguments, sealing: &Sealing) -> Outcome<Self> {
        if let Some(profile) = &arguments.connect {
            return Ok(Self {
                profiles: Profiles::beside(profile)?,
                spawned: None,
            });
        }
        let binary = binary::find("ledgerd", arguments.daemon.as_deref(), true)?;
        if binary
            .parent()
            .is_some_and(|folder| folder.ends_with("debug"))
        {
            let binary = binary.display();
            eprintln!("note: `{binary}` is built without optimisation; its figures mean nothing");
        }
        let parent = match &arguments.directory {
            Some(directory) => directory.clone(),
            None => beside_program()?,
        };
        let (mut place, folders) = fresh_place(binary, &parent, arguments)?;
        let proxy = if sealing.is_dev() {
            None
        } else {
            reconfigure(&mut place, sealing, arguments.daemon.is_none())?
        };
        let (daemon, _) = place.start_ready()?;
        Ok(Self {
            profiles: Profiles::of_tenant(&place.keys, TENANT),
            spawned: Some(Spawned {
                place,
                daemon: Some(daemon),
                proxy,
                _folders: folders,
            }),
        })
    }

    /// How to connect.
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The signing proxy, if one of ours signs.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.spawned.as_ref()?.proxy.as_ref()
    }

    /// The keyring by which what the daemon seals is verified: `given`, or the one beside its
    /// profiles.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn keyring(&self, given: Option<&Path>) -> Outcome<Keyring> {
        match (given, self.proxy()) {
            (Some(file), _) => signer::read_keyring(file),
            (None, Some(proxy)) => signer::read_keyring(proxy.keyring()),
            (None, None) => signer::read_keyring(&self.profiles.write.with_file_name(KEYRING)),
        }
    }

    /// Certificates for another tenant.
    ///
    /// # Errors
    /// The daemon is not ours, or does not issue them.
    pub fn issue(&self, tenant: &str) -> Outcome<Profiles> {
        self.own()?.place.issue(tenant)
    }

    /// What the daemon used so far; `None` if it is not ours.
    ///
    /// # Errors
    /// It is gone.
    pub fn counters(&self) -> Outcome<Option<Counters>> {
        self.pid().map(process::counters).transpose()
    }

    /// The most memory that the daemon ever used, in bytes; `None` if it is not ours.
    ///
    /// # Errors
    /// It is gone.
    pub fn peak_memory(&self) -> Outcome<Option<u64>> {
        self.pid().map(process::peak_memory).transpose()
    }

    /// The memory that the daemon uses now, in bytes; `None` if it is not ours.
    ///
    /// # Errors
    /// It is gone.
    pub fn memory_now(&self) -> Outcome<Option<u64>> {
        self.pid().map(process::memory_now).transpose()
    }

    /// Waits until the daemon has written everything that it puts off: a second without a write.
    ///
    /// # Errors
    /// It is gone, or goes on writing for two minutes.
    pub fn drain(&self) -> Outcome<()> {
        let Some(pid) = self.pid() else { return Ok(()) };
        let limit = Instant::now() + DRAIN_LIMIT;
        let mut last = process::counters(pid)?.written;
        let mut since = Instant::now();
        while since.elapsed() < QUIET {
            if Instant::now() > limit {
                return Err("the daemon goes on writing though nothing is asked of it".into());
            }
            std::thread::sleep(QUIET / 10);
            let written = process::counters(pid)?.written;
            if written != last {
                (last, since) = (written, Instant::now());
            }
        }
        Ok(())
    }

    /// Kills the daemon as `kill -9` does, starts it again, and says how long that took until it
    /// was ready.
    ///
    /// # Errors
    /// The daemon is not ours, or does not become ready.
    pub fn kill_and_restart(&mut self) -> Outcome<Duration> {
        self.take_daemon()?.kill()?;
        self.restart()
    }

    /// Stops the daemon, starts it again, and says how long that took until it was ready.
    ///
    /// # Errors
    /// The daemon is not ours, or does not stop or become ready.
    pub fn stop_and_restart(&mut self) -> Outcome<Duration> {
        self.take_daemon()?.stop()?;
        self.restart()
    }

    /// Stops the daemon if it is ours, and says what it had used and written in all.
    ///
    /// # Errors
    /// It does not stop, or ends with a failure.
    pub fn finish(mut self) -> Outcome<Option<Stopped>> {
        let Some(daemon) = self.spawned.as_mut().and_then(|own| own.daemon.take()) else {
            return Ok(None);
        };
        let stopped = daemon.stop()?;
        if !stopped.status.success() {
            let log = self.own()?.place.log_end();
            return Err(format!("the daemon ended with {}\n{log}", stopped.status).into());
        }
        Ok(Some(stopped))
    }

    fn restart(&mut self) -> Outcome<Duration> {
        let own = self.spawned.as_mut().ok_or(NOT_OURS)?;
        let (daemon, ready) = own.place.start_ready()?;
        own.daemon = Some(daemon);
        Ok(ready.after)
    }

    fn take_daemon(&mut self) -> Outcome<Daemon> {
        let own = self.spawned.as_mut().ok_or(NOT_OURS)?;
        own.daemon.take().ok_or_else(|| NOT_OURS.into())
    }

    fn own(&self) -> Outcome<&Spawned> {
        self.spawned.as_ref().ok_or_else(|| NOT_OURS.into())
    }

    fn pid(&self) -> Option<u32> {
        Some(self.spawned.as_ref()?.daemon.as_ref()?.pid())
    }
}

const NOT_OURS: &str = "this needs a daemon of its own; leave `--connect` out";

fn fresh_place(
    binary: PathBuf,
    parent: &Path,
    arguments: &TargetArguments,
) -> Outcome<(Place, [OwnFolder; 2])> {
    let folder = OwnFolder::create(parent, "loadtest", arguments.keep)?;
    refuse_memory(folder.path())?;
    // Keys must lie in no repository, where the folder of a build does.
    let keys = OwnFolder::create(&std::env::temp_dir(), "loadtest-keys", arguments.keep)?;
    if arguments.keep {
        eprintln!(
            "kept: {} and {}",
            folder.path().display(),
            keys.path().display()
        );
    }
    let place = Place {
        binary,
        data: folder.path().join("data"),
        keys: keys.path().join("keys"),
        log: folder.path().join("daemon.log"),
        ready_limit: Duration::from_secs(arguments.ready_limit),
        configuration: None,
    };
    Ok((place, [folder, keys]))
}

/// Has `ledgerd dev` make its keys and profiles, and writes a configuration in which the daemon
/// seals otherwise. The proxy is the one that signs then.
fn reconfigure(place: &mut Place, sealing: &Sealing, release: bool) -> Outcome<Option<Proxy>> {
    let data = place.data.clone();
    place.data = data.with_file_name("first");
    let (daemon, ready) = place.start_ready()?;
    daemon.stop()?;
    place.data = data;
    let proxy = match &sealing.proxy {
        Some(plan) => {
            let folder = place.keys.with_file_name("proxy");
            Some(Proxy::start(plan, &folder, release)?)
        }
        None => None,
    };
    let (keys, data) = (&place.keys, &place.data);
    // The profiles name this address.
    let file = signer::configure(keys, data, ready.address, sealing, proxy.as_ref())?;
    place.configuration = Some(file);
    Ok(proxy)
}

impl OwnFolder {
    /// Makes a folder in `parent` that nobody else uses.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(parent: &Path, name: &str, keep: bool) -> Outcome<Self> {
        let unique = format!(
            "ledgerd-{name}-{}-{:08x}",
            std::process::id(),
            fastrand::u32(..)
        );
        let path = parent.join(unique);
        std::fs::create_dir_all(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
        Ok(Self { path, keep })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps it.
    pub fn keep(&mut self) {
        self.keep = true;
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        if !self.keep {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OwnFolder;

    #[test]
    fn a_folder_is_gone_unless_kept() {
        let parent = tempfile::tempdir().unwrap();
        for keep in [false, true] {
            let folder = OwnFolder::create(parent.path(), "test", keep).unwrap();
            let path = folder.path().to_owned();
            assert!(path.is_dir());
            drop(folder);
            assert_eq!(path.is_dir(), keep);
        }
    }
}
