//! Changes such as a fuzzer makes.

use fastrand::Rng;

/// Longest input that grows further, in bytes.
const GROWS_TO: usize = 16 * 1024;

/// Numbers at which things tend to break.
const EDGES: &[u64] = &[
    0,
    1,
    7,
    8,
    127,
    128,
    255,
    256,
    8_190,
    8_191,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

/// Changes `bytes` in one to four places; `other` is another input to take from.
pub(crate) fn mutate(bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    for _ in 0..rng.usize(1..=4) {
        change(bytes, other, rng);
    }
}

fn change(bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    if bytes.is_empty() {
        bytes.push(rng.u8(..));
        return;
    }
    let at = rng.usize(..bytes.len());
    let to = rng.usize(at..bytes.len()) + 1;
    match rng.u8(..9) {
        0 => bytes[at] ^= 1 << rng.u8(..8),
        1 => bytes[at] = rng.u8(..),
        2 => {
            let edge = EDGES[rng.usize(..EDGES.len())].to_le_bytes();
            let width = [1, 2, 4, 8][rng.usize(..4)].min(bytes.len() - at);
            bytes[at..at + width].copy_from_slice(&edge[..width]);
        }
        3 => {
            let step = rng.u8(1..4);
            bytes[at] = bytes[at].wrapping_add(step);
        }
        4 => bytes.truncate(at),
        5 => {
            bytes.drain(at..to);
        }
        6 if bytes.len() < GROWS_TO => {
            let piece = bytes[at..to].to_vec();
            bytes.splice(at..at, piece);
        }
        7 if !other.is_empty() && bytes.len() < GROWS_TO => {
            let from = rng.usize(..other.len());
            let until = rng.usize(from..other.len()) + 1;
            bytes.splice(at..to, other[from..until].iter().copied());
        }
        _ => bytes[at..to].fill(rng.u8(..)),
    }
}
