//! Files that have grown too long.
//!
//! Functions are counted by clippy (`too-many-lines-threshold`), where an exception is an `expect`
//! with its reason beside the function.

use super::finding::Finding;
use super::source::Source;

/// Exceptions, one a line: the lines a file may have, its path, and the reason.
pub(crate) const RATCHET: &str = "xtask/ratchet.txt";

const LIMIT: usize = 800;

/// Every file over the limit that has no exception, or outgrew it; every exception that is stale
/// or cannot be read.
pub(crate) fn check(sources: &[Source], ratchet: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut exceptions = Vec::new();
    for (at, line) in ratchet.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match Exception::parse(at + 1, line) {
            Some(exception) => exceptions.push(exception),
            None => findings.push(Finding::at(RATCHET, at + 1, "is not `LINES PATH REASON`")),
        }
    }
    for source in sources {
        let lines = source.production_lines;
        let exception = exceptions
            .iter()
            .find(|exception| exception.path == source.path);
        let limit = exception.map_or(LIMIT, |exception| exception.lines);
        if lines > limit {
            let problem = format!(
                "has {lines} production lines, {limit} are allowed: cut it by noun, or say why \
                 not in `{RATCHET}`"
            );
            findings.push(Finding::about(&source.path, problem));
        }
    }
    for exception in exceptions {
        let source = sources.iter().find(|source| source.path == exception.path);
        if source.is_none_or(|source| source.production_lines <= LIMIT) {
            let problem = format!("`{}` needs no exception any more", exception.path);
            findings.push(Finding::at(RATCHET, exception.line, problem));
        }
    }
    findings
}

struct Exception<'a> {
    line: usize,
    lines: usize,
    path: &'a str,
}

impl<'a> Exception<'a> {
    fn parse(line: usize, text: &'a str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (lines, path) = (words.next()?.parse().ok()?, words.next()?);
        // The reason is for people, but it has to be there.
        words.next().map(|_| Self { line, lines, path })
    }
}
