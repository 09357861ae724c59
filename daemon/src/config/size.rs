//! Sizes in bytes, as people write them: `67108864` or `"64 MiB"`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

const UNITS: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// A number of bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Size(pub(crate) u64);

impl Size {
    /// So many MiB.
    pub(crate) const fn mib(count: u64) -> Self {
        Self(count << 20)
    }

    /// So many GiB.
    pub(crate) const fn gib(count: u64) -> Self {
        Self(count << 30)
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
        number.parse::<u64>().ok()?.checked_mul(*scale).map(Self)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let divides = |scale: u64| self.0.is_multiple_of(scale) && self.0 >= scale;
        match UNITS.iter().find(|(_, scale)| divides(*scale)) {
            Some((name, scale)) => write!(f, "{} {name}", self.0 / scale),
            None => f.write_str("0 B"),
        }
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Size;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of bytes such as 67108864 or \"64 MiB\" (B, KiB, MiB, GiB)")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Size, E> {
        let bytes = u64::try_from(value);
        bytes
            .map(Size)
            .map_err(|_| E::invalid_value(serde::de::Unexpected::Signed(value), &self))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Size, E> {
        Ok(Size(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Size, E> {
        let wrong = || E::invalid_value(serde::de::Unexpected::Str(text), &self);
        Size::parse(text).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn sizes_read_and_print() {
        let table = [
            ("64 MiB", Some(Size::mib(64)), "64 MiB"),
            ("64MiB", Some(Size::mib(64)), "64 MiB"),
            ("1024 KiB", Some(Size::mib(1)), "1 MiB"),
            ("1500 B", Some(Size(1500)), "1500 B"),
            ("0 B", Some(Size(0)), "0 B"),
            ("64", None, ""),
            ("64 MB", None, ""),
            ("-1 MiB", None, ""),
            ("1.5 GiB", None, ""),
            ("MiB", None, ""),
            ("", None, ""),
            ("18446744073709551615 KiB", None, ""),
        ];
        for (text, expected, printed) in table {
            assert_eq!(Size::parse(text), expected, "{text}");
            if let Some(size) = expected {
                assert_eq!(size.to_string(), printed);
            }
        }
    }
}
