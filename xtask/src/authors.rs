//! What authors of policies begin with, followed as an author would: every language is begun,
//! built and tested with `ledgerctl`, and all of them must decide alike.

use std::fs;
use std::path::{Path, PathBuf};

use crate::outcome::Outcome;
use crate::shell::{self, Binary, Profile};
use crate::toolchain;

/// Below the target folder.
const FOLDER: &str = "examples/policies";
/// Tells the test that compares them where they are.
const FOLDER_VARIABLE: &str = "LEDGERD_POLICY_EXAMPLES";
/// What the other languages make.
const COMPONENT: &str = "policy.wasm";
const ALIKE: &str = "policy::tests::examples_in_all_languages_decide_alike";

/// A language, and how a policy in it is built.
struct Language {
    /// As `ledgerctl policy new --lang` takes it.
    name: &'static str,
    /// What is kept from one run to the next beside the folder.
    kept: &'static str,
    /// Readies what it is built with; where it is.
    tool: fn() -> Outcome<PathBuf>,
    make: fn(&Path, &Path) -> Outcome<()>,
    component: &'static str,
}

const LANGUAGES: [Language; 3] = [
    Language {
        name: "rust",
        kept: "target",
        tool: rust,
        make: build_rust,
        component: "target/wasm32-unknown-unknown/release/policy.wasm",
    },
    Language {
        name: "js",
        kept: "node_modules",
        tool: || Ok(toolchain::ensure_componentize_js()?.join("node_modules")),
        make: |folder, _| {
            shell::run(
                shell::program("npm")
                    .current_dir(folder)
                    .args(["run", "--silent", "build"]),
            )
        },
        component: COMPONENT,
    },
    Language {
        name: "python",
        kept: "venv",
        tool: toolchain::ensure_componentize_py,
        make: build_python,
        component: COMPONENT,
    },
];

/// Begins, builds and tests a policy in every language whose tools can be had, and compares how
/// they decide. What could not be done is said again at the end.
pub(crate) fn check() -> Outcome<Vec<String>> {
    let (folder, built, mut missing) = build(Profile::Dev)?;
    for (name, _) in &built {
        for command in ["check", "test"] {
            let mut ledgerctl = shell::built(Profile::Dev, "ledgerctl")?;
            shell::run(ledgerctl.args(["policy", command]).arg(folder.join(name)))?;
        }
    }
    if built.len() > 1 {
        alike(&folder)?;
    } else {
        missing.push("examples were NOT COMPARED: fewer than two could be built".to_owned());
    }
    Ok(missing)
}

/// The components of every language whose tools can be had, by name.
pub(crate) fn components(profile: Profile) -> Outcome<Vec<(&'static str, PathBuf)>> {
    build(profile).map(|(_, built, _)| built)
}

/// Where everything is, what was built, and what was not and why.
type Built = (PathBuf, Vec<(&'static str, PathBuf)>, Vec<String>);

fn build(profile: Profile) -> Outcome<Built> {
    let (package, name) = ("ledgerd-cli", "ledgerctl");
    shell::build(profile, &[Binary { package, name }])?;
    let folder = shell::target_folder()?.join(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let (mut built, mut missing) = (Vec::new(), Vec::new());
    for language in &LANGUAGES {
        match (language.tool)() {
            Ok(tool) => {
                let component = language.build(profile, &folder.join(language.name), &tool)?;
                built.push((language.name, component));
            }
            Err(error) => missing.push(not_built(language.name, &error.to_string())),
        }
    }
    Ok((folder, built, missing))
}

fn not_built(name: &str, why: &str) -> String {
    let note = format!("the example in `{name}` was NOT BUILT: {why}");
    eprintln!("    WARNING: {note}");
    note
}

impl Language {
    fn build(&self, profile: Profile, folder: &Path, tool: &Path) -> Outcome<PathBuf> {
        let mut ledgerctl = shell::built(profile, "ledgerctl")?;
        shell::run(
            ledgerctl
                .args(["policy", "new", "--lang", self.name])
                .arg(folder),
        )?;
        link(tool, &folder.join(self.kept))?;
        (self.make)(folder, tool)?;
        Ok(folder.join(self.component))
    }
}

/// Ten thousand requests, decided by all of them.
fn alike(folder: &Path) -> Outcome<()> {
    let mut nextest = shell::cargo();
    nextest.env(FOLDER_VARIABLE, folder);
    nextest.args(["nextest", "run", "--workspace"]);
    nextest.args([
        "--success-output",
        "immediate",
        "-E",
        &format!("test(={ALIKE})"),
    ]);
    shell::run(&mut nextest)
}

fn rust() -> Outcome<PathBuf> {
    toolchain::ensure_target(toolchain::WASM)?;
    // What it was built of stays, so that the second time is a matter of seconds.
    let kept = shell::target_folder()?.join("examples/rust");
    fs::create_dir_all(&kept)?;
    Ok(kept)
}

fn build_rust(folder: &Path, kept: &Path) -> Outcome<()> {
    let cargo = |words: &[&str]| {
        let mut command = shell::cargo();
        command.current_dir(folder).env("CARGO_TARGET_DIR", kept);
        shell::run(command.args(words))
    };
    cargo(&["fmt", "--check"])?;
    cargo(&["test", "--locked", "--quiet"])?;
    cargo(&[
        "build",
        "--locked",
        "--release",
        "--target",
        toolchain::WASM,
    ])
}

fn build_python(folder: &Path, tool: &Path) -> Outcome<()> {
    let mut componentize = shell::program(tool.join("bin/componentize-py"));
    componentize.current_dir(folder);
    componentize.args(["-d", "wit", "-w", "ledger-policy", "componentize", "policy"]);
    shell::run(componentize.args(["--stub-wasi", "-o", "policy.wasm"]))
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> Outcome<()> {
    Ok(std::os::unix::fs::symlink(to, at)?)
}

#[cfg(not(unix))]
fn link(_: &Path, at: &Path) -> Outcome<()> {
    Err(format!("`{}` cannot be a link here", at.display()).into())
}
