//! A Rust source file, taken apart far enough that words in strings and comments are not code.

use super::token::{blank, split};

const MARK: &str = "#[cfg(test)]";

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

/// Takes what only tests compile out of the production code of all `sources`: files that a module
/// under `#[cfg(test)]` names, and whatever stands below those.
pub(crate) fn mark_tests(sources: &mut [Source]) {
    let named: Vec<String> = sources
        .iter()
        .flat_map(|source| {
            let folder = folder_of_modules(&source.path);
            test_modules(&source.code).map(move |name| format!("{folder}/{name}"))
        })
        .collect();
    for source in sources {
        let is_named = named.iter().any(|named| {
            let tail = source.path.strip_prefix(named.as_str());
            tail.is_some_and(|tail| tail == ".rs" || tail.starts_with('/'))
        });
        if is_named {
            source.production = blank(&source.code);
            source.production_lines = 0;
        }
    }
}

/// Where the files of a file's modules are.
fn folder_of_modules(path: &str) -> &str {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    ["/lib", "/main"]
        .iter()
        .find_map(|root| stem.strip_suffix(root))
        .unwrap_or(stem)
}

/// Names of modules in files of their own that only tests compile.
fn test_modules(code: &str) -> impl Iterator<Item = &str> {
    code.split(MARK).skip(1).filter_map(|item| {
        let name = item.trim_start().strip_prefix("mod ")?;
        let (name, _) = name.split_once(';')?;
        (!name.contains(['{', '\n'])).then_some(name)
    })
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

/// Blanks items under `#[cfg(test)]`, and counts the lines that they take.
fn without_tests(code: &str) -> (String, usize) {
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

#[cfg(test)]
mod tests;
