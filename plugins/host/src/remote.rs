//! A policy that runs elsewhere, and what it is passed and answers as bytes.

pub mod answer;
pub mod call;
#[cfg(test)]
mod tests;

use ledger::Digest;

use crate::contract::{AccountColumns, Context, TransferColumns};
use crate::fault::Fault;
use crate::verdict::Verdict;

/// Where a policy of another process is asked.
pub trait Remote: Send + Sync {
    /// Has it decide a request with this digest, as
    /// [`Policy::evaluate`](crate::Policy::evaluate) does, and waits for that: no longer than its
    /// limits say, and not at all while it cannot be reached.
    ///
    /// # Errors
    /// There is no verdict, which denies.
    fn evaluate(
        &self,
        request: Digest,
        context: &Context<'_>,
        accounts: &AccountColumns,
        batch: &TransferColumns,
    ) -> Result<Verdict, Fault>;
}
