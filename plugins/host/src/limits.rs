//! Every limit that a policy runs under, in one place.

use std::time::Duration;

use ledger::limits::{BATCH_ACCOUNTS_MAX, BATCH_TRANSFERS_MAX};

/// What one policy may use: the part that its manifest may choose.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// Linear memory of one instance, all its memories together; [`MEMORY_BYTES_MIN`] to
    /// [`MEMORY_BYTES_MAX`].
    pub memory_bytes: u64,
    /// Time that every call has, in microseconds; 1 to [`BASE_MICROS_MAX`].
    pub base_micros: u32,
    /// Time that a call has besides for each row that is passed, in nanoseconds; up to
    /// [`PER_TRANSFER_NANOS_MAX`].
    pub per_transfer_nanos: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 16 << 20,
            base_micros: 5_000,
            per_transfer_nanos: 1_000,
        }
    }
}

impl Limits {
    /// Limits for languages that bring a runtime of their own, such as JavaScript and Python.
    pub const ROOMY: Self = Self {
        memory_bytes: MEMORY_BYTES_MAX,
        base_micros: 20_000,
        per_transfer_nanos: 50_000,
    };

    /// The first of them that is out of range.
    pub fn problem(&self) -> Option<LimitOutOfRange> {
        let rows = [
            (
                "memory_bytes",
                self.memory_bytes,
                MEMORY_BYTES_MIN,
                MEMORY_BYTES_MAX,
            ),
            (
                "base_micros",
                u64::from(self.base_micros),
                1,
                u64::from(BASE_MICROS_MAX),
            ),
            (
                "per_transfer_nanos",
                u64::from(self.per_transfer_nanos),
                0,
                u64::from(PER_TRANSFER_NANOS_MAX),
            ),
        ];
        rows.into_iter()
            .find(|(_, value, least, most)| !(least..=most).contains(&value))
            .map(|(limit, value, least, most)| LimitOutOfRange {
                limit,
                value,
                least,
                most,
            })
    }

    /// Ticks that a call with this many rows has. The tick that is running counts for nothing, so
    /// one more is given.
    pub(crate) fn ticks(&self, rows: usize) -> u64 {
        let nanos = u64::from(self.base_micros) * 1_000
            + u64::from(self.per_transfer_nanos) * (rows.min(ROWS_MAX) as u64);
        nanos.div_ceil(TICK_NANOS) + 1
    }
}

/// A limit that is too low or too high.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LimitOutOfRange {
    /// Name of the limit.
    pub limit: &'static str,
    /// What was given.
    pub value: u64,
    /// The least there may be.
    pub least: u64,
    /// The most there may be.
    pub most: u64,
}

impl std::fmt::Display for LimitOutOfRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            limit,
            value,
            least,
            most,
        } = self;
        write!(f, "limit `{limit}` is `{value}`, not {least} to {most}")
    }
}

/// Least linear memory of one instance: what a small guest needs for a full batch.
pub const MEMORY_BYTES_MIN: u64 = 1 << 20;
/// Most linear memory of one instance.
pub const MEMORY_BYTES_MAX: u64 = 128 << 20;
/// Most time for a call before its rows are counted.
pub const BASE_MICROS_MAX: u32 = 100_000;
/// Most time for a row.
pub const PER_TRANSFER_NANOS_MAX: u32 = 100_000;
/// Time that `init` and `describe` have, each: they run when a policy is loaded, and `init` again
/// for each further instance.
pub const INIT_MICROS_MAX: u32 = 1_000_000;

/// Most rows of one column: every transfer names two accounts.
pub const ROWS_MAX: usize = 2 * BATCH_TRANSFERS_MAX;
const _: () = assert!(ROWS_MAX >= BATCH_ACCOUNTS_MAX);

/// One tick of the clock that ends calls.
pub(crate) const TICK_NANOS: u64 = 1_000_000;
/// One tick of the clock that ends calls.
pub(crate) const TICK: Duration = Duration::from_nanos(TICK_NANOS);

/// Largest component, in bytes.
pub const COMPONENT_BYTES_MAX: usize = 24 << 20;
/// Longest configuration, in bytes.
pub const CONFIG_BYTES_MAX: usize = 1 << 20;
/// Longest file of cases, in bytes.
pub const CASES_BYTES_MAX: usize = 8 << 20;

/// Most rules of one policy.
pub const RULES_MAX: usize = 256;
/// Longest name of a policy or rule, in bytes.
pub const NAME_BYTES_MAX: usize = 64;
/// Longest description of a rule, in bytes.
pub const DOC_BYTES_MAX: usize = 1_024;
/// Longest text of an error or of a reason, in bytes; longer ones are cut.
pub const TEXT_BYTES_MAX: usize = 512;
/// Most reasons in one explanation.
pub const REASONS_MAX: usize = BATCH_TRANSFERS_MAX + RULES_MAX;
