//! What must be on the machine before tests can run, and how it gets there.

mod apt;
mod node;
mod pinned;
mod python;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use crate::outcome::Outcome;
use crate::shell;

use apt::Package;
use pinned::Pinned;

/// The platform of a browser: what auditors verify with has to build for it.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Programs of the operating system. Tests hand signatures to `openssl`, keep keys in SoftHSM2, and
/// run verifiers of others and a double of KMS in Node and Python.
const PACKAGES: [Package; 5] = [
    Package {
        name: "openssl",
        probe: &["openssl", "version"],
    },
    Package {
        name: "softhsm2",
        probe: &["softhsm2-util", "--version"],
    },
    Package {
        name: "python3-venv",
        probe: &["python3", "-c", "import ensurepip, venv"],
    },
    Package {
        name: "nodejs",
        probe: &["node", "--version"],
    },
    Package {
        name: "npm",
        probe: &["npm", "--version"],
    },
];

/// What is installed below `tools` of the target folder, and nowhere else.
const PINNED: [Pinned; 3] = [
    Pinned {
        folder: "ministack",
        spec: &["scripts/tools/ministack.txt"],
        installer: python::INSTALLER,
    },
    Pinned {
        folder: "python",
        spec: &["scripts/tools/python.txt"],
        installer: python::INSTALLER,
    },
    Pinned {
        folder: "npm",
        spec: &[
            "scripts/tools/npm/package.json",
            "scripts/tools/npm/package-lock.json",
        ],
        installer: node::INSTALLER,
    },
];

/// What authors of policies install in their own folders. It is large, and needed by one step,
/// which can do without it.
const COMPONENTIZE_JS: Pinned = Pinned {
    folder: "componentize-js",
    spec: &[
        "examples/policies/js/package.json",
        "examples/policies/js/package-lock.json",
    ],
    installer: node::INSTALLER,
};
const COMPONENTIZE_PY: Pinned = Pinned {
    folder: "componentize-py",
    spec: &["examples/policies/python/requirements.txt"],
    installer: python::INSTALLER,
};

/// The standard library for one more platform is some 30 MB.
const RUSTUP_LIMIT: Duration = Duration::from_secs(300);

/// A version: major and minor, which is all that anything here asks for.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
}

/// Installs whatever is missing. On a machine that has everything it only looks.
pub(crate) fn ensure() -> Outcome<()> {
    check_compiler(&rustc_version()?)?;
    ensure_component("rustfmt", "fmt")?;
    ensure_component("clippy", "clippy")?;
    ensure_cargo_tool("cargo-nextest", "nextest")?;
    ensure_target(WASM)?;
    apt::ensure(&PACKAGES)?;
    python::check()?;
    node::check()?;
    let tools = shell::target_folder()?.join("tools");
    fs::create_dir_all(&tools)?;
    // Each waits for its registry and then unpacks: side by side they take half the time.
    thread::scope(|scope| {
        let running = PINNED.each_ref().map(|each| {
            let tools = &tools;
            scope.spawn(move || each.ensure(tools))
        });
        let ended = running.map(ScopedJoinHandle::join);
        ended.into_iter().try_for_each(|outcome| {
            outcome.unwrap_or_else(|_| Err("an installation panicked".into()))
        })
    })
}

/// What makes components of JavaScript, and where it is.
pub(crate) fn ensure_componentize_js() -> Outcome<PathBuf> {
    node::check()?;
    COMPONENTIZE_JS.ensure_below_target()
}

/// What makes components of Python, and where it is.
pub(crate) fn ensure_componentize_py() -> Outcome<PathBuf> {
    python::check()?;
    COMPONENTIZE_PY.ensure_below_target()
}

/// Refuses a compiler that is older than the workspace asks for, and says what to do.
fn check_compiler(version: &str) -> Outcome<()> {
    let needed = env!("CARGO_PKG_RUST_VERSION");
    // `rustc 1.95.0 (…)`
    let found = version.split(' ').nth(1).unwrap_or(version);
    if Version::is_at_least(found, needed) {
        return Ok(());
    }
    Err(format!(
        "rustc `{found}` is too old: this workspace needs {needed} or newer, \
         which `rustup update stable` brings"
    )
    .into())
}

impl Version {
    /// Whether `found` is a version, and as new as `needed`.
    fn is_at_least(found: &str, needed: &str) -> bool {
        match (Self::parse(found), Self::parse(needed)) {
            (Some(found), Some(needed)) => found >= needed,
            _ => false,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next()?.parse().ok()?;
        Some(Self { major, minor })
    }
}

/// A component of the toolchain, known by the cargo command that it brings.
fn ensure_component(component: &str, command: &str) -> Outcome<()> {
    if shell::succeeds(shell::cargo().args([command, "--version"])) {
        return Ok(());
    }
    eprintln!("    {component} is missing, adding it");
    shell::run(shell::program("rustup").args(["component", "add", component])).map_err(|error| {
        format!("{component} is missing and could not be added to the toolchain: {error}").into()
    })
}

/// The standard library for another platform.
pub(crate) fn ensure_target(target: &str) -> Outcome<()> {
    if has_target(target) {
        return Ok(());
    }
    eprintln!("    the target {target} is missing, adding it");
    let mut rustup = shell::program("rustup");
    shell::run_within(RUSTUP_LIMIT, rustup.args(["target", "add", target])).map_err(|error| {
        format!(
            "the target `{target}` is missing and could not be added to the toolchain: {error}; \
             add it as this toolchain's owner does, and run `cargo xtask test --only tools` again"
        )
        .into()
    })
}

/// Whether the compiler has a standard library for a platform.
fn has_target(target: &str) -> bool {
    let mut rustc = shell::program(rustc());
    let words = ["--print", "target-libdir", "--target", target];
    shell::read(rustc.args(words)).is_ok_and(|folder| {
        fs::read_dir(folder.trim()).is_ok_and(|mut files| files.next().is_some())
    })
}

/// What the compiler says it is: `rustc 1.95.0 (59807616e 2026-04-14)`.
pub(crate) fn rustc_version() -> Outcome<String> {
    let version = shell::read(shell::program(rustc()).arg("--version"))?;
    Ok(version.trim().to_owned())
}

/// The commit that the compiler was made from, which names its sources in what it compiles.
pub(crate) fn rustc_commit() -> Outcome<String> {
    let lines = shell::read(shell::program(rustc()).args(["--version", "--verbose"]))?;
    let commit = lines
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "));
    Ok(commit
        .ok_or("the compiler does not say its commit")?
        .to_owned())
}

/// Where the sources of the standard library are, if they are installed.
pub(crate) fn library_sources() -> Outcome<PathBuf> {
    let sysroot = shell::read(shell::program(rustc()).args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib/src/rust"))
}

/// The compiler, the same one that cargo takes.
fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// A cargo command from the registry, installed only where it is absent.
pub(crate) fn ensure_cargo_tool(package: &str, command: &str) -> Outcome<()> {
    if shell::succeeds(shell::cargo().args([command, "--version"])) {
        return Ok(());
    }
    eprintln!("    {package} is missing, installing it");
    shell::run(shell::cargo().args(["install", package, "--locked"]))
}

#[cfg(test)]
mod tests;
