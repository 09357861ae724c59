//! A file of the simulated disk: what memory shows of it, what the disk has, and what of the
//! difference may or may not reach the disk.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use super::SECTOR;
use super::random::Random;
use super::state::State;
use crate::disk::File;

type Sector = Box<[u8; SECTOR]>;

/// Content of a file. Sectors that are not there are zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    view: BTreeMap<u64, Sector>,
    view_len: u64,
    durable: BTreeMap<u64, Sector>,
    durable_len: u64,
    /// Versions of sectors since the last sync, in order.
    pending: Vec<(u64, Sector)>,
}

/// What happens to a file's unsynced writes.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// None reaches the disk.
    None,
    /// All do, in order.
    All,
    /// Those before some moment do.
    Prefix,
    /// Each sector keeps any one of its versions.
    Any,
}

impl Node {
    pub(super) fn new(len: u64) -> Self {
        Self {
            view_len: len,
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.view_len
    }

    pub(super) fn read(&self, buf: &mut [u8], offset: u64) {
        for (piece, sector, from) in pieces_mut(buf, offset) {
            match self.view.get(&sector) {
                Some(bytes) => {
                    piece.copy_from_slice(bytes.get(from..from + piece.len()).unwrap_or_default());
                }
                None => piece.fill(0),
            }
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8], offset: u64) {
        for (sector, from, to, at) in pieces(bytes.len(), offset) {
            let version = self
                .view
                .entry(sector)
                .or_insert_with(|| Box::new([0; SECTOR]));
            if let (Some(into), Some(piece)) = (version.get_mut(from..to), bytes.get(at..)) {
                into.copy_from_slice(piece.get(..to - from).unwrap_or_default());
            }
            self.pending.push((sector, version.clone()));
        }
        self.view_len = self.view_len.max(offset + bytes.len() as u64);
    }

    /// Changes what memory shows and what the disk has alike.
    pub(super) fn overwrite(&mut self, bytes: &[u8], offset: u64) {
        self.write(bytes, offset);
        self.sync();
    }

    pub(super) fn truncate(&mut self, len: u64) {
        self.sync();
        self.view
            .retain(|sector, _| *sector * (SECTOR as u64) < len);
        self.view_len = len;
        self.durable.clone_from(&self.view);
        self.durable_len = len;
    }

    pub(super) fn sync(&mut self) {
        self.durable.extend(self.pending.drain(..));
        self.durable_len = self.view_len;
    }

    /// Some pending writes reach the disk, the others never will; memory still shows them all.
    pub(super) fn fail_sync(&mut self, random: &mut Random) {
        let view = (self.view.clone(), self.view_len);
        self.lose_power(random);
        (self.view, self.view_len) = view;
    }

    /// Memory lets go of the file.
    pub(super) fn forget(&mut self) {
        self.view.clone_from(&self.durable);
        self.view_len = self.durable_len;
    }

    pub(super) fn lose_power(&mut self, random: &mut Random) {
        let fate = match random.below(8) {
            0 => Fate::None,
            1 => Fate::All,
            2 | 3 => Fate::Prefix,
            _ => Fate::Any,
        };
        if self.view_len != self.durable_len && !matches!(fate, Fate::None) && random.one_in(2) {
            self.durable_len = self.view_len;
        }
        let pending = std::mem::take(&mut self.pending);
        match fate {
            Fate::None => {}
            Fate::All => self.durable.extend(pending),
            Fate::Prefix => {
                let kept = random.below(pending.len() as u64 + 1) as usize;
                self.durable.extend(pending.into_iter().take(kept));
            }
            Fate::Any => self.keep_any(pending, random),
        }
        let len = self.durable_len;
        self.durable
            .retain(|sector, _| *sector * (SECTOR as u64) < len);
        self.forget();
    }

    fn keep_any(&mut self, pending: Vec<(u64, Sector)>, random: &mut Random) {
        let mut versions: BTreeMap<u64, Vec<Sector>> = BTreeMap::new();
        for (sector, version) in pending {
            versions.entry(sector).or_default().push(version);
        }
        // A single lost sector is the hardest to notice, so it must not be rare.
        let keep = 1 + random.below(16);
        for (sector, mut of_sector) in versions {
            if !random.one_in(keep + 1) {
                let kept = random.below(of_sector.len() as u64) as usize;
                self.durable.insert(sector, of_sector.swap_remove(kept));
            }
        }
    }
}

/// Cuts `len` bytes at `offset` at sectors: number of the sector, range in it, offset in the bytes.
fn pieces(len: usize, offset: u64) -> impl Iterator<Item = (u64, usize, usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= len {
            return None;
        }
        let place = offset + at as u64;
        let from = (place % SECTOR as u64) as usize;
        let to = SECTOR.min(from + len - at);
        let piece = (place / SECTOR as u64, from, to, at);
        at += to - from;
        Some(piece)
    })
}

fn pieces_mut(buf: &mut [u8], offset: u64) -> impl Iterator<Item = (&mut [u8], u64, usize)> {
    let len = buf.len();
    let mut rest = buf;
    pieces(len, offset).map_while(move |(sector, from, to, _)| {
        let (piece, after) = std::mem::take(&mut rest).split_at_mut_checked(to - from)?;
        rest = after;
        Some((piece, sector, from))
    })
}

/// A handle of a file.
pub(super) struct SimFile {
    state: Arc<Mutex<State>>,
    boot: u64,
    node: u64,
}

impl SimFile {
    pub(super) fn new(state: Arc<Mutex<State>>, boot: u64, node: u64) -> Self {
        Self { state, boot, node }
    }
}

impl File for SimFile {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        state.check_boot(self.boot)?;
        let node = state.node(self.node)?;
        if offset.saturating_add(buf.len() as u64) > node.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        node.read(buf, offset);
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        state.begin(self.boot)?;
        state.reserve(self.node, offset + bytes.len() as u64)?;
        state.node(self.node)?.write(bytes, offset);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        state.begin(self.boot)?;
        state.sync(self.node)
    }

    fn sync_and_forget(&self) -> io::Result<()> {
        self.sync()?;
        self.state.lock().node(self.node)?.forget();
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        let mut state = self.state.lock();
        state.check_boot(self.boot)?;
        Ok(state.node(self.node)?.len())
    }
}
