//! The naive anchor, run beside a load so that its figures are a ratio and not a machine's.

use std::path::Path;
use std::process::Command;

use loadtest::binary;
use loadtest::load::Plan;
use loadtest::outcome::Outcome;
use loadtest::workload::IdOrder;

/// Transfers that the anchor posts.
const TRANSFERS: u64 = 2_000_000;

/// What the anchor posts per second with the accounts and ids of `plan`, on the same disk.
pub(crate) fn measure(plan: &Plan, directory: Option<&Path>) -> Outcome<f64> {
    let program = binary::find("ledgerd-bench", None, true)?;
    let mut command = Command::new(&program);
    command.args(["anchor", "--json"]);
    command.args(["--transfers", &TRANSFERS.to_string()]);
    let accounts = plan.shape.accounts.saturating_mul(plan.shape.books);
    command.args(["--accounts", &accounts.to_string()]);
    if plan.order == IdOrder::Random {
        command.arg("--random-ids");
    }
    if let Some(directory) = directory {
        command.arg("--directory").arg(directory);
    }
    let output = command
        .output()
        .map_err(|error| format!("`{}`: {error}", program.display()))?;
    let line: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("`{}` gave no figures: {error}", program.display()))?;
    line["transfers_per_second"]
        .as_f64()
        .ok_or_else(|| "the anchor gave no rate".into())
}
