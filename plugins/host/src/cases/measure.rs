//! What a policy takes to decide its cases.

use std::time::Duration;

use super::{Case, Cases, Configured};
use crate::load::LoadError;
use crate::policy::Policy;

/// What one case takes, once the policy has been asked before.
#[derive(Clone, PartialEq, Debug)]
pub struct Figures {
    /// Name of the case.
    pub name: String,
    /// Transfers in its batch.
    pub transfers: usize,
    /// Median time of one decision.
    pub time: Duration,
    /// That by transfer, in nanoseconds; of the whole where there is none.
    pub nanos_per_transfer: f64,
    /// Fuel of one decision, which is about one for each instruction; none without a metered
    /// policy.
    pub fuel: Option<u64>,
    /// That by transfer; of the whole where there is none.
    pub fuel_per_transfer: Option<f64>,
    /// Most linear memory that an instance had until then, in bytes.
    pub memory_bytes: usize,
}

/// Decides every case `rounds` times, or fewer when it takes long. `metered` is the same policy,
/// loaded by a [`Runtime`](crate::Runtime) that counts instructions. `clock` tells the time since
/// any fixed moment.
///
/// # Errors
/// A case's own configuration is not taken.
pub fn measure(
    cases: &Cases,
    policy: &Policy,
    metered: Option<&Policy>,
    rounds: u32,
    clock: &dyn Fn() -> Duration,
) -> Result<Vec<Figures>, LoadError> {
    let mut configured = Configured::new(policy);
    let mut metered = metered.map(Configured::new);
    cases
        .iter()
        .map(|case| {
            let policy = configured.of(case)?;
            let fuel = match &mut metered {
                Some(metered) => fuel(case, metered.of(case)?),
                None => None,
            };
            let time = median(case, policy, rounds, clock);
            let transfers = case.batch().len();
            let each = transfers.max(1) as f64;
            Ok(Figures {
                name: case.name.clone(),
                transfers,
                time,
                nanos_per_transfer: time.as_nanos() as f64 / each,
                fuel,
                fuel_per_transfer: fuel.map(|fuel| fuel as f64 / each),
                memory_bytes: policy.peak_bytes(),
            })
        })
        .collect()
}

/// Median time of a decision. The first ones are not counted: they find memory cold.
fn median(case: &Case, policy: &Policy, rounds: u32, clock: &dyn Fn() -> Duration) -> Duration {
    let start = clock();
    let mut times = Vec::new();
    for round in 0..rounds.max(1) + WARM_UP {
        let before = clock();
        // What is decided was looked at before; a fault takes its time too.
        drop(case.decide(policy));
        let after = clock();
        if round >= WARM_UP {
            times.push(after.saturating_sub(before));
        }
        if after.saturating_sub(start) > TIME_MAX && !times.is_empty() {
            break;
        }
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Fuel of a decision of an instance that has decided before.
fn fuel(case: &Case, policy: &Policy) -> Option<u64> {
    drop(case.decide(policy));
    let before = policy.fuel_spent()?;
    drop(case.decide(policy));
    policy.fuel_spent()?.checked_sub(before)
}

const WARM_UP: u32 = 3;
const TIME_MAX: Duration = Duration::from_secs(2);
