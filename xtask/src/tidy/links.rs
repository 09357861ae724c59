//! Relative links in documentation.

use super::finding::Finding;
use super::text::File;

/// Every link in a Markdown file that leads to nothing, as told by `exists` about paths from the
/// root of the repository.
pub(crate) fn check(files: &[File], exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, target) in links(&file.text) {
            let problem = match resolve(&file.path, target) {
                Some(path) if exists(&path) => continue,
                Some(_) => format!("links to `{target}`, which does not exist"),
                None => format!("links to `{target}`, outside the repository"),
            };
            findings.push(Finding::at(&file.path, line, problem));
        }
    }
    findings
}

/// Targets of relative links, outside code, with the line they stand on.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            // Every second part between backticks is code.
            let targets = line.split('`').step_by(2).flat_map(inline_targets);
            found.extend(
                targets
                    .chain(reference_target(line))
                    .map(|target| (at + 1, target)),
            );
        }
    }
    found.retain(|(_, target)| is_relative(target));
    found
}

/// The targets of `[text](target)`. The text may have held code, so only its end is looked for.
fn inline_targets(part: &str) -> impl Iterator<Item = &str> {
    part.split("](").skip(1).filter_map(|tail| {
        let target = tail.split(')').next()?;
        target.split_whitespace().next()
    })
}

/// The target of `[name]: target`.
fn reference_target(line: &str) -> Option<&str> {
    let (name, target) = line.strip_prefix('[')?.split_once("]:")?;
    (!name.contains(']')).then(|| target.split_whitespace().next())?
}

fn is_relative(target: &str) -> bool {
    !(target.starts_with('#') || target.contains("://") || target.starts_with("mailto:"))
}

/// The path from the root of the repository, or nothing when it leaves it.
fn resolve(file: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().unwrap_or(target);
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => file.split('/').collect(),
    };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
