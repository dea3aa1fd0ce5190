//! What cargo knows of the packages: a thin reading of `cargo metadata`.

use serde_json::Value;

use crate::process;
use crate::project::Project;
use crate::report::{Context as _, Failure, Result};

/// One package, of the workspace or from outside.
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    /// Where it comes from; `None` for packages of the workspace.
    pub(crate) source: Option<String>,
    /// True for a macro that runs in the compiler and is no part of the program.
    pub(crate) is_macro: bool,
    /// The names of the packages of the workspace that it is built on, development ones left out.
    pub(crate) built_on: Vec<String>,
    /// The names of its benchmarks.
    pub(crate) benches: Vec<String>,
    /// The path of its Cargo.toml.
    pub(crate) manifest: String,
}

/// All packages, and who uses whom.
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    /// Ids of a package and of one that it links (not of one that only builds or tests it).
    pub(crate) links: Vec<(String, String)>,
}

impl Metadata {
    /// Asks cargo; the lock file has to be up to date.
    pub(crate) fn read(project: &Project) -> Result<Self> {
        let mut command =
            process::cargo(project, &["metadata", "--format-version", "1", "--locked"]);
        let text = process::output(&mut command)?;
        let json: Value = serde_json::from_str(&text).context(|| "read cargo's metadata")?;
        let packages = list(&json, "/packages")
            .iter()
            .map(package)
            .collect::<Option<Vec<_>>>();
        let packages = packages
            .ok_or_else(|| Failure::new("cargo's metadata has a package without a name"))?;
        let links = list(&json, "/resolve/nodes")
            .iter()
            .flat_map(links)
            .collect();
        Ok(Self { packages, links })
    }

    /// The packages of the workspace.
    pub(crate) fn own(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| package.source.is_none())
    }
}

fn package(json: &Value) -> Option<Package> {
    let targets = list(json, "/targets");
    let of_kind = |kind: &str| {
        let named = targets
            .iter()
            .filter(|target| list(target, "/kind").iter().any(|k| k == kind));
        named
            .filter_map(|target| text(target, "/name"))
            .collect::<Vec<_>>()
    };
    let built_on = list(json, "/dependencies")
        .iter()
        .filter(|dependency| dependency.pointer("/path").is_some_and(Value::is_string))
        .filter(|dependency| text(dependency, "/kind").as_deref() != Some("dev"))
        .filter_map(|dependency| text(dependency, "/name"))
        .collect();
    Some(Package {
        id: text(json, "/id")?,
        name: text(json, "/name")?,
        version: text(json, "/version")?,
        licence: text(json, "/license"),
        source: text(json, "/source"),
        is_macro: !of_kind("proc-macro").is_empty(),
        built_on,
        benches: of_kind("bench"),
        manifest: text(json, "/manifest_path")?,
    })
}

fn links(node: &Value) -> Vec<(String, String)> {
    let Some(user) = text(node, "/id") else {
        return Vec::new();
    };
    let is_linked = |dependency: &&Value| {
        list(dependency, "/dep_kinds")
            .iter()
            .any(|kind| kind["kind"].is_null())
    };
    let linked = list(node, "/deps")
        .iter()
        .filter(is_linked)
        .filter_map(|dependency| text(dependency, "/pkg"));
    linked.map(|used| (user.clone(), used)).collect()
}

fn list<'a>(json: &'a Value, pointer: &str) -> &'a [Value] {
    json.pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text(json: &Value, pointer: &str) -> Option<String> {
    json.pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
}
