//! Policies from their author's key to what they deny: pushed, approved by several people, asked,
//! still asked after a restart, and rolled back.

mod house;
mod refused;
mod rollout;
