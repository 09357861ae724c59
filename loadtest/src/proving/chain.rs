//! The rows of the audit chain that a run caused, verified in order.

use std::path::Path;

use verify::chain::Start;
use verify::{AuditRow, ChainVerifier, Keyring};
use wire::message::AuditRows;

use crate::outcome::Outcome;
use crate::session::connect;

const SECOND: u64 = 1_000_000;

/// Seals that were made during a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seals {
    /// How many.
    pub count: u64,
    /// Rows that are no seals.
    pub others: u64,
    /// Most seals within any one second.
    pub most_in_a_second: u64,
    /// Microseconds from the first to the last.
    pub span: u64,
}

impl Seals {
    /// Seals per second from the first to the last; absent where there are not two.
    pub fn per_second(&self) -> Option<f64> {
        let steps = self.count.checked_sub(1).filter(|steps| *steps > 0)?;
        (self.span > 0).then(|| steps as f64 * SECOND as f64 / self.span as f64)
    }
}

/// Reads and verifies the rows after row `first`; nothing if there is no auditor's profile.
///
/// # Errors
/// They cannot be read, or the chain does not hold.
pub(super) async fn read(auditor: &Path, first: u64, keyring: &Keyring) -> Outcome<Option<Seals>> {
    if !auditor.is_file() {
        return Ok(None);
    }
    let client = connect(auditor, 1).await?;
    let mut verifier: Option<ChainVerifier<'_>> = None;
    let mut times = Vec::new();
    let mut seals = Seals::default();
    let mut from_seq = first.max(1);
    while from_seq != 0 {
        let page = client.audit_rows(AuditRows { from_seq, limit: 0 }).await?;
        for row in &page.rows {
            let mut line = row.to_vec();
            line.push(b'\n');
            let row = AuditRow::decode_line(&line)?;
            let Some(verifier) = &mut verifier else {
                // Where the rows begin is not what is verified.
                let start = Start::After(row.head());
                verifier = Some(ChainVerifier::new(keyring, start, None));
                continue;
            };
            verifier
                .push(&row)
                .map_err(|fault| format!("audit chain: {fault}"))?;
            if row.seal().is_some() {
                times.push(row.created_at().get());
            } else {
                seals.others += 1;
            }
        }
        from_seq = page.next;
    }
    client.close().await;
    seals.count = times.len() as u64;
    seals.most_in_a_second = most_within(&times, SECOND);
    let ends = times.first().zip(times.last());
    seals.span = ends.map_or(0, |(first, last)| last - first);
    Ok(Some(seals))
}

/// Most of the ascending `times` that lie within `span` of each other.
fn most_within(times: &[u64], span: u64) -> u64 {
    let mut first = 0;
    let mut most = 0;
    for (last, time) in times.iter().enumerate() {
        while times.get(first).is_some_and(|from| from + span <= *time) {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most as u64
}

#[cfg(test)]
mod tests {
    use super::{Seals, most_within};

    #[test]
    fn a_rate_is_that_of_the_steps_between_seals() {
        let seals = |count, span| Seals {
            count,
            span,
            ..Seals::default()
        };
        assert_eq!(seals(0, 0).per_second(), None);
        assert_eq!(seals(1, 0).per_second(), None);
        assert_eq!(seals(11, 1_000_000).per_second(), Some(10.0));
    }

    #[test]
    fn the_fullest_second_is_found() {
        assert_eq!(most_within(&[], 10), 0);
        assert_eq!(most_within(&[5], 10), 1);
        assert_eq!(most_within(&[0, 10, 20, 30], 10), 1);
        assert_eq!(most_within(&[0, 9, 10, 19, 20], 10), 2);
        assert_eq!(most_within(&[0, 100, 101, 102, 300], 10), 3);
    }
}
