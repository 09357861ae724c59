//! Folders that measurements may be made in.

use std::path::{Path, PathBuf};

use crate::outcome::Outcome;

/// Numbers by which the kernel calls file systems that live in memory: tmpfs and ramfs.
const IN_MEMORY: [u64; 2] = [0x0102_1994, 0x8584_58f6];

/// The folder that this program's build went to, such as `target`: on the disk people build on,
/// and ignored by git.
///
/// # Errors
/// The program does not know where it is.
pub fn beside_program() -> Outcome<PathBuf> {
    let program = std::env::current_exe()?;
    // target/release/PROGRAM, or target/debug/deps/PROGRAM for a test.
    let mut folder = program.parent().ok_or("this program is in no folder")?;
    if folder.ends_with("deps") {
        folder = folder.parent().unwrap_or(folder);
    }
    Ok(folder.parent().unwrap_or(folder).to_owned())
}

/// Refuses a folder whose files are in memory: syncing them costs nothing, so they measure nothing.
///
/// # Errors
/// The folder is in memory, or cannot be looked at.
pub fn refuse_memory(folder: &Path) -> Outcome<()> {
    let stats =
        rustix::fs::statfs(folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
    // The type's width and sign differ between platforms; the number does not.
    if IN_MEMORY.contains(&(stats.f_type as u64 & 0xffff_ffff)) {
        let folder = folder.display();
        return Err(format!(
            "`{folder}` is in memory, where a sync costs nothing; choose a folder on a disk"
        )
        .into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn memory_is_refused_and_disks_are_not() {
        assert!(super::refuse_memory(&super::beside_program().unwrap()).is_ok());
        let shared = Path::new("/dev/shm");
        if shared.exists() {
            assert!(super::refuse_memory(shared).is_err());
        }
        assert!(super::refuse_memory(Path::new("/no/such/folder")).is_err());
    }
}
