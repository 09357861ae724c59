//! From a [`Policy`] to a component.

use std::sync::OnceLock;

use crate::{
    Accounts, Context, Description, Needs, Policy, PolicyError, Reason, Request, Rule, Transfers,
    Verdict,
};

/// Where the one policy of a component stands once it is configured.
#[derive(Debug)]
pub struct Slot<P>(OnceLock<P>);

impl<P: Policy> Slot<P> {
    /// Not configured yet.
    pub const fn empty() -> Self {
        Self(OnceLock::new())
    }

    /// Configures the policy.
    ///
    /// # Errors
    /// The configuration is not one, or there was one before.
    pub fn init(&self, config: &str) -> Result<(), PolicyError> {
        self.0
            .set(P::init(config)?)
            .map_err(|_| PolicyError::Internal("configured twice".to_owned()))
    }

    /// What the policy says of itself. Before it is configured it needs nothing, and decides
    /// nothing.
    pub fn describe(&self) -> Description {
        Description {
            name: P::NAME.to_owned(),
            config_version: P::CONFIG_VERSION,
            rules: P::RULES.iter().map(Rule::info).collect(),
            needs: self.0.get().map_or(Needs::empty(), P::needs),
        }
    }

    /// Asks the policy.
    ///
    /// # Errors
    /// It is not configured.
    pub fn evaluate(
        &self,
        context: Context,
        accounts: Accounts,
        transfers: Transfers,
    ) -> Result<Verdict, PolicyError> {
        let policy = self.policy()?;
        let request = Request::new(policy.needs(), context, accounts, transfers);
        Ok(policy.evaluate(&request))
    }

    /// Asks the policy why.
    ///
    /// # Errors
    /// It is not configured.
    pub fn explain(
        &self,
        context: Context,
        accounts: Accounts,
        transfers: Transfers,
    ) -> Result<Vec<Reason>, PolicyError> {
        let policy = self.policy()?;
        let request = Request::new(policy.needs(), context, accounts, transfers);
        Ok(policy.explain(request))
    }

    fn policy(&self) -> Result<&P, PolicyError> {
        self.0
            .get()
            .ok_or_else(|| PolicyError::Internal("not configured".to_owned()))
    }
}

/// Makes a component of a [`Policy`]. Natively, where policies are tested, it makes nothing.
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Component;

            static SLOT: $crate::Slot<$policy> = $crate::Slot::empty();

            impl $crate::Guest for Component {
                fn init(config: String) -> Result<(), $crate::PolicyError> {
                    SLOT.init(&config)
                }

                fn describe() -> $crate::Description {
                    SLOT.describe()
                }

                fn evaluate(
                    context: $crate::Context,
                    accounts: $crate::Accounts,
                    transfers: $crate::Transfers,
                ) -> Result<$crate::Verdict, $crate::PolicyError> {
                    SLOT.evaluate(context, accounts, transfers)
                }

                fn explain(
                    context: $crate::Context,
                    accounts: $crate::Accounts,
                    transfers: $crate::Transfers,
                ) -> Result<Vec<$crate::Reason>, $crate::PolicyError> {
                    SLOT.explain(context, accounts, transfers)
                }
            }

    $crate::bindings::export_component!(Component with_types_in $crate::bindings);
        };
    };
}

#[cfg(test)]
mod tests;
