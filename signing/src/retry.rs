//! Attempts, their time-outs, and the pauses between them.

use std::future::Future;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::error::{Fault, SignerError};
use crate::limits;

/// How long a remote signer is given, and how often it is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// For a connection to come about.
    pub connect: Duration,
    /// For one attempt.
    pub attempt: Duration,
    /// For all attempts and the pauses between them.
    pub operation: Duration,
    /// Attempts, the first included.
    pub attempts: u32,
    /// Longest pause before the second attempt; it doubles with each further one.
    pub pause: Duration,
    /// Longest pause at all.
    pub pause_max: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: limits::CONNECT_TIMEOUT,
            attempt: limits::ATTEMPT_TIMEOUT,
            operation: limits::OPERATION_TIMEOUT,
            attempts: limits::ATTEMPTS,
            pause: limits::PAUSE,
            pause_max: limits::PAUSE_MAX,
        }
    }
}

impl Patience {
    /// Asks until there is an answer, a fault that no retry mends, or no more time.
    pub(crate) async fn ask<T, F, Asked>(&self, signer: &str, ask: F) -> Result<T, SignerError>
    where
        F: Fn() -> Asked,
        Asked: Future<Output = Result<T, Fault>>,
    {
        let mut last = None;
        let all = async {
            for attempt in 1.. {
                let fault = match timeout(self.attempt, ask()).await {
                    Ok(Ok(answer)) => return Ok(answer),
                    Ok(Err(fault)) => fault,
                    Err(_) => Fault::TimedOut(millis(self.attempt)),
                };
                if !fault.is_retryable() || attempt >= self.attempts {
                    return Err(fault);
                }
                tracing::debug!(signer, attempt, fault = fault.name(), "asking again");
                last = Some(fault);
                sleep(self.pause_after(attempt)).await;
            }
            Err(Fault::Busy)
        };
        let result = timeout(self.operation, all).await;
        result
            .unwrap_or_else(|_| Err(last.unwrap_or(Fault::TimedOut(millis(self.operation)))))
            .map_err(|fault| SignerError::new(signer, fault))
    }

    /// Anything between nothing and the doubled pause, so that many callers do not come in step.
    fn pause_after(&self, attempt: u32) -> Duration {
        let doubled = self.pause.saturating_mul(1 << (attempt - 1).min(16));
        let most = doubled.min(self.pause_max);
        Duration::from_micros(fastrand::u64(
            0..=u64::try_from(most.as_micros()).unwrap_or(u64::MAX),
        ))
    }
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
