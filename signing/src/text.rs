//! Text of others, made fit for a message of ours.

/// Longest text of another service that goes into a message.
const EXCERPT_MAX: usize = 240;

/// The start of `text` in backticks, on one line and without control characters.
pub(crate) fn excerpt(text: &str) -> Box<str> {
    let mut out = String::from("`");
    for c in text.chars().take(EXCERPT_MAX) {
        out.push(if c.is_control() || c == '`' { ' ' } else { c });
    }
    if text.chars().nth(EXCERPT_MAX).is_some() {
        out.push('…');
    }
    out.push('`');
    out.into()
}
