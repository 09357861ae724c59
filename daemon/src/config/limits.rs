//! How much of everything the daemon takes on.

use ledger::limits::{ACCOUNTS_MAX, OPEN_HOLDS_MAX};
use wire::limits::FRAME_BODY_MAX;

use super::problem::{Problem, Problems};
use super::raw::RawLimits;
use super::size::Size;

/// How much of everything the daemon takes on. What is above is refused, with a code that says
/// whether to try again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limits {
    /// Bytes that recent transfer ids may take; older ones are looked up on disk.
    pub(crate) id_memory: u64,
    /// Bytes of requests that wait for their answer, over all tenants.
    pub(crate) admission: u64,
    /// Part of `admission` that one tenant may take, in percent.
    pub(crate) tenant_share_percent: u64,
    /// Open connections.
    pub(crate) connections: u64,
    /// Connections whose peer has not yet shown who it is.
    pub(crate) handshakes: u64,
    /// Requests of one connection that wait for their answer.
    pub(crate) requests_in_flight: u64,
    /// Seconds that a frame may take from its first byte to its last.
    pub(crate) frame_seconds: u64,
    /// Rows that one query may look at.
    pub(crate) query_rows: u64,
    /// Accounts in one book.
    pub(crate) accounts_per_book: u64,
    /// Holds in one book that are neither captured, voided nor expired.
    pub(crate) open_holds_per_book: u64,
}

/// What a request costs of `admission` beside its body, in bytes.
pub(crate) const REQUEST_BYTES: usize = 1_024;
/// A share must take the largest request at least, or a tenant could never send one.
const SHARE_MIN: u64 = (FRAME_BODY_MAX + REQUEST_BYTES) as u64;

impl Default for Limits {
    fn default() -> Self {
        Self {
            id_memory: Size::mib(256).0,
            admission: Size::mib(256).0,
            tenant_share_percent: 50,
            connections: 1_024,
            handshakes: 64,
            requests_in_flight: 4_096,
            frame_seconds: 10,
            query_rows: 1_000_000,
            accounts_per_book: ACCOUNTS_MAX as u64,
            open_holds_per_book: OPEN_HOLDS_MAX as u64,
        }
    }
}

impl Limits {
    /// Bytes of waiting requests that one tenant may have.
    pub(crate) fn tenant_share(&self) -> u64 {
        // Percent are checked to be at most 100, so that the quotient fits.
        let share = u128::from(self.admission) * u128::from(self.tenant_share_percent) / 100;
        u64::try_from(share).unwrap_or(self.admission)
    }

    /// Fills in defaults and checks ranges.
    pub(crate) fn check(raw: &RawLimits, problems: &mut Problems) -> Self {
        let default = Self::default();
        let mut number = |key: &str, given: Option<u64>, default: u64, min: u64, max: u64| {
            let value = given.unwrap_or(default);
            if !(min..=max).contains(&value) {
                let advice = format!("give a number from {min} to {max}");
                problems.push(Problem::of(
                    format!("limits.{key}"),
                    value,
                    "out of range",
                    advice,
                ));
            }
            value
        };
        let limits = Self {
            tenant_share_percent: number(
                "tenant_share_percent",
                raw.tenant_share_percent,
                default.tenant_share_percent,
                1,
                100,
            ),
            connections: number(
                "connections",
                raw.connections,
                default.connections,
                1,
                65_536,
            ),
            handshakes: number("handshakes", raw.handshakes, default.handshakes, 1, 4_096),
            requests_in_flight: number(
                "requests_in_flight",
                raw.requests_in_flight,
                default.requests_in_flight,
                1,
                65_536,
            ),
            frame_seconds: number(
                "frame_seconds",
                raw.frame_seconds,
                default.frame_seconds,
                1,
                300,
            ),
            query_rows: number(
                "query_rows",
                raw.query_rows,
                default.query_rows,
                1,
                1_000_000_000,
            ),
            accounts_per_book: number(
                "accounts_per_book",
                raw.accounts_per_book,
                default.accounts_per_book,
                1,
                ACCOUNTS_MAX as u64,
            ),
            open_holds_per_book: number(
                "open_holds_per_book",
                raw.open_holds_per_book,
                default.open_holds_per_book,
                1,
                OPEN_HOLDS_MAX as u64,
            ),
            ..default
        };
        limits.with_sizes(raw, problems)
    }

    fn with_sizes(mut self, raw: &RawLimits, problems: &mut Problems) -> Self {
        let mut size = |key: &str, given: Option<Size>, default: u64, min: Size, max: Size| {
            let value = given.unwrap_or(Size(default));
            if value < min || value > max {
                let advice = format!("give a size from {min} to {max}");
                problems.push(Problem::of(
                    format!("limits.{key}"),
                    value,
                    "out of range",
                    advice,
                ));
            }
            value.0
        };
        let most = Size::gib(1_024);
        self.id_memory = size(
            "id_memory",
            raw.id_memory,
            self.id_memory,
            Size::mib(1),
            most,
        );
        let least = Size(SHARE_MIN);
        self.admission = size("admission", raw.admission, self.admission, least, most);
        let share = self.tenant_share();
        if self.admission >= SHARE_MIN && share < SHARE_MIN {
            problems.push(Problem::of(
                "limits.tenant_share_percent",
                self.tenant_share_percent,
                format!(
                    "one tenant's share of `limits.admission` would be {}",
                    Size(share)
                ),
                format!("raise either until it is {least} or more, the largest request"),
            ));
        }
        self
    }
}
