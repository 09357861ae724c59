//! The public key of a KMS key, registered as a candidate.

use wire::message::SignerAction;

use super::Change;
use crate::args::FromKmsArgs;
use crate::exit::Exit;
use crate::fault::{Fault, KeyFault};
use crate::session::Session;

pub(super) async fn publish(session: &Session, args: &FromKmsArgs) -> Result<Exit, Fault> {
    let key = args.kms.config(&args.key_id).public_key().await;
    let key = key.map_err(KeyFault::Signer)?;
    let mut change = Change::new(SignerAction::Add, &args.kid, &args.why)?;
    change.with_key(&key, args.usage, &args.description)?;
    change.send(session).await
}
