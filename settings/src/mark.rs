//! The mark that every development certificate and key carries, and that production refuses.

/// Organisation in the subject of every development certificate.
pub const ORGANIZATION: &str = "ledgerd development, not for production";

/// Comment above every development key; readers of PEM skip it.
const KEY_COMMENT: &str = "# ledgerd development key, not for production\n";

/// A key file with its mark.
pub fn key_file(pem: &str) -> String {
    format!("{KEY_COMMENT}{pem}")
}

/// Whether a key file carries the mark.
pub fn is_in_key(file: &[u8]) -> bool {
    let mark = KEY_COMMENT.trim_end().as_bytes();
    file.windows(mark.len()).any(|part| part == mark)
}
