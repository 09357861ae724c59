//! Approvals that the configuration names. Whether they count is checked where they are used.

use std::path::Path;

use verify::Approval;

use crate::config::files::{self, TEXT_BYTES_MAX};
use crate::config::problem::Problem;

/// Reads the approval in `file`, which `key` names.
pub(crate) fn read(key: &str, file: &Path) -> Result<Approval, Problem> {
    let bytes = files::read(file, TEXT_BYTES_MAX)
        .map_err(|fault| Problem::of_file(key, file, fault.to_string(), fault.advice(file)))?;
    let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    Approval::decode(text).map_err(|error| {
        let advice = "name the file that `ledgerctl approve` wrote";
        Problem::of_file(key, file, error.to_string(), advice)
    })
}
