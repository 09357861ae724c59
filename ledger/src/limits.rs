//! Every limit of the ledger, in one place and checked against each other at compile time.

/// Largest amount of one transfer, in minor units: 2^127 − 1, so that every balance difference
/// fits a signed 128-bit integer.
pub const AMOUNT_MAX: u128 = i128::MAX as u128;
/// Most transfers in one request.
pub const BATCH_TRANSFERS_MAX: usize = 8_190;
/// Most accounts created, changed or looked up in one request.
pub const BATCH_ACCOUNTS_MAX: usize = 8_190;
/// Most members of one entry set.
pub const ENTRY_SET_MAX: usize = BATCH_TRANSFERS_MAX;
/// Most events in one block. A cycle closes before a batch that would pass it.
pub const BLOCK_EVENTS_MAX: usize = 65_536;
/// Most holds that the shard expires before one batch.
pub const EXPIRIES_PER_BATCH_MAX: usize = 8_192;
/// Most open holds in one book.
pub const OPEN_HOLDS_MAX: usize = 16_000_000;
/// Most accounts in one book.
pub const ACCOUNTS_MAX: usize = 100_000_000;
/// Longest name of a tenant or book, in bytes of `[a-z0-9-]`.
pub const NAME_BYTES_MAX: usize = 32;
/// Longest asset code, in bytes of `[A-Z0-9]`.
pub const ASSET_CODE_BYTES_MAX: usize = 12;
/// Largest exponent of an asset: decimal digits after the point.
pub const ASSET_EXPONENT_MAX: u8 = 18;
/// Longest reference of a transfer or account, in bytes of UTF-8.
pub const REFERENCE_BYTES_MAX: usize = 128;
/// Longest metadata of a transfer or account, in bytes.
pub const METADATA_BYTES_MAX: usize = 4_096;
/// Slots a rolling window is divided into.
pub const WINDOW_SLOTS: usize = 16;
/// Longest encoded event record, in bytes. Below a disk sector, so that no sector of a block is
/// ever all zero.
pub const EVENT_BYTES_MAX: usize = 256;
/// Most rows in one answer to a query.
pub const QUERY_ROWS_MAX: usize = 8_190;

const _: () = assert!(BATCH_TRANSFERS_MAX + EXPIRIES_PER_BATCH_MAX <= BLOCK_EVENTS_MAX);
const _: () = assert!(ENTRY_SET_MAX <= BATCH_TRANSFERS_MAX);
const _: () = assert!(EVENT_BYTES_MAX < 512);
