//! `cargo xtask tidy`: what no compiler and no lint of ours checks.
//!
//! A rule is a function from what it looks at to findings, so that a test can hand it something
//! bad. The same rules run over the repository itself as a test.

mod features;
mod finding;
mod layers;
mod licences;
mod links;
mod manifests;
mod modules;
mod owners;
mod readers;
mod sizes;
mod source;
mod text;
mod token;
mod versions;
mod workspace;

use std::path::Path;
use std::time::Duration;

use crate::args::Args;
use crate::outcome::Outcome;
use crate::shell;
use crate::step::Steps;

use finding::Finding;
use source::Source;
use workspace::Workspace;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask tidy

Checks, over `cargo metadata` and every file that git tracks or would track:

  layers     which crate may use which; a crate without a row is refused
  owners     one crate for each heavy dependency
  versions   one version for each direct dependency; `ring` nowhere in the tree
  features   what makes signers fail on purpose is in no build that did not ask for it
  licences   every crate of the tree is under a licence of the allow-list
  manifests  names, lints, `publish = false`, versions from the workspace alone
  readers    clocks, environment and I/O only where they may be read
  modules    no source file that no module names; no `mod.rs`
  sizes      files of more than 800 production lines, unless `xtask/ratchet.txt` says why
  text       lines of at most 100 columns, nothing left to do, no path of a machine
  links      relative links in documentation lead somewhere
";

/// Runs the command.
pub(crate) fn run(args: Args) -> Outcome<()> {
    args.finish()?;
    Steps::default().run("tidy", Duration::from_secs(10), check_repository)
}

/// Prints what is wrong with this repository and fails if anything is.
pub(crate) fn check_repository() -> Outcome<()> {
    let findings = findings(shell::root())?;
    for finding in &findings {
        eprintln!("    {finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("1 finding".into()),
        many => Err(format!("{many} findings").into()),
    }
}

/// All rules, over the repository at `root`.
fn findings(root: &Path) -> Outcome<Vec<Finding>> {
    let workspace = Workspace::load(root)?;
    let files = text::File::load_all(root)?;
    let mut sources: Vec<Source> = files
        .iter()
        .filter(|file| file.path.ends_with(".rs"))
        .map(|file| Source::new(&file.path, &file.text))
        .collect();
    source::mark_tests(&mut sources);
    let ratchet = files.iter().find(|file| file.path == sizes::RATCHET);

    let mut findings = Vec::new();
    findings.extend(layers::check(&workspace.crates));
    findings.extend(owners::check(&workspace.crates));
    findings.extend(versions::check(&workspace));
    findings.extend(features::check(&workspace));
    findings.extend(licences::check(&workspace.tree));
    findings.extend(manifests::check(&workspace.crates));
    findings.extend(readers::check(&sources));
    findings.extend(modules::check(&sources));
    findings.extend(sizes::check(
        &sources,
        ratchet.map_or("", |file| &file.text),
    ));
    findings.extend(text::check(&files));
    findings.extend(links::check(&files, |path| root.join(path).exists()));
    findings.sort();
    Ok(findings)
}

#[cfg(test)]
mod tests;
