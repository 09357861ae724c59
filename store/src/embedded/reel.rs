//! Files that are written from start to end, one after the other, each reserved before it is
//! needed.

use std::io;
use std::sync::Arc;

use crate::disk::{Disk, File};
use crate::file_name::FileName;

/// The file being written and the one after it.
pub(crate) struct Reel {
    name: fn(u32) -> FileName,
    /// Bytes of a new file.
    bytes: u64,
    current: Slot,
    spare: Option<Slot>,
}

struct Slot {
    number: u32,
    file: Arc<dyn File>,
    len: u64,
    at: u64,
}

impl Reel {
    /// A reel that goes on at byte `at` of file `number`, which is created if it is not there.
    pub(crate) fn open(
        disk: &dyn Disk,
        name: fn(u32) -> FileName,
        number: u32,
        at: u64,
        bytes: u64,
    ) -> io::Result<Self> {
        let file = match disk.open(&name(number).to_string()) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound && at == 0 => {
                create(disk, name(number), bytes)?
            }
            Err(error) => return Err(error),
        };
        let len = file.len()?;
        Ok(Self {
            name,
            bytes,
            current: Slot {
                number,
                file,
                len,
                at,
            },
            spare: None,
        })
    }

    /// Reserves the file after the current one.
    ///
    /// # Errors
    /// `StorageFull`, after which it can be tried again, or whatever the disk says.
    pub(crate) fn reserve(&mut self, disk: &dyn Disk) -> io::Result<()> {
        if self.spare.is_none() {
            let number = self.current.number + 1;
            let file = create(disk, (self.name)(number), self.bytes)?;
            self.spare = Some(Slot {
                number,
                file,
                len: self.bytes,
                at: 0,
            });
        }
        Ok(())
    }

    /// Whether `bytes` more fit into the current file.
    pub(crate) fn fits(&self, bytes: u64) -> bool {
        bytes <= self.left()
    }

    /// Bytes left in the current file; none in one that was cut short behind what counts of it.
    fn left(&self) -> u64 {
        self.current.len.saturating_sub(self.current.at)
    }

    /// Whether there is a file after the current one.
    pub(crate) fn has_spare(&self) -> bool {
        self.spare.is_some()
    }

    /// Bytes that fit for sure, in however many pieces of at most that together.
    pub(crate) fn free(&self) -> u64 {
        let left = self.left();
        self.spare
            .as_ref()
            .map_or(left, |spare| spare.len.max(left))
    }

    /// Number and length of the file after the current one.
    pub(crate) fn next(&self) -> Option<(u32, u64)> {
        self.spare.as_ref().map(|spare| (spare.number, spare.len))
    }

    /// Goes on to the next file, if there is one.
    pub(crate) fn advance(&mut self) {
        if let Some(spare) = self.spare.take() {
            self.current = spare;
        }
    }

    /// Where the next byte goes.
    pub(crate) fn place(&self) -> (u32, u64) {
        (self.current.number, self.current.at)
    }

    /// The file being written.
    pub(crate) fn file(&self) -> &dyn File {
        &*self.current.file
    }

    /// Name of the file after the current one, whether it is there or not.
    pub(crate) fn next_name(&self) -> FileName {
        (self.name)(self.current.number + 1)
    }

    /// Its length in bytes.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.current.len
    }

    /// Moves past `bytes` that were written.
    pub(crate) fn wrote(&mut self, bytes: u64) {
        self.current.at += bytes;
    }
}

/// Creates a file whose name and length are durable when this returns.
fn create(disk: &dyn Disk, name: FileName, bytes: u64) -> io::Result<Arc<dyn File>> {
    let file = disk.create(&name.to_string(), bytes)?;
    file.sync()?;
    disk.sync_names()?;
    Ok(file)
}
