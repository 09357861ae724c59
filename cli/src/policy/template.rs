//! What a policy begins as: the example in its language, which is built and run with every change.

use crate::args::Language;

/// A file of a folder that is begun: where it goes, and what stands in it.
pub(crate) type File = (&'static str, &'static str);

macro_rules! file {
    ($to:literal, $from:literal) => {
        ($to, include_str!(concat!("../../../", $from)))
    };
}

macro_rules! sdk {
    ($name:literal) => {
        (
            concat!("sdk/src/", $name),
            include_str!(concat!("../../../plugins/sdk/src/", $name)),
        )
    };
}

/// Name of the policy in the examples.
const NAME: &str = "spending";

/// What every folder has: what the policy decides, and how it is configured.
const SHARED: &[File] = &[
    file!("cases.json", "examples/policies/cases.json"),
    file!("config.json", "examples/policies/config.json"),
];

/// The contract, where languages are built against it themselves.
const WIT: File = file!("wit/policy.wit", "wit/0.1.0/policy.wit");

const RUST: &[File] = &[
    file!(
        ".cargo/config.toml",
        "examples/policies/rust/.cargo/config.toml"
    ),
    file!(".gitignore", "examples/policies/rust/.gitignore"),
    file!("Cargo.lock", "examples/policies/rust/Cargo.lock"),
    file!("Cargo.toml", "examples/policies/rust/Cargo.toml"),
    file!("README.md", "examples/policies/rust/README.md"),
    file!("policy.toml", "examples/policies/rust/policy.toml"),
    file!("src/lib.rs", "examples/policies/rust/src/lib.rs"),
];

/// What policies in Rust are made with comes along, so that nothing but a registry is needed.
const SDK: &[File] = &[
    file!("sdk/wit/policy.wit", "wit/0.1.0/policy.wit"),
    file!("sdk/Cargo.toml", "plugins/sdk/Cargo.toml"),
    sdk!("bindings.rs"),
    sdk!("config.rs"),
    sdk!("config/tests.rs"),
    sdk!("denials.rs"),
    sdk!("denials/tests.rs"),
    sdk!("export.rs"),
    sdk!("export/tests.rs"),
    sdk!("json.rs"),
    sdk!("json/tests.rs"),
    sdk!("lib.rs"),
    sdk!("policy.rs"),
    sdk!("request.rs"),
    sdk!("request/tests.rs"),
    sdk!("rows.rs"),
    sdk!("rule.rs"),
    sdk!("sample.rs"),
];

const JS: &[File] = &[
    WIT,
    file!(".gitignore", "examples/policies/js/.gitignore"),
    file!("README.md", "examples/policies/js/README.md"),
    file!("build.mjs", "examples/policies/js/build.mjs"),
    file!(
        "package-lock.json",
        "examples/policies/js/package-lock.json"
    ),
    file!("package.json", "examples/policies/js/package.json"),
    file!("policy.js", "examples/policies/js/policy.js"),
    file!("policy.toml", "examples/policies/js/policy.toml"),
];

const PYTHON: &[File] = &[
    WIT,
    file!(".gitignore", "examples/policies/python/.gitignore"),
    file!("README.md", "examples/policies/python/README.md"),
    file!("policy.py", "examples/policies/python/policy.py"),
    file!("policy.toml", "examples/policies/python/policy.toml"),
    file!(
        "requirements.txt",
        "examples/policies/python/requirements.txt"
    ),
];

/// Where the example looks for what a folder of its own has inside.
const MOVED: &[(&str, &str)] = &[("../../../plugins/sdk", "sdk"), ("../", "")];

/// The files of a policy called `name`.
pub(crate) fn files(language: Language, name: &str) -> Vec<(&'static str, String)> {
    let (own, kit): (_, &[File]) = match language {
        Language::Rust => (RUST, SDK),
        Language::Js => (JS, &[]),
        Language::Python => (PYTHON, &[]),
    };
    SHARED
        .iter()
        .chain(own)
        .chain(kit)
        .map(|(path, text)| (*path, adapt(path, text, name)))
        .collect()
}

fn adapt(path: &str, text: &str, name: &str) -> String {
    let mut text = text.to_owned();
    if path.ends_with(".toml") {
        for (from, to) in MOVED {
            text = text.replace(from, to);
        }
    }
    for quote in ['"', '\''] {
        let quoted = |name| format!("{quote}{name}{quote}");
        text = text.replace(&quoted(NAME), &quoted(name));
    }
    text
}

#[cfg(test)]
mod tests;
