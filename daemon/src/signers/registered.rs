//! Whether a key may sign: what the registry says about it, and the list by which others verify.

use signing::signer::Registered;
use verify::keyring::{KeyEntry, Keyring, SignersError, State};
use verify::{Kid, Usage};

use crate::config::problem::Problem;
use crate::config::signing::{KernelSigners, Key};

/// What the registry knows about `key`, if it may sign what `usage` says in one of these states.
/// A shared secret stands in no registry.
pub(super) fn find(
    key: &Key,
    place: &str,
    usage: Usage,
    states: &[State],
    keyring: &Keyring,
) -> Result<Registered, Problem> {
    if matches!(key, Key::Hmac(_)) {
        return Ok(Registered::Shared);
    }
    let entry = entry(key.kid(), place, usage, states, keyring)?;
    let registered = entry.public_key.algorithm();
    if registered != key.algorithm() {
        let fault = format!("`{}` is registered with `{registered}`", entry.kid);
        let advice = format!("set it, or AUDIT_SIGNING_ALG, to {registered}");
        let place = format!("{place}.algorithm");
        return Err(Problem::of(place, key.algorithm(), fault, advice));
    }
    Ok(Registered::Public(entry.public_key.clone()))
}

/// The entry of `kid`, if it may sign what `usage` says in one of these states.
fn entry<'a>(
    kid: &Kid,
    place: &str,
    usage: Usage,
    states: &[State],
    keyring: &'a Keyring,
) -> Result<&'a KeyEntry, Problem> {
    let place = format!("{place}.kid");
    let problem = |fault: String, advice: &str| Problem::of(&place, kid, fault, advice);
    let serial = keyring.serial();
    let Some(entry) = keyring.key(kid) else {
        let fault = format!("not in the keyring with serial `{serial}`");
        let advice = "register it with `ledgerctl signers add` and have it promoted";
        return Err(problem(fault, advice));
    };
    if entry.usage != usage {
        let fault = format!("registered for usage `{}`, not for `{usage}`", entry.usage);
        return Err(problem(fault, "name a key of that usage"));
    }
    if !states.contains(&entry.state) {
        let fault = format!(
            "`{}` in the keyring with serial `{serial}`, not `active`",
            entry.state
        );
        return Err(problem(
            fault,
            "name the key that is active, or have this one promoted",
        ));
    }
    Ok(entry)
}

/// The same key, if others find it in their list where one is configured.
pub(super) fn published(
    key: &Key,
    place: &str,
    registered: &Registered,
    signers: Option<&KernelSigners>,
    usage: Usage,
) -> Result<Registered, Problem> {
    let (Some(signers), Registered::Public(public_key)) = (signers, registered) else {
        return Ok(registered.clone());
    };
    // A key to come is published when it is promoted.
    if usage != Usage::Seal || place != "signing.seal" {
        return Ok(registered.clone());
    }
    match signers.list.check(key.kid(), public_key) {
        Ok(()) => Ok(registered.clone()),
        Err(error) => {
            let advice = match error {
                SignersError::AnotherKey(_) => "find out which of the two keys is right",
                _ => "publish it: `ledgerctl signers export` writes the list",
            };
            let file = &signers.file;
            Err(Problem::of_file(
                "signing.kernel_signers",
                file,
                error.to_string(),
                advice,
            ))
        }
    }
}
