//! One policy in use: a component with its configuration.

use ledger::Digest;

use crate::contract::{AccountColumns, Context, Explanation, Needs, RuleInfo, TransferColumns};
use crate::fault::Fault;
use crate::load::{LoadError, LoadOptions};
use crate::runtime::Runtime;
use crate::verdict::Verdict;

/// One policy in use. It may be asked from many threads at once, each of which needs a stack of
/// 2 MiB and should not be one of those that serve connections.
#[derive(Debug)]
pub struct Policy {
    name: Box<str>,
    digest: Digest,
    needs: Needs,
    rules: Box<[RuleInfo]>,
}

impl Policy {
    /// Takes a component into use: size and digest are checked before anything is parsed, then its
    /// shape; it is compiled unless `runtime` has it already, takes its configuration, describes
    /// itself, and must decide its cases as they say.
    ///
    /// # Errors
    /// A step failed.
    pub fn load(runtime: &Runtime, options: &LoadOptions<'_>) -> Result<Self, LoadError> {
        let _ = (runtime, options);
        Err(LoadError::NotAComponent)
    }

    /// Name in messages and figures.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the component.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What it is passed.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// Its rules, in rising order of number.
    pub fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    /// The rule with this number.
    pub fn rule(&self, rule: u16) -> Option<&RuleInfo> {
        let at = self
            .rules
            .binary_search_by_key(&rule, |info| info.rule)
            .ok()?;
        self.rules.get(at)
    }

    /// Decides. Only what is needed is passed on.
    ///
    /// # Errors
    /// There is no verdict, which denies.
    pub fn evaluate(
        &self,
        context: &Context<'_>,
        accounts: &AccountColumns,
        batch: &TransferColumns,
    ) -> Result<Verdict, Fault> {
        let _ = (context, accounts, batch);
        Err(Fault::Unavailable)
    }

    /// Why [`Policy::evaluate`] denies what it denies.
    ///
    /// # Errors
    /// There is no explanation.
    pub fn explain(
        &self,
        context: &Context<'_>,
        accounts: &AccountColumns,
        batch: &TransferColumns,
    ) -> Result<Vec<Explanation>, Fault> {
        let _ = (context, accounts, batch);
        Err(Fault::Unavailable)
    }
}
