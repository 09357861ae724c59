//! Ids for transfers that were given none: unique, and rising with time as the index likes them.

use std::time::{SystemTime, UNIX_EPOCH};

use ledger::TransferId;

use crate::fault::Fault;

/// A new id: milliseconds since 1970 in the first 48 bits, then 80 random ones.
pub(crate) fn fresh_id() -> Result<TransferId, Fault> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|_| Fault::NoRandomness)?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.map_or(0, |since| since.as_millis());
    Ok(compose(millis, random))
}

fn compose(millis: u128, random: [u8; 10]) -> TransferId {
    let low = random
        .iter()
        .fold(0, |low, byte| low << 8 | u128::from(*byte));
    TransferId(millis << 80 | low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_with_time_and_differ_within_a_moment() {
        let id = |millis, byte| compose(millis, [byte; 10]).0;
        assert_eq!(id(1, 0xff), 0x1_ffff_ffff_ffff_ffff_ffff);
        assert!(id(1, 0xff) < id(2, 0));
        assert_ne!(fresh_id().unwrap(), fresh_id().unwrap());
    }
}
