//! Where comments, strings and characters begin and end: all that is known here of Rust's grammar.

/// Splits into code and comments, each with the rest blanked.
pub(crate) fn split(text: &str) -> (String, String) {
    let mut code = String::with_capacity(text.len());
    let mut comments = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = Kind::of(rest, code.chars().next_back());
        let length = kind.length(rest).max(first.len_utf8());
        let (token, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        match kind {
            Kind::Code => {
                code.push_str(token);
                comments.push_str(&blank(token));
            }
            Kind::LineComment | Kind::BlockComment => {
                code.push_str(&blank(token));
                comments.push_str(token);
            }
            Kind::Text { .. } | Kind::RawText { .. } | Kind::Character => {
                code.push_str(&blank(token));
                comments.push_str(&blank(token));
            }
        }
        rest = tail;
    }
    (code, comments)
}

/// What starts at some place of a file.
#[derive(Clone, Copy)]
enum Kind {
    Code,
    LineComment,
    BlockComment,
    /// `"…"`, after a prefix of so many bytes.
    Text {
        prefix: usize,
    },
    /// `r#"…"#` with so many hashes, after a prefix of so many bytes.
    RawText {
        prefix: usize,
        hashes: usize,
    },
    Character,
}

impl Kind {
    fn of(rest: &str, before: Option<char>) -> Self {
        if rest.starts_with("//") {
            return Self::LineComment;
        }
        if rest.starts_with("/*") {
            return Self::BlockComment;
        }
        if rest.starts_with('\'') {
            return if character_length(rest).is_some() {
                Self::Character
            } else {
                Self::Code
            };
        }
        // The `r` of `for"` is the end of a name, not a prefix.
        let in_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let prefixes: &[&str] = if in_name { &[""] } else { &["", "b", "c"] };
        for prefix in prefixes {
            let Some(tail) = rest.strip_prefix(prefix) else {
                continue;
            };
            if tail.starts_with('"') {
                return Self::Text {
                    prefix: prefix.len(),
                };
            }
            let Some(tail) = tail.strip_prefix('r').filter(|_| !in_name) else {
                continue;
            };
            let hashes = tail.len() - tail.trim_start_matches('#').len();
            if tail.get(hashes..).is_some_and(|tail| tail.starts_with('"')) {
                return Self::RawText {
                    prefix: prefix.len() + 1,
                    hashes,
                };
            }
        }
        Self::Code
    }

    /// How many bytes it takes, to the end of the file if it is not closed.
    fn length(self, rest: &str) -> usize {
        match self {
            Self::Code => 0,
            Self::LineComment => rest.find('\n').unwrap_or(rest.len()),
            Self::BlockComment => block_comment_length(rest),
            Self::Text { prefix } => prefix + text_length(rest.get(prefix..).unwrap_or("")),
            Self::RawText { prefix, hashes } => {
                let open = prefix + hashes + 1;
                let close = format!("\"{}", "#".repeat(hashes));
                let body = rest.get(open..).and_then(|body| body.find(&close));
                body.map_or(rest.len(), |length| open + length + close.len())
            }
            Self::Character => character_length(rest).unwrap_or(0),
        }
    }
}

/// Block comments nest.
fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(tail) = rest.get(at..).filter(|tail| !tail.is_empty()) {
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of `'x'`, or nothing for a lifetime.
fn character_length(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    let first = body.chars().next()?;
    if first == '\\' {
        // The escaped character itself may be a quote.
        let tail = body.get(2..)?;
        return tail.find('\'').map(|at| at + 4);
    }
    let close = 1 + first.len_utf8();
    rest.get(close..)?.starts_with('\'').then_some(close + 1)
}

/// Blanks, with the lines kept. A blank for each byte, so that places stay comparable.
pub(crate) fn blank(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect()
}
