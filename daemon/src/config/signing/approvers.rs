//! Who approves keys, and how many of them are needed: what everything else is trusted by.

use std::path::Path;

use verify::approver::ApproverError;
use verify::{Algorithm, Approver, ApproverSet, Kid, Name, PublicKey};

use super::raw::{RawApprover, RawApproverList, RawApprovers};
use crate::config::files::{self, TEXT_BYTES_MAX};
use crate::config::problem::Problem;

const KEY: &str = "signing.approvers";
/// What production asks for at least: as many signatures, of as many approvers.
const PRODUCTION: (usize, usize) = (3, 5);

/// Checks the list, or the file with it; relative paths start at `base`.
pub(super) fn check(
    raw: RawApprovers,
    is_production: bool,
    base: &Path,
) -> Result<ApproverSet, Problem> {
    let list = match raw {
        RawApprovers::Listed(list) => list,
        RawApprovers::File(file) => read(&base.join(file))?,
    };
    let approvers = list
        .keys
        .iter()
        .enumerate()
        .map(|(at, raw)| approver(raw, at))
        .collect::<Result<Vec<_>, _>>()?;
    let count = approvers.len();
    let threshold = usize::try_from(list.threshold).unwrap_or(usize::MAX);
    let set = ApproverSet::new(approvers, threshold).map_err(|error| {
        let advice = match error {
            ApproverError::Threshold { .. } => "give a number from 1 to the number of approvers",
            _ => "list each approver once: distinct keys of distinct people count",
        };
        Problem::missing(KEY, error.to_string(), advice)
    })?;
    if is_production && (threshold < PRODUCTION.0 || count < PRODUCTION.1) {
        let (least, of) = PRODUCTION;
        let shown = format!("{threshold} of {count}");
        let fault = "too few for profile `production`";
        let advice = format!("register {of} approvers or more, of whom {least} or more sign");
        return Err(Problem::of(KEY, shown, fault, advice));
    }
    Ok(set)
}

fn approver(raw: &RawApprover, at: usize) -> Result<Approver, Problem> {
    let key = |part: &str| format!("{KEY}.keys[{at}].{part}");
    let kid = Kid::new(&raw.kid).map_err(|_| {
        let advice = "give 1 to 128 of `[A-Za-z0-9:/_.@=-]`";
        Problem::of(key("kid"), &raw.kid, "not the id of a key", advice)
    })?;
    let name = Name::new(&raw.name).map_err(|_| {
        let advice = "give 1 to 64 of `[a-z0-9_.@-]`";
        Problem::of(
            key("name"),
            &raw.name,
            "not the name of an approver",
            advice,
        )
    })?;
    let public_key = PublicKey::from_spki_pem(&raw.public_key_pem).map_err(|error| {
        let advice = "give the public key in PEM: BEGIN PUBLIC KEY";
        Problem::missing(key("public_key_pem"), error.to_string(), advice)
    })?;
    if Algorithm::from_text(&raw.algorithm) != Some(public_key.algorithm()) {
        let advice = format!("give `{}`, as the key is", public_key.algorithm());
        let fault = "not the algorithm of the key";
        return Err(Problem::of(key("algorithm"), &raw.algorithm, fault, advice));
    }
    Ok(Approver {
        kid,
        name,
        public_key,
    })
}

fn read(file: &Path) -> Result<RawApproverList, Problem> {
    let bytes = files::read(file, TEXT_BYTES_MAX)
        .map_err(|fault| Problem::of_file(KEY, file, fault.to_string(), fault.advice(file)))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let advice = "write JSON: `threshold`, and `keys` with `kid`, `name`, `algorithm` and \
                      `public_key_pem` each";
        let fault = format!("holds no list of approvers: {error}");
        Problem::of_file(KEY, file, fault, advice)
    })
}
