//! How far the writing of a run has come.

use crate::disk::Disk;

use super::error::IndexError;

/// Writes a run a step at a time.
pub(super) trait Job {
    /// The run.
    type Run;

    /// Name of the file.
    fn file_name(&self) -> &str;

    /// Bytes of memory, sources excepted.
    fn memory_bytes(&self) -> usize;

    /// Writes about `bytes` more; whether there is more to write.
    fn step(&mut self, bytes: u64) -> Result<bool, IndexError>;

    /// Makes the run durable, its name excepted. Only when nothing is left to write.
    fn finish(self) -> Result<Self::Run, IndexError>;

    /// Bytes of memory of a finished run that readers do not have yet.
    fn run_bytes(run: &Self::Run) -> usize;
}

/// How far the writing of a run has come.
pub(super) enum Progress<J: Job> {
    NotBegun,
    Going(J),
    Finished(J::Run),
    /// The last step failed, and this file is of no use.
    Failed(String),
}

impl<J: Job> Progress<J> {
    /// Writes about `bytes` more; whether there is more to write.
    pub(super) fn step(&mut self, bytes: u64) -> Result<bool, IndexError> {
        let Self::Going(job) = self else {
            return Ok(!matches!(self, Self::Finished(_)));
        };
        let more = job.step(bytes);
        if let Ok(true) = more {
            return Ok(true);
        }
        let failed = Self::Failed(job.file_name().to_owned());
        let Self::Going(job) = std::mem::replace(self, failed) else {
            return Ok(true);
        };
        more?;
        *self = Self::Finished(job.finish()?);
        Ok(false)
    }

    /// The run, when it is written.
    pub(super) fn finished(&self) -> Option<&J::Run> {
        match self {
            Self::Finished(run) => Some(run),
            _ => None,
        }
    }

    /// The run, when it is written.
    pub(super) fn take(self) -> Option<J::Run> {
        match self {
            Self::Finished(run) => Some(run),
            _ => None,
        }
    }

    /// After an error: removes the file of a step that failed, so that the run is begun anew.
    pub(super) fn abandon(&mut self, disk: &dyn Disk) {
        if let Self::Failed(name) = self {
            // A file that stays is removed when the index is opened.
            let _left = disk.remove(name);
            *self = Self::NotBegun;
        }
    }

    /// Bytes of memory, sources excepted.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::Going(job) => job.memory_bytes(),
            Self::Finished(run) => J::run_bytes(run),
            Self::NotBegun | Self::Failed(_) => 0,
        }
    }
}
