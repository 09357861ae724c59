//! `cargo xtask fuzz`: hostile bytes for every decoder.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::args::Args;
use crate::outcome::Outcome;
use crate::step::Steps;
use crate::{shell, toolchain};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
usage: cargo xtask fuzz [--minutes M] [--target NAME]... [-- LIBFUZZER ARGS]

Builds and runs every target of `fuzz/`, one after the other: those that decode frames, segments or
identities for M minutes, others for a fifth of it. Installs cargo-fuzz where it is missing. What is
found on the way is kept in `fuzz/corpus/`, what breaks a decoder in `fuzz/artifacts/`; seeds are
read from `fuzz/seeds/`.

options:
  --minutes M    how long, fractions allowed (10)
  --target NAME  only this target; may be repeated
";

/// Decoders that anybody's bytes reach, or that decide what is recovered.
const EXPOSED: [&str; 3] = ["frame", "segment", "identity"];

/// An input of a few kilobytes that takes longer than this is a finding.
const SECONDS_PER_INPUT: u32 = 10;

/// Runs the command.
pub(crate) fn run(mut args: Args) -> Outcome<()> {
    let minutes: f64 = args.value("--minutes")?.unwrap_or(10.0);
    if !(minutes > 0.0 && minutes.is_finite()) {
        return Err(format!("`--minutes` cannot be `{minutes}`").into());
    }
    let wanted: BTreeSet<String> = args.values("--target")?.into_iter().collect();
    let more = args.take_rest();
    args.finish()?;

    let folder = shell::root().join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))
        .map_err(|error| format!("cannot read `fuzz/Cargo.toml`: {error}"))?;
    let targets = chosen(targets(&manifest)?, wanted)?;

    let mut steps = Steps::default();
    steps.run("tools", Duration::from_secs(10), || {
        toolchain::ensure_cargo_tool("cargo-fuzz", "fuzz")
    })?;
    for target in &targets {
        let build = || shell::run(cargo_fuzz(&folder, "build").arg(target));
        steps.run(&format!("build {target}"), Duration::from_secs(300), build)?;
    }
    for target in &targets {
        let time = share(target, minutes);
        // libFuzzer looks at the clock between inputs, and merges its corpus first.
        let budget = time + Duration::from_secs(30);
        steps.run(&format!("fuzz {target}"), budget, || {
            fuzz(&folder, target, time, &more)
        })?;
    }
    steps.summary();
    Ok(())
}

/// The binaries of the manifest, in its order.
fn targets(manifest: &str) -> Outcome<Vec<String>> {
    let manifest: toml::Table = manifest.parse()?;
    let bins = manifest.get("bin").and_then(toml::Value::as_array);
    let names: Vec<String> = bins
        .into_iter()
        .flatten()
        .filter_map(|bin| bin.get("name")?.as_str().map(str::to_owned))
        .collect();
    if names.is_empty() {
        Err("`fuzz/Cargo.toml` has no target".into())
    } else {
        Ok(names)
    }
}

fn chosen(targets: Vec<String>, wanted: BTreeSet<String>) -> Outcome<Vec<String>> {
    if let Some(name) = wanted.iter().find(|name| !targets.contains(name)) {
        return Err(format!("no target `{name}`, there are: {}", targets.join(", ")).into());
    }
    Ok(targets
        .into_iter()
        .filter(|name| wanted.is_empty() || wanted.contains(name))
        .collect())
}

fn share(target: &str, minutes: f64) -> Duration {
    let exposed = EXPOSED.iter().any(|word| target.contains(word));
    let seconds = minutes * 60.0 / if exposed { 1.0 } else { 5.0 };
    Duration::from_secs_f64(seconds.ceil())
}

fn fuzz(folder: &Path, target: &str, time: Duration, more: &[String]) -> Outcome<()> {
    let corpus = folder.join("corpus").join(target);
    let seeds = folder.join("seeds").join(target);
    fs::create_dir_all(&corpus)?;
    let mut command = cargo_fuzz(folder, "run");
    // libFuzzer writes to the first folder and only reads the others.
    command.arg(target).arg(&corpus);
    if seeds.is_dir() {
        command.arg(&seeds);
    }
    command
        .arg("--")
        .arg(format!("-max_total_time={}", time.as_secs()));
    command.args([
        format!("-timeout={SECONDS_PER_INPUT}"),
        "-print_final_stats=1".to_owned(),
    ]);
    shell::run(command.args(more))
}

/// `RUSTC_BOOTSTRAP` lets the stable compiler take the flags of the sanitizers.
fn cargo_fuzz(folder: &Path, command: &str) -> Command {
    let mut cargo = shell::cargo();
    cargo
        .args(["fuzz", command, "--fuzz-dir"])
        .arg(folder)
        .env("RUSTC_BOOTSTRAP", "1");
    cargo
}

#[cfg(test)]
mod tests;
