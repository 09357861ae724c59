//! The crates of the workspace and the tree below them, as the rules need them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::outcome::Outcome;
use crate::shell;

/// What cargo tells, cut down.
#[derive(Default)]
pub(crate) struct Workspace {
    pub(crate) crates: Vec<Crate>,
    /// Every crate that is compiled on this platform, foreign ones and those of the policies
    /// included.
    pub(crate) tree: Vec<Dependency>,
    /// The versions that crates of the workspace use directly, by name.
    pub(crate) direct: BTreeMap<String, BTreeSet<String>>,
    /// The features that a plain build turns on, by crate.
    pub(crate) features: BTreeMap<String, BTreeSet<String>>,
    /// The profiles of the workspace.
    pub(crate) profiles: toml::Table,
}

/// A crate of the workspace.
#[derive(Default)]
pub(crate) struct Crate {
    pub(crate) package: String,
    /// Where it stands, from the root: `plugins/host`.
    pub(crate) folder: String,
    pub(crate) library: Option<String>,
    pub(crate) manifest: toml::Table,
    /// Folders of the crates of the workspace that it names, tests included: a test that reaches
    /// across the layers ties them together as well.
    pub(crate) uses: BTreeSet<String>,
    /// Foreign crates that it names outside tests.
    pub(crate) foreign: BTreeSet<String>,
}

/// A crate of the tree.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
}

/// Workspaces of their own whose crates are shipped too: what policies are made of.
const SHIPPED: [&str; 2] = ["plugins/sdk", "plugins/policies"];

impl Workspace {
    /// Asks cargo. The tree comes from `cargo tree`, which knows what is compiled: the graph of
    /// `cargo metadata` also holds what a weak feature names and nobody turns on.
    pub(crate) fn load(root: &Path) -> Outcome<Self> {
        let metadata = MetadataCommand::new().current_dir(root).no_deps().exec()?;
        let folders = folders(&metadata);
        let crates = metadata
            .workspace_packages()
            .into_iter()
            .map(|package| Crate::new(package, &folders))
            .collect::<Outcome<_>>()?;
        let mut direct: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for used in dependencies(&cargo_tree(root, ALL, &["--depth", "1"])?) {
            direct.entry(used.name).or_default().insert(used.version);
        }
        let mut tree = cargo_tree(root, ALL, &[])?;
        for folder in SHIPPED {
            tree.push_str(&cargo_tree(&root.join(folder), ALL, &[])?);
        }
        Ok(Self {
            crates,
            tree: dependencies(&tree),
            direct,
            features: features(&cargo_tree(root, BUILT, &[])?),
            profiles: profiles(&fs::read_to_string(root.join("Cargo.toml"))?)?,
        })
    }
}

impl Crate {
    fn new(package: &Package, folders: &BTreeMap<String, String>) -> Outcome<Self> {
        let name = package.name.to_string();
        let library = package.targets.iter().find(|target| target.is_lib());
        let manifest = fs::read_to_string(&package.manifest_path)?.parse()?;
        let (ours, others): (Vec<_>, Vec<_>) = package
            .dependencies
            .iter()
            .partition(|dependency| dependency.path.is_some());
        Ok(Self {
            folder: folders.get(&name).cloned().unwrap_or_default(),
            package: name,
            library: library.map(|target| target.name.clone()),
            manifest,
            uses: ours
                .iter()
                .filter_map(|dependency| folders.get(&dependency.name).cloned())
                .collect(),
            foreign: others
                .iter()
                .filter(|dependency| dependency.kind != DependencyKind::Development)
                .map(|dependency| dependency.name.clone())
                .collect(),
        })
    }
}

/// Package name to folder.
fn folders(metadata: &Metadata) -> BTreeMap<String, String> {
    metadata
        .workspace_packages()
        .into_iter()
        .filter_map(|package| {
            let folder = package.manifest_path.parent()?;
            let folder = folder.strip_prefix(&metadata.workspace_root).ok()?;
            Some((package.name.to_string(), folder.to_string()))
        })
        .collect()
}

/// Tests included.
const ALL: &str = "normal,build,dev";
/// What a plain build compiles.
const BUILT: &str = "normal,build";

/// One line for each crate: `name vVERSION (what it is)`, a tab, its licence, a tab, its features.
fn cargo_tree(root: &Path, edges: &str, more: &[&str]) -> Outcome<String> {
    let mut command = shell::cargo();
    command
        .current_dir(root)
        .args(["tree", "--workspace", "--edges", edges]);
    command
        .args(["--prefix", "none", "--format", "{p}\t{l}\t{f}"])
        .args(more);
    shell::read(&mut command)
}

/// The features in such a list. A crate that is built for two platforms may stand there twice.
pub(crate) fn features(list: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in list.lines() {
        let mut columns = line.split('\t');
        let package = columns.next().and_then(|package| package.split(' ').next());
        let (Some(name), Some(features)) = (package, columns.nth(1)) else {
            continue;
        };
        let features = features.trim_end_matches(" (*)").split(',');
        let names = features.filter(|name| !name.is_empty()).map(str::to_owned);
        found.entry(name.to_owned()).or_default().extend(names);
    }
    found
}

/// The profiles of a manifest.
fn profiles(manifest: &str) -> Outcome<toml::Table> {
    let mut manifest: toml::Table = manifest.parse()?;
    match manifest.remove("profile") {
        Some(toml::Value::Table(profiles)) => Ok(profiles),
        _ => Ok(toml::Table::new()),
    }
}

/// The crates of such a list, each once. Lines without a tab part the members of the workspace.
pub(crate) fn dependencies(list: &str) -> Vec<Dependency> {
    let found: BTreeSet<Dependency> = list
        .lines()
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let (package, licence) = (columns.next()?, columns.next()?);
            let mut words = package.split(' ');
            let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
            Some(Dependency {
                name: name.to_owned(),
                version: version.to_owned(),
                licence: (!licence.is_empty()).then(|| licence.to_owned()),
            })
        })
        .collect();
    found.into_iter().collect()
}
