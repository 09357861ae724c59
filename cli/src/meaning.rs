//! What a request would do, worked out from the keyring that holds now: a request names digests
//! alone, and who signs must know what they stand for.

use ledger::Digest;
use verify::Kid;
use verify::approval::{Approval, Content};
use verify::policy::SignedManifest;
use wire::message::PolicyList;

use crate::keys::Keys;

/// What a request would do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    /// The keyring as it is now gets trusted.
    KeyringNow,
    /// A key becomes active from this row on, and nothing else changes.
    Promotes {
        /// The first row that it may sign.
        from_row: u64,
    },
    /// The policy of this manifest comes into force or gives way, and nothing else changes.
    Policy {
        /// Its name.
        name: String,
        /// SHA-256 of its component.
        component: Digest,
        /// The key that signed the manifest.
        signer: Kid,
    },
    /// Everything is in the request itself.
    Plain,
    /// Nobody can tell, and why.
    Unclear(&'static str),
}

impl Meaning {
    /// What a request about a policy would do, where the daemon has this list with the manifest
    /// that is named.
    pub(crate) fn of_policy(manifest: Digest, replaces: Digest, list: &PolicyList) -> Self {
        if list.state != replaces {
            return Self::Unclear("it builds on other policies than those in force: ask anew");
        }
        let signed = SignedManifest::decode(&list.manifest).ok();
        match signed.filter(|_| Digest::of(&list.manifest) == manifest) {
            Some(signed) => Self::Policy {
                name: signed.manifest.name.to_string(),
                component: signed.manifest.component,
                signer: signed.kid,
            },
            None => Self::Unclear("the manifest that it names is not at the daemon: push it"),
        }
    }

    /// What `approval` would do to `keys`.
    pub(crate) fn of(approval: &Approval, keys: &Keys) -> Self {
        let request = approval.request();
        if request.state != keys.current.digest() {
            return Self::Unclear("it builds on another keyring than that of now: ask anew");
        }
        match &request.content {
            Content::Keyring { keyring, .. } if *keyring == keys.current.digest() => {
                Self::KeyringNow
            }
            Content::Keyring { .. } => Self::Unclear("it names a keyring that nobody here has"),
            Content::Promote { keyring, kid, .. } => match keys.promoted_from(kid, *keyring) {
                Some(from_row) => Self::Promotes { from_row },
                None => Self::Unclear("the keyring that it names is not that of now with the key"),
            },
            Content::Emergency { .. } | Content::Recovery { .. } | Content::Policy { .. } => {
                Self::Plain
            }
        }
    }
}
