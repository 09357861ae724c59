//! The approver's key, wherever it is.

use signing::Signer;
use verify::{Approver, ApproverSet};

use crate::args::ApproveArgs;
use crate::command::signing_key;
use crate::fault::{Fault, KeyFault};

/// The signer of the approver whose key the command line names, and who that is.
pub(super) async fn open(
    args: &ApproveArgs,
    approvers: &ApproverSet,
) -> Result<(Signer, Approver), Fault> {
    let (config, key) = signing_key::config(args.approver_key.as_deref(), &args.elsewhere)?;
    let approver = match (&key, &args.kid) {
        (Some(key), None) => approvers
            .iter()
            .find(|approver| approver.public_key == *key),
        (_, Some(kid)) => approvers.get(kid),
        (None, None) => return Err(KeyFault::WhichApprover.into()),
    };
    let approver = approver.ok_or(KeyFault::NoApprover)?.clone();
    let key = approver.public_key.clone();
    let signer = Signer::connect(&config, approver.kid.clone(), key).await;
    Ok((signer.map_err(KeyFault::Signer)?, approver))
}
