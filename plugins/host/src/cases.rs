//! Cases: what a policy must decide, written down as data.
//!
//! A file of cases is a JSON list. They come with a policy, are run under its own limits when it is
//! loaded, and by its author at any time:
//!
//! ```json
//! [
//!   {
//!     "name": "the daily limit holds",
//!     "config": { "per_transfer": "1000" },
//!     "context": {
//!       "operation": "post",
//!       "resource": { "kind": "book", "id": "1", "owner": "acme" },
//!       "tenant": "acme",
//!       "principal": "spiffe://ledger.example/tenant/acme/app",
//!       "roles": ["write"],
//!       "scopes": [],
//!       "attributes": { "environment": "test", "plan": "small" },
//!       "now": "2026-11-24T09:30:00Z",
//!       "request_id": "7"
//!     },
//!     "accounts": [
//!       { "id": "1", "code": 10, "asset": 1, "state": ["frozen_debits"], "tags": [3] },
//!       { "id": "2", "code": 20, "asset": 1 }
//!     ],
//!     "batch": [
//!       { "debit": "1", "credit": "2", "amount": "1000", "code": 1, "asset": 1 },
//!       { "debit": "1", "credit": "2", "amount": "1001", "code": 1, "asset": 1 }
//!     ],
//!     "expect": { "allow_except": [{ "index": 1, "rule": "per-transfer" }] }
//!   }
//! ]
//! ```
//!
//! Everything but `name` and `expect` may be left out. `config` stands in for the one that the
//! policy is loaded with; `now` is UTC to the second, or nanoseconds since 1970 in digits. Amounts
//! and ids are decimal strings, or numbers while they are small. A transfer takes besides `id`,
//! `flags` (bits), `timeout` (seconds), `effective_at` (as `now`) and `user_data`. Accounts that a
//! transfer names must be listed; where the list is left out altogether, they exist with code 1.
//!
//! `expect` is `"allow"`, `{"deny": RULE}`, `{"allow_except": [{"index": N, "rule": RULE}, …]}` or
//! `{"fault": "failed"}` with the name of a fault (`trapped`, `timed_out`, `out_of_memory`,
//! `bad_output`, `failed`). A rule is named by its name or its number.

use std::collections::HashMap;

use crate::contract::{AccountColumns, TransferColumns};
use crate::fault::Fault;
use crate::limits;
use crate::load::LoadError;
use crate::policy::Policy;
use crate::verdict::Verdict;

pub use expect::Expect;

mod expect;
mod file;
mod measure;
mod moment;
mod scene;

pub use measure::{Figures, measure};

/// A file of cases.
#[derive(Debug)]
pub struct Cases {
    cases: Vec<Case>,
}

/// One case.
#[derive(Debug)]
pub struct Case {
    name: String,
    config: Option<String>,
    scene: scene::Scene,
    expect: Expect,
}

/// What came of one case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Transfers in its batch.
    pub transfers: usize,
    /// What it expects, in words.
    pub expected: String,
    /// What was decided, in words.
    pub found: String,
    /// Whether that is the same.
    pub passed: bool,
}

impl Cases {
    /// Reads a file of cases.
    ///
    /// # Errors
    /// It is not one; the text says where.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        if json.len() > limits::CASES_BYTES_MAX {
            return Err(format!(
                "`{}` bytes, at most {}",
                json.len(),
                limits::CASES_BYTES_MAX
            ));
        }
        let raw: Vec<file::Case> =
            serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let cases = raw.into_iter().map(Case::read).collect::<Result<_, _>>()?;
        Ok(Self { cases })
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Every case, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter()
    }

    /// Runs every case under the policy's own limits.
    ///
    /// # Errors
    /// A case's own configuration is not taken.
    pub fn run(&self, policy: &Policy) -> Result<Vec<Outcome>, LoadError> {
        let mut configured = Configured::new(policy);
        self.cases
            .iter()
            .map(|case| {
                let policy = configured.of(case)?;
                let found = case.decide(policy);
                Ok(Outcome {
                    name: case.name.clone(),
                    transfers: case.scene.batch.len(),
                    expected: case.expect.in_words(policy),
                    found: expect::in_words(&found, policy),
                    passed: case.expect.is_met(&found, policy),
                })
            })
            .collect()
    }
}

impl Case {
    fn read(raw: file::Case) -> Result<Self, String> {
        let name = raw.name;
        let at = |problem: String| format!("case `{name}`: {problem}");
        let scene = scene::Scene::read(raw.context, raw.accounts, raw.batch).map_err(at)?;
        let expect = Expect::read(raw.expect).map_err(at)?;
        Ok(Self {
            config: raw.config.map(|config| config.to_string()),
            scene,
            expect,
            name,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it expects.
    pub fn expect(&self) -> &Expect {
        &self.expect
    }

    /// Its accounts.
    pub fn accounts(&self) -> &AccountColumns {
        &self.scene.accounts
    }

    /// Its transfers.
    pub fn batch(&self) -> &TransferColumns {
        &self.scene.batch
    }

    /// Asks `policy` as it stands, whatever the case's own configuration is.
    ///
    /// # Errors
    /// The policy gives no verdict.
    pub fn decide(&self, policy: &Policy) -> Result<Verdict, Fault> {
        let scene = &self.scene;
        let found =
            scene.with_context(|context| policy.evaluate(context, &scene.accounts, &scene.batch));
        if found.is_err() {
            // A case finds out about itself: cases before it that failed keep nobody from asking.
            policy.forget_faults();
        }
        found
    }

    /// Why `policy` denies what it denies.
    ///
    /// # Errors
    /// The policy gives no explanation.
    pub fn explain(&self, policy: &Policy) -> Result<Vec<crate::contract::Explanation>, Fault> {
        let scene = &self.scene;
        scene.with_context(|context| policy.explain(context, &scene.accounts, &scene.batch))
    }

    /// The policy with the case's own configuration; none if it has none.
    ///
    /// # Errors
    /// It is not taken.
    pub fn configured(&self, policy: &Policy) -> Result<Option<Policy>, LoadError> {
        self.config
            .as_deref()
            .map(|config| policy.with_config(config))
            .transpose()
    }
}

/// A policy under every configuration that its cases have.
struct Configured<'a> {
    policy: &'a Policy,
    others: HashMap<String, Policy>,
}

impl<'a> Configured<'a> {
    fn new(policy: &'a Policy) -> Self {
        Self {
            policy,
            others: HashMap::new(),
        }
    }

    fn of(&mut self, case: &Case) -> Result<&Policy, LoadError> {
        let Some(config) = &case.config else {
            return Ok(self.policy);
        };
        if !self.others.contains_key(config) {
            let other = self.policy.with_config(config)?;
            self.others.insert(config.clone(), other);
        }
        Ok(self.others.get(config).unwrap_or(self.policy))
    }
}

/// Runs the cases that come with a policy, all of which must pass.
pub(crate) fn must_pass(policy: &Policy, bundled: &[u8]) -> Result<(), LoadError> {
    let cases = Cases::parse(bundled).map_err(LoadError::BadCases)?;
    let outcomes = cases.run(policy)?;
    let failed: Vec<(String, String)> = outcomes
        .into_iter()
        .filter(|outcome| !outcome.passed)
        .map(|outcome| {
            let how = format!("expected {}, found {}", outcome.expected, outcome.found);
            (outcome.name, how)
        })
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(LoadError::CasesFailed {
        cases: cases.len(),
        failed,
    })
}

#[cfg(test)]
mod tests;
