//! Every limit of what is verified, in one place.

/// Longest JSON text that is read, in bytes.
pub const JSON_BYTES_MAX: usize = 4 << 20;
/// Deepest nesting of JSON that is read.
pub const JSON_DEPTH_MAX: usize = 16;
/// Largest integer of a signed payload: 2^53 − 1, which every JSON reader keeps exact.
pub const JSON_INT_MAX: u64 = (1 << 53) - 1;
/// Longest key id, in bytes.
pub const KID_BYTES_MAX: usize = 128;
/// Longest name of a deployment, environment or approver, in bytes.
pub const NAME_BYTES_MAX: usize = 64;
/// Shortest RSA modulus, in bits.
pub const RSA_BITS_MIN: usize = 2_048;
/// Longest RSA modulus, in bits.
pub const RSA_BITS_MAX: usize = 8_192;
/// Longest signature, in bytes: that of the longest RSA key.
pub const SIGNATURE_BYTES_MAX: usize = RSA_BITS_MAX / 8;
/// Longest payload of a row of the audit chain, in bytes.
pub const PAYLOAD_BYTES_MAX: usize = 4_096;
/// Longest line of a file of rows, in bytes, with its line feed.
pub const ROW_LINE_BYTES_MAX: usize = 8_192;
/// Most keys of a keyring.
pub const KEYS_MAX: usize = 1_024;
/// Most approvers of a keyring.
pub const APPROVERS_MAX: usize = 64;
/// Most revocations that stand beside a keyring.
pub const REVOCATIONS_MAX: usize = 256;
/// Most books of a deployment: positions of the heads tree.
pub const BOOKS_MAX: u64 = 1 << 32;
/// Longest inclusion path, in hashes.
pub const PATH_MAX: usize = 64;
/// Longest manifest of a policy, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 256 << 10;
/// Longest signed manifest of a policy, in bytes.
pub const SIGNED_MANIFEST_BYTES_MAX: usize = MANIFEST_BYTES_MAX + (4 << 10);
/// Longest configuration of a policy, in bytes.
pub const POLICY_CONFIG_BYTES_MAX: usize = 64 << 10;
/// Most cases that are bundled with a policy.
pub const POLICY_CASES_MAX: usize = 256;
/// Longest time that a policy may be given for a call, whatever it decides, in microseconds.
pub const POLICY_BASE_MICROS_MAX: u64 = 100_000;
/// Longest time that a policy may be given on top of that for a transfer, in nanoseconds.
pub const POLICY_PER_TRANSFER_NANOS_MAX: u64 = 100_000;
/// Least memory of a policy, in bytes.
pub const POLICY_MEMORY_BYTES_MIN: u64 = 1 << 20;
/// Most memory that a policy may be given, in bytes.
pub const POLICY_MEMORY_BYTES_MAX: u64 = 128 << 20;
/// Most policies that approvals put in force for one tenant, or for the platform.
pub const POLICIES_PER_SCOPE_MAX: usize = 8;
/// Most manifests of one policy that are kept to go back to, with the one in force.
pub const POLICY_HISTORY_MAX: usize = 8;

const _: () = assert!(SIGNED_MANIFEST_BYTES_MAX < JSON_BYTES_MAX);
const _: () = assert!(PAYLOAD_BYTES_MAX + SIGNATURE_BYTES_MAX.div_ceil(3) * 4 < ROW_LINE_BYTES_MAX);
const _: () = assert!(BOOKS_MAX <= JSON_INT_MAX);
