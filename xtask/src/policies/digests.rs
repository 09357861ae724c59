//! The list of components: what each is, and the compiler that makes it so.

use std::fmt::Write as _;
use std::path::Path;

use toml::{Table, Value};

use crate::outcome::Outcome;
use crate::shell;

/// Its name, beside the components.
pub(crate) const FILE: &str = "digests.toml";

/// SHA-256 of every component.
pub(crate) struct Digests {
    rustc: String,
    components: Vec<(String, String)>,
}

impl Digests {
    /// Of the components in a folder.
    pub(crate) fn of(rustc: &str, folder: &Path, names: &[&str]) -> Outcome<Self> {
        let components = names
            .iter()
            .map(|name| {
                let digest = sha256(&folder.join(format!("{name}.wasm")))?;
                Ok(((*name).to_owned(), digest))
            })
            .collect::<Outcome<_>>()?;
        Ok(Self {
            rustc: rustc.to_owned(),
            components,
        })
    }

    /// The compiler that a list names.
    pub(crate) fn rustc(list: &str) -> Outcome<String> {
        let table: Table = list.parse()?;
        let rustc = table.get("rustc").and_then(Value::as_str);
        Ok(rustc
            .ok_or("the list of digests names no `rustc`")?
            .to_owned())
    }

    /// The list as it is committed.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "# Made by `cargo xtask policies`: what each component is, and which compiler makes \
             it so.\nrustc = \"{}\"\n\n[sha256]\n",
            self.rustc
        );
        for (name, digest) in &self.components {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{name} = \"{digest}\"");
        }
        text
    }
}

/// SHA-256 of a file, by a program that tests need anyway.
fn sha256(path: &Path) -> Outcome<String> {
    let mut openssl = shell::program("openssl");
    let line = shell::read(openssl.args(["dgst", "-sha256", "-r"]).arg(path))?;
    let digest = line.split_whitespace().next().unwrap_or_default();
    if digest.len() != 64 {
        return Err(format!("`openssl dgst` says `{}`", line.trim()).into());
    }
    Ok(digest.to_owned())
}
