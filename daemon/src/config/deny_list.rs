//! Certificates that are refused whatever their authority says.

use std::collections::HashSet;
use std::path::Path;

use ledger::Digest;

use super::files::{self, LIST_BYTES_MAX};
use super::hex;
use super::problem::Problem;

/// Certificates that are refused, by fingerprint or serial number.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct DenyList {
    fingerprints: HashSet<Digest>,
    serials: HashSet<Vec<u8>>,
}

impl DenyList {
    /// Reads a list: `fingerprint HEX` or `serial HEX` per line, `#` starts a comment.
    pub(crate) fn read(file: &Path) -> Result<Self, Problem> {
        let key = "deny_list";
        let bytes = files::read(file, LIST_BYTES_MAX)
            .map_err(|fault| Problem::of_file(key, file, fault.to_string(), fault.advice(file)))?;
        Self::parse(&String::from_utf8_lossy(&bytes)).map_err(|(line, text)| {
            let fault = format!("line {line} says `{text}`");
            let advice = "write `fingerprint` and 64 hex digits, or `serial` and hex digits";
            Problem::of_file(key, file, fault, advice)
        })
    }

    /// Whether a certificate is on the list; `serial` is its big-endian serial number.
    pub(crate) fn denies(&self, fingerprint: &Digest, serial: &[u8]) -> bool {
        self.fingerprints.contains(fingerprint) || self.serials.contains(trimmed(serial))
    }

    /// How many entries it has.
    pub(crate) fn len(&self) -> usize {
        self.fingerprints.len() + self.serials.len()
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut list = Self::default();
        for (at, line) in text.lines().enumerate() {
            let entry = line.split('#').next().unwrap_or("").trim();
            if entry.is_empty() {
                continue;
            }
            list.add(entry)
                .ok_or_else(|| (at + 1, entry.chars().take(100).collect()))?;
        }
        Ok(list)
    }

    fn add(&mut self, entry: &str) -> Option<()> {
        let (kind, value) = entry.split_once(char::is_whitespace)?;
        match kind {
            "fingerprint" => self.fingerprints.insert(hex::digest(value.trim())?),
            "serial" => self
                .serials
                .insert(trimmed(&hex::bytes(value.trim())?).to_vec()),
            _ => return None,
        };
        Some(())
    }
}

/// DER puts a zero before a serial whose first bit is set; tools do not print it.
fn trimmed(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|byte| **byte == 0).count();
    &serial[zeros..]
}

#[cfg(test)]
mod tests {
    use ledger::Digest;

    use super::DenyList;

    #[test]
    fn lines_read_as_written() {
        let fingerprint = Digest::of(b"certificate");
        let text = format!("# revoked\n\nfingerprint {fingerprint} # lost\nserial 00:A1:ff\n");
        let list = DenyList::parse(&text).unwrap();
        assert_eq!(list.len(), 2);
        assert!(list.denies(&fingerprint, &[1]));
        assert!(list.denies(&Digest::ZERO, &[0xa1, 0xff]));
        assert!(list.denies(&Digest::ZERO, &[0, 0xa1, 0xff]));
        assert!(!list.denies(&Digest::ZERO, &[0xa1]));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        for line in [
            "fingerprint abcd",
            "serial xyz",
            "serial",
            "serial 123",
            "sha1 aa",
            "aa",
        ] {
            let told = DenyList::parse(&format!("# first\n{line}\n"));
            assert_eq!(told, Err((2, line.to_owned())));
        }
    }
}
