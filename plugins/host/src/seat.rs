//! A policy in its place: what it is called, what it needs, and where it runs.

use std::fmt;
use std::sync::Arc;

use ledger::Digest;

use crate::contract::{AccountColumns, Context, Needs, RuleInfo, TransferColumns};
use crate::denied::{Cause, PolicyId};
use crate::fault::{BadOutput, Fault};
use crate::policy::Policy;
use crate::remote::Remote;
use crate::verdict::Verdict;

/// A policy in its place. Sets that follow each other share the seats that stay.
#[derive(Debug)]
pub struct Seat {
    id: Arc<PolicyId>,
    version: Digest,
    needs: Needs,
    /// In rising order of the rule's number.
    causes: Box<[Arc<Cause>]>,
    runs: Runs,
}

/// Where a policy runs.
enum Runs {
    Here(Arc<Policy>),
    Elsewhere(Arc<dyn Remote>),
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Here(_) => "Here",
            Self::Elsewhere(_) => "Elsewhere",
        })
    }
}

impl Seat {
    /// A policy that runs in this process. `version` is the digest of everything that its verdicts
    /// follow from: component, configuration and limits.
    pub fn here(policy: Arc<Policy>, version: Digest) -> Self {
        let id = PolicyId {
            name: policy.name().into(),
            digest: policy.digest(),
        };
        let (needs, rules) = (policy.needs(), policy.rules());
        Self::new(id, version, needs, rules, Runs::Here(Arc::clone(&policy)))
    }

    /// A policy that runs elsewhere, with what it was found to be when it was loaded there.
    pub fn elsewhere(
        id: PolicyId,
        version: Digest,
        needs: Needs,
        rules: &[RuleInfo],
        remote: Arc<dyn Remote>,
    ) -> Self {
        Self::new(id, version, needs, rules, Runs::Elsewhere(remote))
    }

    fn new(id: PolicyId, version: Digest, needs: Needs, rules: &[RuleInfo], runs: Runs) -> Self {
        let id = Arc::new(id);
        let cause = |info: &RuleInfo| {
            Arc::new(Cause {
                policy: Arc::clone(&id),
                rule: info.rule,
                rule_name: info.name.as_str().into(),
            })
        };
        let mut causes: Vec<_> = rules.iter().map(cause).collect();
        causes.sort_unstable_by_key(|cause| cause.rule);
        Self {
            version,
            needs,
            causes: causes.into(),
            runs,
            id,
        }
    }

    /// What it is called.
    pub fn id(&self) -> &Arc<PolicyId> {
        &self.id
    }

    /// Digest of everything that its verdicts follow from.
    pub fn version(&self) -> Digest {
        self.version
    }

    /// What it is passed.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// The rule with this number, as denials name it.
    pub fn cause(&self, rule: u16) -> Option<&Arc<Cause>> {
        let at = self.causes.binary_search_by_key(&rule, |cause| cause.rule);
        self.causes.get(at.ok()?)
    }

    /// Decides a request with this digest; waits for it.
    ///
    /// # Errors
    /// There is no verdict, which denies.
    pub fn evaluate(
        &self,
        request: Digest,
        context: &Context<'_>,
        accounts: &AccountColumns,
        batch: &TransferColumns,
    ) -> Result<Verdict, Fault> {
        match &self.runs {
            Runs::Here(policy) => policy.evaluate(context, accounts, batch),
            Runs::Elsewhere(remote) => {
                let verdict = remote.evaluate(request, context, accounts, batch)?;
                self.check(verdict, batch.len())
            }
        }
    }

    /// What comes from another process is believed as little as what a guest says.
    fn check(&self, verdict: Verdict, transfers: usize) -> Result<Verdict, Fault> {
        let known = |rule: u16| match self.cause(rule) {
            Some(_) => Ok(()),
            None => Err(Fault::BadOutput(BadOutput::UnknownRule(rule))),
        };
        match &verdict {
            Verdict::Allow => {}
            Verdict::Deny(rule) => known(*rule)?,
            Verdict::AllowExcept(denials) => {
                let mut last = None;
                for denial in denials {
                    known(denial.rule)?;
                    let bad = if denial.index as usize >= transfers {
                        Some(BadOutput::OutOfRange(denial.index))
                    } else if last.is_some_and(|last| denial.index <= last) {
                        Some(BadOutput::NotRising(denial.index))
                    } else {
                        None
                    };
                    if let Some(bad) = bad {
                        return Err(Fault::BadOutput(bad));
                    }
                    last = Some(denial.index);
                }
                if last.is_none() {
                    return Err(Fault::BadOutput(BadOutput::Empty));
                }
            }
        }
        Ok(verdict)
    }
}
