//! Every limit that a policy runs under, in one place.

use std::time::Duration;

use ledger::limits::{BATCH_ACCOUNTS_MAX, BATCH_TRANSFERS_MAX};

/// What one policy may use: the part that its manifest may choose.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// Linear memory of one instance, all its memories together; [`MEMORY_BYTES_MIN`] to
    /// [`MEMORY_BYTES_MAX`].
    pub memory_bytes: u64,
    /// Time that every call may run, in microseconds; 1 to [`BASE_MICROS_MAX`].
    pub base_micros: u32,
    /// Time that a call may run besides for each row that is passed, in nanoseconds; up to
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

    /// Nanoseconds that `init` and `describe` have.
    pub(crate) fn init_nanos(&self) -> u64 {
        self.nanos(0) * INIT_FACTOR
    }

    /// Nanoseconds that an explanation has, which people wait for.
    pub(crate) fn explain_nanos(&self, rows: usize) -> u64 {
        self.nanos(rows) * EXPLAIN_FACTOR
    }

    /// Nanoseconds that a call with this many rows has.
    pub(crate) fn nanos(&self, rows: usize) -> u64 {
        u64::from(self.base_micros) * 1_000
            + u64::from(self.per_transfer_nanos) * (rows.min(ROWS_MAX) as u64)
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
/// How many times the base `init` and `describe` have: they read the configuration, when a policy
/// is loaded and again for each further instance.
pub(crate) const INIT_FACTOR: u64 = 10;
/// How many times the time of a decision its explanation has.
pub(crate) const EXPLAIN_FACTOR: u64 = 10;

/// Most rows of one column: every transfer names two accounts.
pub const ROWS_MAX: usize = 2 * BATCH_TRANSFERS_MAX;
const _: () = assert!(ROWS_MAX >= BATCH_ACCOUNTS_MAX);

/// How many times its time a call may take if its thread has to wait for a processor.
pub(crate) const WAIT_FACTOR: u64 = 50;
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

/// Stack of a guest, in bytes; the calling thread needs as much besides.
pub const STACK_BYTES: usize = 512 << 10;
/// Most instances at one time.
pub const INSTANCES_MAX: u32 = 2_048;
/// Most core instances, tables and memories of one instance: runtimes such as Python's are made of
/// several.
pub(crate) const CORE_INSTANCES_MAX: u32 = 128;
pub(crate) const TABLES_MAX: u32 = 16;
pub(crate) const MEMORIES_MAX: u32 = 2;
/// Most elements of one table.
pub(crate) const TABLE_ELEMENTS_MAX: usize = 65_536;
/// Instances that are left free for those who ask at this moment.
pub(crate) const INSTANCES_SPARE: usize = 64;
/// Calls after which an instance is replaced by a fresh one.
pub(crate) const CALLS_MAX: u32 = 100_000;

/// Most bytes of an error's text, on this side.
pub(crate) const ERROR_BYTES_MAX: usize = 64 << 10;
/// Most bytes of a description, on this side: twice what the rules may have, so that who has too
/// many is told so.
pub(crate) const DESCRIPTION_BYTES_MAX: usize =
    2 * RULES_MAX * (NAME_BYTES_MAX + DOC_BYTES_MAX + 64);
/// Most bytes of an explanation, on this side.
pub(crate) const EXPLANATION_BYTES_MAX: usize = REASONS_MAX * (TEXT_BYTES_MAX + 64);

/// Most of what a component is made of. Policies in Python and JavaScript, which bring a runtime,
/// stay below half of each.
pub(crate) const NESTED_MAX: u64 = 128;
pub(crate) const FUNCTIONS_MAX: u64 = 60_000;
pub(crate) const TYPES_MAX: u64 = 20_000;
pub(crate) const ITEMS_MAX: u64 = 60_000;
pub(crate) const SEGMENTS_MAX: u64 = 60_000;
pub(crate) const BODY_BYTES_MAX: u64 = 1 << 20;
pub(crate) const CODE_BYTES_MAX: u64 = COMPONENT_BYTES_MAX as u64;
pub(crate) const BODY_LOCALS_MAX: u64 = 10_000;
pub(crate) const LOCALS_MAX: u64 = 500_000;

/// Faults in a row that open a policy's breaker.
pub const FAULTS_IN_A_ROW: u32 = 5;
/// Ticks for which a breaker opens at first.
pub const COOL_DOWN_TICKS: u64 = 1_000;
/// How often that time doubles, at most, while the policy goes on failing.
pub const COOL_DOWN_DOUBLINGS: u32 = 6;

/// Address space of the process that compiles, in bytes.
pub(crate) const COMPILE_BYTES_MAX: u64 = 4 << 30;
/// Processor time of the process that compiles, in seconds.
pub(crate) const COMPILE_CPU_SECONDS_MAX: u64 = 120;
/// Time after which the process that compiles is killed.
pub const COMPILE_TIME_MAX: Duration = Duration::from_secs(180);
/// Most bytes of machine code of one component.
pub(crate) const ARTIFACT_BYTES_MAX: usize = 256 << 20;
