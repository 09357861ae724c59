//! Policies from their author's key to what they deny: pushed, approved by several people, asked,
//! still asked after a restart, and rolled back.

mod breaker;
#[allow(dead_code, reason = "other tests have more of it done")]
#[path = "../../../plugins/host/tests/it/guest.rs"]
mod guest;
mod house;
mod refused;
mod rollout;
