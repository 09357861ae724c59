//! Files of the journal that are open for reading; not more than a few of them at a time.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::disk::{Disk, File};
use crate::file_name::FileName;

/// Most files kept open for reading.
const OPEN_MAX: usize = 64;

/// Opens files when they are asked for, and keeps those asked for last.
pub(crate) struct Files {
    disk: Arc<dyn Disk>,
    // Last asked for comes last. Held only to look up or to open, never while reading.
    open: Mutex<Vec<(FileName, Arc<dyn File>)>>,
}

impl Files {
    pub(crate) fn new(disk: Arc<dyn Disk>) -> Self {
        Self {
            disk,
            open: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn get(&self, name: FileName) -> io::Result<Arc<dyn File>> {
        let mut open = self.open.lock();
        let entry = match open.iter().position(|(other, _)| *other == name) {
            Some(at) => open.remove(at),
            None => (name, self.disk.open(&name.to_string())?),
        };
        let file = Arc::clone(&entry.1);
        if open.len() >= OPEN_MAX {
            open.remove(0);
        }
        open.push(entry);
        Ok(file)
    }
}
