//! A secret of the configuration: never shown, in no table, no log and no message.

use secrecy::{ExposeSecret, SecretString};

/// A secret text. It can be compared, so that a reload notices another one.
#[derive(Clone, Debug)]
pub(crate) struct Secret(SecretString);

impl Secret {
    /// Takes a text, without the line break that files end with.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.trim_end_matches(['\r', '\n']).into())
    }

    /// The text.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The text, for whoever keeps it as a secret.
    pub(crate) fn get(&self) -> SecretString {
        self.0.clone()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::new("hush\n");
        assert_eq!(secret.expose(), "hush");
        assert!(!format!("{secret:?}").contains("hush"));
    }
}
