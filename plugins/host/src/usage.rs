//! What one instance uses, and may use.

use wasmtime::ResourceLimiter;

use crate::deadline::Deadline;
use crate::limits;

/// What one instance uses. Growth beyond its limit is refused and remembered: the guest then fails
/// in a way of its own, and only this tells why.
#[derive(Debug)]
pub(crate) struct Usage {
    /// When the call that is under way has had its time.
    pub(crate) deadline: Deadline,
    most_bytes: usize,
    bytes: usize,
    refused: bool,
}

impl Usage {
    pub(crate) fn new(most_bytes: u64) -> Self {
        Self {
            deadline: Deadline::default(),
            most_bytes: usize::try_from(most_bytes).unwrap_or(usize::MAX),
            bytes: 0,
            refused: false,
        }
    }

    /// Linear memory, all memories together.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether something was refused since this was asked last.
    pub(crate) fn take_refused(&mut self) -> bool {
        std::mem::take(&mut self.refused)
    }
}

impl ResourceLimiter for Usage {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let bytes = self.bytes.saturating_add(desired.saturating_sub(current));
        if bytes > self.most_bytes {
            self.refused = true;
            return Ok(false);
        }
        self.bytes = bytes;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > limits::TABLE_ELEMENTS_MAX {
            self.refused = true;
            return Ok(false);
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        limits::CORE_INSTANCES_MAX as usize
    }

    fn tables(&self) -> usize {
        limits::TABLES_MAX as usize
    }

    fn memories(&self) -> usize {
        limits::MEMORIES_MAX as usize
    }
}
