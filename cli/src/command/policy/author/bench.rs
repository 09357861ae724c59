//! What a policy costs.

use std::time::{Duration, Instant};

use plugins_host::{Policy, Verdict};

use crate::args::BenchArgs;
use crate::exit::Exit;
use crate::fault::Fault;
use crate::output::Output;
use crate::policy::{Meter, Project, batch, trial};
use crate::view::policy::{BenchRow, BenchView};

/// Transfers in a batch: one, some, and as many as there may be.
const SIZES: [u32; 4] = [1, 100, 1_000, 8_190];
/// Longest that one size is measured.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Calls that find memory cold.
const WARM_UP: u32 = 3;

pub(super) fn run(output: Output, args: &BenchArgs) -> Result<Exit, Fault> {
    let project = Project::open(&args.project.folder)?;
    let policy = trial::load(&project, Meter::Off, None)?;
    let rows = SIZES.map(|size| measure(&policy, size, args.calls.get()));
    let view = BenchView::of(&project, &policy, rows.into());
    output.show(&view, &view)?;
    Ok(if view.has_faults() {
        Exit::Refused
    } else {
        Exit::Success
    })
}

fn measure(policy: &Policy, size: u32, calls: u32) -> BenchRow {
    let (accounts, transfers) = batch::random(size);
    let context = batch::posting();
    let (mut times, mut denied, mut fault) = (Vec::new(), 0, None);
    let start = Instant::now();
    for call in 0..WARM_UP.saturating_add(calls) {
        let before = Instant::now();
        let verdict = policy.evaluate(&context, &accounts, &transfers);
        let time = before.elapsed();
        match verdict {
            Ok(Verdict::Allow) => denied = 0,
            Ok(Verdict::AllowExcept(members)) => denied = members.len(),
            Ok(Verdict::Deny(_)) => denied = size as usize,
            Err(error) => {
                fault = Some(error.to_string());
                break;
            }
        }
        if call >= WARM_UP {
            times.push(time);
        }
        if start.elapsed() > TIME_MAX && !times.is_empty() {
            break;
        }
    }
    times.sort_unstable();
    BenchRow::of(size, &times, denied, fault)
}
