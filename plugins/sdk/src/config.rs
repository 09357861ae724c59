//! The configuration of a policy: a JSON object, read field by field.

use crate::{Json, PolicyError};

/// Fields of an object that are not read yet.
///
/// ```
/// use plugins_sdk::Config;
///
/// let mut config = Config::parse(r#"{"codes": [10, 20], "mxa": 5}"#)?;
/// assert_eq!(config.take::<Vec<u16>>("codes")?, [10, 20]);
/// assert_eq!(config.take_if_set::<u64>("max")?, None);
/// // A misspelt limit would be none at all.
/// assert!(config.finish().is_err());
/// # Ok::<(), plugins_sdk::PolicyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config(Vec<(String, Json)>);

/// What a field can hold. A type of one's own reads an object: it takes its fields from a
/// [`Config`] and finishes it.
pub trait FromJson: Sized {
    /// Makes one of a value.
    ///
    /// # Errors
    /// The value is something else.
    fn from_json(value: Json) -> Result<Self, PolicyError>;
}

impl Config {
    /// Reads JSON. No text at all is a configuration without fields.
    ///
    /// # Errors
    /// It is not JSON, or not an object.
    pub fn parse(json: &str) -> Result<Self, PolicyError> {
        if json.trim_ascii().is_empty() {
            return Ok(Self(Vec::new()));
        }
        let value = Json::parse(json).map_err(|error| bad(error.to_string()))?;
        Self::from_json(value)
    }

    /// The value of a field.
    ///
    /// # Errors
    /// It is missing, or something else than a `T`.
    pub fn take<T: FromJson>(&mut self, field: &str) -> Result<T, PolicyError> {
        self.take_if_set(field)?.ok_or_else(|| missing(field))
    }

    /// The value of a field that may be left out.
    ///
    /// # Errors
    /// It is something else than a `T`.
    pub fn take_if_set<T: FromJson>(&mut self, field: &str) -> Result<Option<T>, PolicyError> {
        match self.remove(field) {
            None => Ok(None),
            Some(value) => T::from_json(value)
                .map(Some)
                .map_err(|error| in_field(field, error)),
        }
    }

    /// All fields, with values of one kind.
    ///
    /// # Errors
    /// A value is something else than a `T`.
    pub fn take_all<T: FromJson>(self) -> Result<Vec<(String, T)>, PolicyError> {
        let fields = self
            .0
            .into_iter()
            .map(|(name, value)| match T::from_json(value) {
                Ok(value) => Ok((name, value)),
                Err(error) => Err(in_field(&name, error)),
            });
        fields.collect()
    }

    /// The fields that are left, as a value.
    pub fn into_json(self) -> Json {
        Json::Object(self.0)
    }

    /// Once for every type there is: it is most of what taking a field is.
    #[inline(never)]
    fn remove(&mut self, field: &str) -> Option<Json> {
        let at = self.0.iter().position(|(name, _)| name == field)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Refuses what is left.
    ///
    /// # Errors
    /// There is a field that was not taken.
    pub fn finish(self) -> Result<(), PolicyError> {
        match self.0.first() {
            None => Ok(()),
            Some((field, _)) => Err(bad(format!("unknown field `{field}`"))),
        }
    }
}

#[cold]
fn missing(field: &str) -> PolicyError {
    bad(format!("field `{field}` is missing"))
}

#[cold]
fn in_field(name: &str, error: PolicyError) -> PolicyError {
    within(format_args!("field `{name}`"), error)
}

#[cold]
fn bad(why: impl Into<String>) -> PolicyError {
    PolicyError::BadConfig(why.into())
}

#[cold]
fn within(place: std::fmt::Arguments<'_>, error: PolicyError) -> PolicyError {
    match error {
        PolicyError::BadConfig(why) => bad(format!("{place}: {why}")),
        other => other,
    }
}

impl FromJson for Config {
    fn from_json(value: Json) -> Result<Self, PolicyError> {
        match value {
            Json::Object(fields) => Ok(Self(fields)),
            _ => Err(bad("not an object")),
        }
    }
}

impl FromJson for Json {
    fn from_json(value: Self) -> Result<Self, PolicyError> {
        Ok(value)
    }
}

impl FromJson for bool {
    fn from_json(value: Json) -> Result<Self, PolicyError> {
        match value {
            Json::Bool(value) => Ok(value),
            _ => Err(bad("neither `true` nor `false`")),
        }
    }
}

impl FromJson for String {
    fn from_json(value: Json) -> Result<Self, PolicyError> {
        match value {
            Json::Text(text) => Ok(text),
            _ => Err(bad("not a text")),
        }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Json) -> Result<Self, PolicyError> {
        let Json::List(values) = value else {
            return Err(bad("not a list"));
        };
        let mut items = Self::with_capacity(values.len());
        for value in values {
            match T::from_json(value) {
                Ok(item) => items.push(item),
                Err(error) => return Err(within(format_args!("item {}", items.len() + 1), error)),
            }
        }
        Ok(items)
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl FromJson for $integer {
            fn from_json(value: Json) -> Result<Self, PolicyError> {
                let number = number(&value)?;
                Self::try_from(number).map_err(|_| out_of_range(number))
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 usize i16 i32 i64);

fn number(value: &Json) -> Result<i64, PolicyError> {
    match value {
        Json::Number(number) => Ok(*number),
        _ => Err(bad("not a number")),
    }
}

#[cold]
fn out_of_range(number: i64) -> PolicyError {
    bad(format!("`{number}` is out of range"))
}

/// A number of up to 128 bits, in decimal digits within quotes. Small ones may go without: JSON
/// numbers are exact up to 2^53 only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Amount(pub u128);

impl FromJson for Amount {
    fn from_json(value: Json) -> Result<Self, PolicyError> {
        let number = match &value {
            Json::Number(number) => u128::try_from(*number).ok(),
            // `parse` would take a sign as well.
            Json::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        number
            .map(Self)
            .ok_or_else(|| bad("neither a number nor decimal digits in quotes"))
    }
}

#[cfg(test)]
mod tests;
