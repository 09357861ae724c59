//! Numbers and hashes in the lines of a text: one way to write each.

use ledger::Digest;

use crate::base64;

/// The digest that `text` is the base64 of.
pub(crate) fn digest(text: &str) -> Option<Digest> {
    // 32 bytes are 44 characters: checked first, so that a long line is not decoded in vain.
    let bytes = (text.len() == 44).then(|| base64::decode(text)).flatten()?;
    bytes.try_into().ok().map(Digest)
}

/// The number that `text` is, in decimal without leading zeros.
pub(crate) fn number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit());
    let has_zeros = text.len() > 1 && text.starts_with('0');
    if !is_plain || has_zeros {
        return None;
    }
    text.parse().ok()
}

/// The digests that lines of base64 begin `text` with, and what follows the empty line after them.
/// At most `max` lines.
pub(crate) fn digest_lines(text: &str, max: usize) -> Option<(Vec<Digest>, &str)> {
    let mut digests = Vec::new();
    let mut rest = text;
    loop {
        let (line, after) = rest.split_once('\n')?;
        rest = after;
        if line.is_empty() {
            return Some((digests, rest));
        }
        if digests.len() == max {
            return None;
        }
        digests.push(digest(line)?);
    }
}

/// Appends lines that [`digest_lines`] reads.
pub(crate) fn put_digest_lines(digests: &[Digest], out: &mut String) {
    for digest in digests {
        out.push_str(&base64::encode(&digest.0));
        out.push('\n');
    }
    out.push('\n');
}
