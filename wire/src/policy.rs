//! The internal plane on which a daemon asks a host of policies: its frames, and the messages in
//! them. What a policy is passed and what it answers is opaque here; `plugins/host` knows both.
//!
//! Nothing of it is ever spoken at the port of clients: another name in TLS, another root, and one
//! exact identity at each end.

mod header;
mod message;
#[cfg(test)]
mod tests;

pub use header::{Header, Kind};
pub use message::{Chunk, Echo, Load, Loaded, Refused, Rule, Turned, Want};

/// What both ends must name in TLS: the plane and its version.
pub const ALPN: &[u8] = b"ledgerd-policy/1";
/// Version of the plane that this build speaks.
pub const VERSION: u16 = 1;

/// Largest component, in bytes.
pub const COMPONENT_BYTES_MAX: usize = 24 << 20;
/// Most bytes of a component in one frame.
pub const CHUNK_BYTES_MAX: usize = 256 * 1024;
/// Longest configuration of a policy, in bytes.
pub const CONFIG_BYTES_MAX: usize = 1 << 20;
/// Longest cases of a policy, in bytes.
pub const CASES_BYTES_MAX: usize = 512 * 1024;
/// Longest name of a policy or rule, in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 64;
/// Longest description of a rule, in bytes of UTF-8.
pub const DOC_BYTES_MAX: usize = 1_024;
/// Longest reason for which a policy is not loaded, in bytes of UTF-8.
pub const REASON_BYTES_MAX: usize = 4_096;
/// Most rules of a policy.
pub const RULES_MAX: usize = 256;

const _: () = assert!(256 + CONFIG_BYTES_MAX + CASES_BYTES_MAX <= crate::limits::FRAME_BODY_MAX);
const _: () = assert!(64 + CHUNK_BYTES_MAX <= crate::limits::FRAME_BODY_MAX);
const _: () =
    assert!(64 + RULES_MAX * (6 + NAME_BYTES_MAX + DOC_BYTES_MAX) <= crate::limits::FRAME_BODY_MAX);
const _: () = assert!(COMPONENT_BYTES_MAX <= u32::MAX as usize);
