//! What the engine is asked about policies: the chain has what is in force.

use ledger::Code;
use tokio::sync::oneshot;
use verify::policy::BreakerRecord;
use wire::Failure;

use super::{Engine, busy, stopping};
use crate::signer::policy::{PoliciesFound, PolicyOrder};
use crate::signer::{AskPolicies, ChangePolicy, PolicyStep, no_signer};

impl Engine {
    /// What the chain says of policies; `None` where nothing is sealed.
    ///
    /// # Errors
    /// The signer is too busy to say, or has ended.
    pub async fn policies(&self) -> Result<Option<PoliciesFound>, Failure> {
        let Some(seals) = &self.seals else {
            return Ok(None);
        };
        let (reply, answer) = oneshot::channel();
        let busy = || Failure::new(Code::Busy, "the signer is busy, retry");
        let sent = seals.signer.try_send(AskPolicies(reply));
        sent.map_err(|_| busy())?;
        answer.await.map(Some).map_err(|_| busy())
    }

    /// Whether a change of policies is approved and can be made as things stand.
    ///
    /// # Errors
    /// It is not, or it cannot.
    pub async fn check_policy(&self, order: PolicyOrder) -> Result<(), Failure> {
        self.policy_step(PolicyStep::Check(order)).await.map(|_| ())
    }

    /// Makes the row of a change of policies durable. Its number.
    ///
    /// # Errors
    /// The change is not approved, cannot be made as things stand, or no row can be made: then
    /// nothing has changed.
    pub async fn change_policy(&self, order: PolicyOrder) -> Result<u64, Failure> {
        self.policy_step(PolicyStep::Change(order)).await
    }

    /// Makes a row of what a breaker of a policy did. Its number.
    ///
    /// # Errors
    /// No row can be made now.
    pub async fn tell_breaker(
        &self,
        record: BreakerRecord,
        salt: [u8; 16],
    ) -> Result<u64, Failure> {
        self.policy_step(PolicyStep::Breaker(record, salt)).await
    }

    async fn policy_step(&self, step: PolicyStep) -> Result<u64, Failure> {
        let Some(seals) = &self.seals else {
            return Err(no_signer());
        };
        let (reply, answer) = oneshot::channel();
        let sent = seals.signer.try_send(ChangePolicy { step, reply });
        sent.map_err(|_| busy("the signer's mailbox is full"))?;
        answer.await.map_err(|_| stopping())?
    }
}
