//! A row of the audit chain as people write it: its number and its digest.

use std::fmt;
use std::str::FromStr;

use ledger::Digest;

/// A row of the audit chain that is known from elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct HeadText {
    /// Its number.
    pub(crate) row: u64,
    /// Its digest.
    pub(crate) digest: Digest,
}

/// Why text is not a row with its digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NoHead;

impl FromStr for HeadText {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let (row, digest) = text.split_once(':').ok_or(NoHead)?;
        let row = row.parse().map_err(|_| NoHead)?;
        let digest = self::digest(digest).map_err(|_| NoHead)?;
        if row == 0 {
            return Err(NoHead);
        }
        Ok(Self { row, digest })
    }
}

/// Reads a digest of 64 lower-case hexadecimal digits.
pub(crate) fn digest(text: &str) -> Result<Digest, &'static str> {
    verify::hex::digest(text).ok_or("not a digest; write 64 hexadecimal digits in lower case")
}

impl fmt::Display for NoHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a row; write its number, a colon and its digest in hexadecimal")
    }
}

impl std::error::Error for NoHead {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read() {
        let digest = "00".repeat(31) + "0f";
        let head: HeadText = format!("17:{digest}").parse().unwrap();
        assert_eq!((head.row, head.digest.0[31]), (17, 15));
        for text in [
            "",
            "17",
            "17:",
            "0:00",
            "17:00",
            &format!("0:{digest}"),
            &format!("x:{digest}"),
        ] {
            assert_eq!(text.parse::<HeadText>(), Err(NoHead), "{text}");
        }
    }
}
