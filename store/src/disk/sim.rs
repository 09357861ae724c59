//! The simulated disk: a [`Disk`] in memory that loses power, and with it any write since the last
//! sync. It is a disk to test with, here and in other crates; nothing of it outlives the process.
//!
//! What a power loss does is drawn from a seed. Every sector keeps, of all that was written to it
//! since its file was last synced, one version: the durable one, or any of the later ones. So
//! writes are dropped, reordered and torn. Names that were not synced are kept or lost one by one.

mod file;
mod random;
mod state;

use std::fmt;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::disk::{Disk, File};
use file::SimFile;
pub use random::Random;
use state::State;

/// What a disk writes whole or not at all, in bytes.
pub const SECTOR: usize = 512;

/// A simulated disk. Clones are handles of the same disk.
#[derive(Clone)]
pub struct SimDisk {
    // Guards everything: operations are atomic one against the other.
    state: Arc<Mutex<State>>,
    /// Handles of before the last power loss are stale.
    boot: u64,
    seed: u64,
}

impl SimDisk {
    /// An empty disk; all it does by chance follows from `seed`, which [`fmt::Debug`] shows.
    pub fn new(seed: u64) -> Self {
        Self {
            state: Arc::new(Mutex::new(State::new(seed))),
            boot: 0,
            seed,
        }
    }

    /// What the disk's chances follow from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Operations so far: writes, syncs, creations, renames, removals, syncs of names.
    pub fn operations(&self) -> u64 {
        self.state.lock().operations()
    }

    /// Lets power fail just before operation number `operation`, counted from 0 over the disk's
    /// life: that one and all later ones fail, until [`SimDisk::power_loss`].
    pub fn fail_power_at(&self, operation: u64) {
        self.state.lock().fail_power_at(operation);
    }

    /// Loses power and gives the disk as it is found afterwards; older handles fail from now on.
    #[must_use]
    pub fn power_loss(&self) -> Self {
        let mut state = self.state.lock();
        let boot = state.lose_power();
        Self {
            state: Arc::clone(&self.state),
            boot,
            seed: self.seed,
        }
    }

    /// Ends the process instead of the power: what was written is still there, synced or not.
    #[must_use]
    pub fn process_end(&self) -> Self {
        let mut state = self.state.lock();
        let boot = state.end_process();
        Self {
            state: Arc::clone(&self.state),
            boot,
            seed: self.seed,
        }
    }

    /// Lets the sync fail that comes after `syncs` good ones. As with a real disk, memory then
    /// shows what the disk has lost, and the next sync succeeds.
    pub fn fail_sync_after(&self, syncs: u64) {
        self.state.lock().fail_sync_after(syncs);
    }

    /// Sets how many bytes all files may have together; more is `StorageFull`.
    pub fn set_capacity(&self, bytes: u64) {
        self.state.lock().set_capacity(bytes);
    }

    /// Bytes that all files have together.
    pub fn used(&self) -> u64 {
        self.state.lock().used()
    }

    /// Flips bit `bit` (0 to 7) of the byte at `offset` of a file, for good.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn flip_bit(&self, name: &str, offset: u64, bit: u8) -> io::Result<()> {
        self.state.lock().damage(name, |node| {
            let mut byte = [0];
            node.read(&mut byte, offset);
            byte[0] ^= 1 << (bit % 8);
            node.overwrite(&byte, offset);
        })
    }

    /// Zeroes `len` bytes at `offset` of a file, for good.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn zero(&self, name: &str, offset: u64, len: usize) -> io::Result<()> {
        self.state
            .lock()
            .damage(name, |node| node.overwrite(&vec![0; len], offset))
    }

    /// Overwrites bytes of a file, for good.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn overwrite(&self, name: &str, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.state
            .lock()
            .damage(name, |node| node.overwrite(bytes, offset))
    }

    /// Cuts a file down to `len` bytes, for good.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn truncate(&self, name: &str, len: u64) -> io::Result<()> {
        self.state.lock().damage(name, |node| node.truncate(len))
    }
}

impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimDisk")
            .field("seed", &self.seed)
            .field("boot", &self.boot)
            .finish()
    }
}

impl Disk for SimDisk {
    fn open(&self, name: &str) -> io::Result<Arc<dyn File>> {
        let mut state = self.state.lock();
        state.check_boot(self.boot)?;
        let node = state.find(name)?;
        Ok(Arc::new(SimFile::new(
            Arc::clone(&self.state),
            self.boot,
            node,
        )))
    }

    fn create(&self, name: &str, len: u64) -> io::Result<Arc<dyn File>> {
        let mut state = self.state.lock();
        state.begin(self.boot)?;
        let node = state.create(name, len)?;
        Ok(Arc::new(SimFile::new(
            Arc::clone(&self.state),
            self.boot,
            node,
        )))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        state.begin(self.boot)?;
        state.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state.lock();
        state.begin(self.boot)?;
        state.remove(name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let state = self.state.lock();
        state.check_boot(self.boot)?;
        Ok(state.list())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        state.begin(self.boot)?;
        state.sync_names()
    }
}

#[cfg(test)]
mod tests;
