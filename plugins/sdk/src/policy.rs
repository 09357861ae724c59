//! What an author writes.

use crate::{Needs, PolicyError, Reason, Request, Rule, Verdict};

/// A policy: configured once, then asked about every request.
///
/// It is the same code natively, where it is tested, and in the sandbox, where a panic stops the
/// instance and denies the request.
pub trait Policy: Sized + Send + Sync + 'static {
    /// Its name.
    const NAME: &'static str;
    /// Version of the configuration that it takes.
    const CONFIG_VERSION: u32 = 1;
    /// Everything it denies.
    const RULES: &'static [Rule];

    /// Takes the configuration: JSON.
    ///
    /// # Errors
    /// The configuration is not one.
    fn init(config: &str) -> Result<Self, PolicyError>;

    /// What has to be passed, beside who asks for what. Less is faster, and a policy that needs
    /// nothing is not even asked again about the same principal, operation and resource.
    fn needs(&self) -> Needs {
        Needs::empty()
    }

    /// Decides.
    fn evaluate(&self, request: &Request) -> Verdict;

    /// Why [`Policy::evaluate`] denies what it denies. Unless written, it is what `evaluate` gives
    /// as a reason to [`Request::deny`] and to [`crate::Denials::deny`].
    fn explain(&self, request: Request) -> Vec<Reason> {
        let request = request.recording();
        self.evaluate(&request);
        request.into_reasons()
    }
}
