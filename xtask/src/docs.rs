//! `cargo xtask docs`: the parts of documents that are made from the code.

mod exits;

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::args::Args;
use crate::outcome::Outcome;
use crate::shell;
use crate::step::Steps;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask docs

Makes anew what documents quote from the code, and the vectors of formats and protocol: the parts of
`docs/` that stand between a line `generated` and a line `end`, `ledger/vectors/` and
`wire/vectors/`. Tests fail where they are not current.
";

/// Programs that write documents and vectors of their own crate: package and example.
const WRITERS: [(&str, &str); 2] = [("ledgerd-ledger", "formats"), ("ledgerd-wire", "protocol")];

/// The page whose exit codes are read from sources.
const ERRORS: &str = "docs/errors.md";

const END: &str = "<!-- end -->";

/// Runs the command.
pub(crate) fn run(args: Args) -> Outcome<()> {
    args.finish()?;
    let mut steps = Steps::default();
    for (package, example) in WRITERS {
        steps.run(example, Duration::from_secs(120), || {
            let words = ["run", "--package", package, "--example", example];
            shell::run(shell::cargo().args(words))
        })?;
    }
    steps.run("exit codes", Duration::from_secs(1), || {
        let page = shell::root().join(ERRORS);
        let text = fs::read_to_string(&page)?;
        Ok(fs::write(&page, renewed(&text, shell::root())?)?)
    })?;
    steps.summary();
    Ok(())
}

/// The page with the exit codes of every source that it names made anew.
fn renewed(text: &str, root: &Path) -> Outcome<String> {
    let mut out = String::new();
    let mut is_old = false;
    for line in text.lines() {
        if line == END {
            is_old = false;
        }
        if !is_old {
            out.push_str(line);
            out.push('\n');
        }
        let source = line
            .strip_prefix("<!-- generated: exits ")
            .and_then(|line| line.strip_suffix(" -->"));
        if let Some(source) = source {
            let code = fs::read_to_string(root.join(source))
                .map_err(|error| format!("cannot read `{source}`: {error}"))?;
            let table = exits::table(&code)
                .ok_or_else(|| format!("`{source}` has no text that begins `Exit codes:`"))?;
            out.push('\n');
            out.push_str(&table);
            out.push('\n');
            is_old = true;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
