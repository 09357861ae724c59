//! Bounds of this crate, asserted against each other at compile time.

use std::time::Duration;

/// Longest note that is signed: what KMS takes as a RAW message.
pub const NOTE_MAX: usize = 4_096;

/// Longest payload that is sent to a proxy as canonical text.
pub const CANONICAL_MAX: usize = 64 << 10;

/// Longest answer that is read from a signing proxy.
pub const ANSWER_MAX: usize = 16 << 10;

/// Time for a connection to come about, TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Time for one attempt.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// Time for all attempts and the pauses between them.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);

/// Attempts for one signature, the first included.
pub const ATTEMPTS: u32 = 3;

/// Longest pause before the second attempt; it doubles with each further one.
pub const PAUSE: Duration = Duration::from_millis(50);

/// Longest pause between two attempts.
pub const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Sessions of a PKCS#11 token that are open at once, each with its thread.
pub const SESSIONS_MAX: usize = 64;

/// Requests that wait for a session of a PKCS#11 token.
pub const SESSION_QUEUE: usize = 64;

/// How long the end of a key waits for its sessions of a PKCS#11 token to be closed.
pub const SESSIONS_CLOSE: Duration = Duration::from_secs(1);

const _: () = assert!(CONNECT_TIMEOUT.as_millis() < ATTEMPT_TIMEOUT.as_millis());
const _: () = assert!(
    ATTEMPT_TIMEOUT.as_millis() * ATTEMPTS as u128 <= OPERATION_TIMEOUT.as_millis(),
    "the last attempt would be cut short by the time for all of them"
);
const _: () = assert!(PAUSE.as_millis() <= PAUSE_MAX.as_millis());
const _: () = assert!(NOTE_MAX <= CANONICAL_MAX);
