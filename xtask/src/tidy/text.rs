//! What no tracked file may hold.

use std::path::Path;

use super::finding::Finding;
use super::source::{self, Source};
use crate::outcome::Outcome;
use crate::shell;

/// A text file that git tracks, or would track.
pub(crate) struct File {
    /// From the root of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// Reads them all. Files that are not UTF-8 are not text and have no lines to check.
    pub(crate) fn load_all(root: &Path) -> Outcome<Vec<Self>> {
        let mut git = shell::program("git");
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let list = shell::read(git.current_dir(root))?;
        let mut paths: Vec<&str> = list.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        Ok(paths
            .into_iter()
            .filter_map(|path| {
                // What is deleted but not yet committed cannot be read, and need not be.
                let text = std::fs::read_to_string(root.join(path)).ok()?;
                Some(Self {
                    path: path.to_owned(),
                    text,
                })
            })
            .collect())
    }
}

const COLUMNS: usize = 100;

/// Left for later, which the history shows to be never.
const UNFINISHED: &[&str] = &["TODO", "FIXME"];
const UNFINISHED_CODE: &[&str] = &["todo!", "unimplemented!", "dbg!", "#[ignore"];

/// Where people and build machines keep their files. Joined with slashes only when looked for.
const MACHINE_FOLDERS: [&str; 4] = ["work", "root", "home", "Users"];

/// Every line that is too long, unfinished, or speaks of one machine.
pub(crate) fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !file.path.ends_with(".lock")) {
        if file.path.ends_with(".rs") {
            findings.extend(rust_lines(file));
        } else if is_script(&file.path) {
            let words = source::find(&file.text, UNFINISHED).into_iter();
            findings.extend(words.map(|(line, word)| unfinished(&file.path, line, word)));
        }
        for (at, line) in file.text.lines().enumerate() {
            if let Some(path) = machine_path(line) {
                let problem = format!("names a path of one machine: `{path}`");
                findings.push(Finding::at(&file.path, at + 1, problem));
            }
        }
    }
    findings
}

fn rust_lines(file: &File) -> Vec<Finding> {
    let source = Source::new(&file.path, &file.text);
    let long = file.text.lines().enumerate().filter_map(|(at, line)| {
        let columns = line.chars().count();
        let problem = format!("has {columns} columns of {COLUMNS}");
        (columns > COLUMNS).then(|| Finding::at(&file.path, at + 1, problem))
    });
    let words = source::find(&source.comments, UNFINISHED)
        .into_iter()
        .chain(source::find(&source.code, UNFINISHED_CODE))
        .map(|(line, word)| unfinished(&file.path, line, word));
    long.chain(words).collect()
}

fn unfinished(path: &str, line: usize, word: &str) -> Finding {
    Finding::at(
        path,
        line,
        format!("holds `{word}`: finish it or leave it out"),
    )
}

/// Sources in other languages. Documentation may speak of unfinished things.
fn is_script(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(
        extension,
        "sh" | "sql" | "toml" | "wit" | "py" | "js" | "mjs" | "yml" | "yaml"
    )
}

/// An absolute path into a folder of one machine, if the line names one.
fn machine_path(line: &str) -> Option<&str> {
    MACHINE_FOLDERS.iter().find_map(|folder| {
        let start = format!("/{folder}/");
        line.match_indices(&start).find_map(|(at, _)| {
            let before = line.get(..at)?.chars().next_back();
            let tail = line.get(at..)?;
            let after = tail.get(start.len()..)?.chars().next()?;
            // Inside a longer path or an address it is somebody else's folder.
            let is_start = before.is_none_or(|c| !c.is_alphanumeric() && c != '_');
            (is_start && (after.is_alphabetic() || after == '.')).then(|| {
                tail.split([' ', '"', '\'', '`', ')'])
                    .next()
                    .unwrap_or(tail)
            })
        })
    })
}
