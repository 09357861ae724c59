//! A Rust source file, taken apart far enough that words in strings and comments are not code.

/// One file, in three views of the same length and with the same lines.
pub(crate) struct Source {
    pub(crate) path: String,
    /// Comments, strings and characters blanked.
    pub(crate) code: String,
    /// All but comments blanked.
    pub(crate) comments: String,
    /// `code` without what only tests compile; nothing at all in a file of tests.
    pub(crate) production: String,
    /// Lines of the product, comments and all: what a reader has to page through.
    pub(crate) production_lines: usize,
}

impl Source {
    /// Takes `text` apart. `path` is from the root of the repository.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let (code, comments) = split(text);
        let (production, production_lines) = if is_test(path) {
            (blank(&code), 0)
        } else {
            let (production, test_lines) = without_tests(&code);
            (production, code.lines().count().saturating_sub(test_lines))
        };
        Self {
            path: path.to_owned(),
            code,
            comments,
            production,
            production_lines,
        }
    }
}

/// Whether a path is one of tests, examples or benchmarks.
pub(crate) fn is_test(path: &str) -> bool {
    let in_folder = |part| matches!(part, "tests" | "benches" | "examples" | "fuzz");
    path.rsplit('/').skip(1).any(in_folder) || path.ends_with("/tests.rs")
}

/// The lines of a view that hold one of `words`, as (line counted from 1, word).
pub(crate) fn find<'a>(view: &str, words: &[&'a str]) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for (at, line) in view.lines().enumerate() {
        let here = words.iter().filter(|word| holds_word(line, word));
        found.extend(here.map(|word| (at + 1, *word)));
    }
    found
}

/// Whether `word` stands in `line` without being the end or the start of a longer name.
fn holds_word(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (line.get(..at), line.get(at + word.len()..));
        let joined_before =
            word.starts_with(is_name) && before.is_some_and(|text| text.ends_with(is_name));
        let joined_after =
            word.ends_with(is_name) && after.is_some_and(|text| text.starts_with(is_name));
        !joined_before && !joined_after
    })
}

/// Splits into code and comments.
fn split(text: &str) -> (String, String) {
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

/// Blanks items under `#[cfg(test)]`, and counts the lines that they take.
fn without_tests(code: &str) -> (String, usize) {
    const MARK: &str = "#[cfg(test)]";
    let mut left = String::with_capacity(code.len());
    let mut lines = 0;
    let mut rest = code;
    while let Some((before, item)) = rest.find(MARK).and_then(|at| rest.split_at_checked(at)) {
        left.push_str(before);
        let (item, tail) = item
            .split_at_checked(item_length(item))
            .unwrap_or((item, ""));
        left.push_str(&blank(item));
        lines += item.lines().count();
        rest = tail;
    }
    left.push_str(rest);
    (left, lines)
}

/// From an attribute to the end of the item: its closing brace, or a semicolon before any.
fn item_length(item: &str) -> usize {
    let mut depth = 0_usize;
    let mut closed = false;
    for (at, c) in item.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                closed = depth == 0 && c == '}';
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
        if closed {
            return at + 1;
        }
    }
    item.len()
}

/// Blanks, with the lines kept. A blank for each byte, so that places stay comparable.
fn blank(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect()
}

#[cfg(test)]
mod tests;
