//! The rule in Cedar.

use std::collections::HashMap;

use cedar_policy::{
    Authorizer, Context, Entities, EntityUid, PolicyId, PolicySet, Request, RestrictedExpression,
};

use crate::Outcome;
use crate::world::{Batch, Transfer, numbers};

const POLICIES: &str = include_str!("../rules/spending.cedar");

/// Cedar, with the rule loaded.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    rules: HashMap<PolicyId, u16>,
    entities: Entities,
    uids: [EntityUid; 3],
}

impl Cedar {
    pub fn new() -> Outcome<Self> {
        let policies: PolicySet = POLICIES.parse()?;
        let mut rules = HashMap::new();
        for policy in policies.policies() {
            if let Some(rule) = policy.annotation("rule") {
                rules.insert(policy.id().clone(), rule.parse()?);
            }
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            policies,
            rules,
            entities: Entities::empty(),
            uids: [
                r#"Principal::"spiffe://example.org/acme/app""#.parse()?,
                r#"Action::"post""#.parse()?,
                r#"Book::"2""#.parse()?,
            ],
        })
    }

    /// What Cedar is asked about one transfer.
    pub fn input(&self, batch: &Batch, transfer: &Transfer) -> Outcome<Request> {
        let tags = numbers(batch.tags(transfer)).map(RestrictedExpression::new_long);
        let long = RestrictedExpression::new_long;
        let context = Context::from_pairs([
            ("hour".to_owned(), long(batch.hour().try_into()?)),
            ("asset".to_owned(), long(batch.asset(transfer).into())),
            ("amount".to_owned(), long(transfer.amount.try_into()?)),
            ("tags".to_owned(), RestrictedExpression::new_set(tags)),
        ])?;
        let [principal, action, resource] = self.uids.clone();
        Ok(Request::new(principal, action, resource, context, None)?)
    }

    /// The first rule that denies it, or 0.
    pub fn decide(&self, request: &Request) -> u16 {
        let response = self
            .authorizer
            .is_authorized(request, &self.policies, &self.entities);
        let rules = response.diagnostics().reason();
        let denied = rules.filter_map(|id| self.rules.get(id)).min();
        denied.copied().unwrap_or(0)
    }
}
