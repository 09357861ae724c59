//! What is asked of a policy.

use std::cell::RefCell;
use std::fmt::Display;

use crate::{Accounts, Context, Denials, Reason, Rule, Transfers, Verdict};

/// Reasons that are kept: more than a batch has transfers.
const MAX_REASONS: usize = 16_384;

/// A request: who asks for what, and what the policy said it needs.
#[derive(Debug)]
pub struct Request {
    context: Context,
    accounts: Accounts,
    transfers: Transfers,
    reasons: Option<RefCell<Vec<Reason>>>,
}

impl Request {
    /// A request of these parts.
    pub fn new(context: Context, accounts: Accounts, transfers: Transfers) -> Self {
        Self {
            context,
            accounts,
            transfers,
            reasons: None,
        }
    }

    /// Who asks for what.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Name of the operation.
    pub fn operation(&self) -> &str {
        &self.context.operation
    }

    /// Name of the principal's tenant; empty for the platform.
    pub fn tenant(&self) -> &str {
        &self.context.tenant
    }

    /// Whether the principal has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.context.roles.iter().any(|mine| mine == role)
    }

    /// Whether the principal has this scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.context.scopes.iter().any(|mine| mine == scope)
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.context
            .attributes
            .iter()
            .find(|(mine, _)| mine == name)
            .map(|(_, value)| &**value)
    }

    /// The columns of accounts.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The columns of transfers.
    pub fn transfers(&self) -> &Transfers {
        &self.transfers
    }

    /// Denies the whole request. `why` is written out only for who asks for an explanation.
    pub fn deny(&self, rule: &Rule, why: impl Display) -> Verdict {
        self.record(None, rule, why);
        Verdict::Deny(rule.number)
    }

    /// Collects the transfers that are denied while the others go on.
    pub fn denials(&self) -> Denials<'_> {
        Denials::new(self)
    }

    pub(crate) fn recording(self) -> Self {
        Self {
            reasons: Some(RefCell::default()),
            ..self
        }
    }

    pub(crate) fn into_reasons(self) -> Vec<Reason> {
        self.reasons.map(RefCell::into_inner).unwrap_or_default()
    }

    pub(crate) fn record(&self, index: Option<u32>, rule: &Rule, why: impl Display) {
        let Some(reasons) = &self.reasons else {
            return;
        };
        let mut reasons = reasons.borrow_mut();
        if reasons.len() < MAX_REASONS {
            reasons.push(Reason {
                index,
                rule: rule.number,
                text: why.to_string(),
            });
        }
    }
}
