//! Ids that are short texts of a safe alphabet: nothing in them needs an escape, in JSON or else.

/// Declares the type, its check, and reading and writing it.
macro_rules! text_id {
    (
        $(#[$doc:meta])*
        $name:ident, $(#[$error_doc:meta])* $error:ident, $max:expr, $allowed:expr, $rule:literal
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        $(#[$error_doc])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $error {
            /// The text that was refused, cut at the longest length.
            pub text: String,
        }

        impl $name {
            /// Checks `text`.
            ///
            /// # Errors
            /// It is empty, too long, or has a character that is not allowed.
            pub fn new(text: &str) -> Result<Self, $error> {
                let is_allowed: fn(u8) -> bool = $allowed;
                if text.is_empty() || text.len() > $max || !text.bytes().all(is_allowed) {
                    let text = text.chars().take($max).collect();
                    return Err($error { text });
                }
                Ok(Self(text.into()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::new(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }

        impl std::fmt::Display for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!("`{}` is not ", $rule), self.text)
            }
        }

        impl std::error::Error for $error {}
    };
}

pub(crate) use text_id;
