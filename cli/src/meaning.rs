//! What a request would do, worked out from the keyring that holds now: a request names digests
//! alone, and who signs must know what they stand for.

use verify::approval::{Approval, Content};

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
    /// Everything is in the request itself.
    Plain,
    /// Nobody can tell, and why.
    Unclear(&'static str),
}

impl Meaning {
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
