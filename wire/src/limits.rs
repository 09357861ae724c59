//! Limits of the protocol, checked against those of the ledger at compile time.

use ledger::Transfer;
use ledger::limits::{BATCH_ACCOUNTS_MAX, BATCH_TRANSFERS_MAX, QUERY_ROWS_MAX};

use crate::field::Field;
use crate::message::{AccountRow, EventBatch};

/// Version of the protocol that this build speaks.
pub const PROTOCOL_VERSION: u16 = 1;
/// What both ends must name in TLS: the protocol and its version.
pub const ALPN: &[u8] = b"ledgerd/1";
/// Longest body of a frame, in bytes.
pub const FRAME_BODY_MAX: usize = 2 * 1024 * 1024;
/// Most entries of any list in a message.
pub const LIST_MAX: usize = 8_190;
/// Longest text of a failure, in bytes of UTF-8.
pub const FAILURE_TEXT_BYTES_MAX: usize = 256;
/// Longest cursor, in bytes.
pub const CURSOR_BYTES_MAX: usize = 64;
/// Most bytes of event records in one frame of a subscription.
pub const EVENT_BATCH_BYTES_MAX: usize = 64 * 1024;
/// Longest name and version of a program, in bytes of UTF-8.
pub const PROGRAM_BYTES_MAX: usize = 64;
/// Most receipts in one answer.
pub const RECEIPTS_MAX: usize = 256;
/// Longest receipt, in bytes.
pub const RECEIPT_BYTES_MAX: usize = 8_000;
/// Longest proof in one frame, in bytes.
pub const PROOF_BYTES_MAX: usize = 1024 * 1024;
/// Longest row of the audit chain, in bytes.
pub const AUDIT_ROW_BYTES_MAX: usize = 8 * 1024;
/// Longest keyring, in bytes.
pub const KEYRING_BYTES_MAX: usize = 512 * 1024;
/// Longest name of a key, in bytes of UTF-8.
pub const KID_BYTES_MAX: usize = 128;
/// Longest public key, in bytes of PEM.
pub const PUBLIC_KEY_BYTES_MAX: usize = 4 * 1024;
/// Longest reason, ticket or description of a change of keys, in bytes of UTF-8.
pub const KEY_TEXT_BYTES_MAX: usize = 512;
/// Longest request for approval with its signatures, in bytes.
pub const APPROVAL_BYTES_MAX: usize = 32 * 1024;
/// Longest part of a policy's file in one frame, in bytes.
pub const POLICY_CHUNK_BYTES_MAX: usize = 1024 * 1024;
/// Longest signed manifest of a policy, in bytes.
pub const POLICY_MANIFEST_BYTES_MAX: usize = 260 * 1024;
/// Longest name of a policy or a rule, in bytes of UTF-8.
pub const POLICY_NAME_BYTES_MAX: usize = 64;
/// Longest text that is said of a policy, in bytes of UTF-8.
pub const POLICY_TEXT_BYTES_MAX: usize = 512;
/// Most rows of a list of policies.
pub const POLICY_ROWS_MAX: usize = 96;
/// Most rules in what is reported of a policy beside those in force.
pub const SHADOW_RULES_MAX: usize = 128;

const _: () = assert!(BATCH_TRANSFERS_MAX <= LIST_MAX);
const _: () = assert!(BATCH_ACCOUNTS_MAX <= LIST_MAX);
const _: () = assert!(QUERY_ROWS_MAX <= LIST_MAX);
const _: () = assert!(8 + BATCH_TRANSFERS_MAX * Transfer::BYTES <= FRAME_BODY_MAX);
const _: () = assert!(64 + BATCH_ACCOUNTS_MAX * (1 + AccountRow::MIN_BYTES) <= FRAME_BODY_MAX);
const _: () = assert!(64 + RECEIPTS_MAX * (4 + RECEIPT_BYTES_MAX) <= FRAME_BODY_MAX);
const _: () = assert!(64 + PROOF_BYTES_MAX <= FRAME_BODY_MAX);
const _: () = assert!(128 + 3 * KEYRING_BYTES_MAX <= FRAME_BODY_MAX);
const _: () = assert!(128 + POLICY_CHUNK_BYTES_MAX <= FRAME_BODY_MAX);
const _: () = assert!(
    128 + POLICY_MANIFEST_BYTES_MAX
        + POLICY_ROWS_MAX
            * (1024 + POLICY_TEXT_BYTES_MAX + SHADOW_RULES_MAX * (32 + POLICY_NAME_BYTES_MAX))
        <= FRAME_BODY_MAX
);
const _: () = assert!(AUDIT_ROW_BYTES_MAX <= u16::MAX as usize);
const _: () = assert!(APPROVAL_BYTES_MAX <= u16::MAX as usize);
const _: () = assert!(EventBatch::MIN_BYTES + EVENT_BATCH_BYTES_MAX <= FRAME_BODY_MAX);
