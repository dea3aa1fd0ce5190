//! The dependency policy of `deny.toml`: licences, sources, crates that are not wanted, and crates shipped twice.
//!
//! The file is written in cargo-deny's own language, of which this reads the part that needs no network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use toml::{Table, Value};

use super::judge;
use super::licence;
use crate::metadata::{Metadata, Package};
use crate::project::Project;
use crate::report::{Context as _, Result, Tally};

/// The programs that people run; what they link must not be there twice.
const SHIPPED: [&str; 2] = ["web", "drydock"];

/// Checks every package that the lock file names.
pub(super) fn run(project: &Project) -> Result<Tally> {
    let file = project.root().join("deny.toml");
    let text = fs::read_to_string(&file).context(|| format!("read {}", file.display()))?;
    let policy: Table = text.parse().context(|| "read deny.toml")?;
    let metadata = Metadata::read(project)?;
    let mut tally = Tally::default();
    for (check, faults) in [
        ("licences", licences(&policy, &metadata)),
        ("sources", sources(&metadata)),
        ("unwanted", unwanted(&policy, &metadata)),
        ("duplicates", duplicates(&policy, &metadata)),
    ] {
        tally.add(judge(check, &faults));
    }
    Ok(tally)
}

fn licences(policy: &Table, metadata: &Metadata) -> Vec<String> {
    let allowed: Vec<String> = strings(policy, "licenses", "allow", None).collect();
    let fault = |package: &Package| match &package.licence {
        Some(expression) if licence::satisfied(expression, &allowed) => None,
        Some(expression) => Some(format!(
            "{}: {expression} is not allowed by deny.toml",
            full_name(package)
        )),
        None => Some(format!("{} names no licence", full_name(package))),
    };
    metadata.packages.iter().filter_map(fault).collect()
}

fn sources(metadata: &Metadata) -> Vec<String> {
    let foreign = |package: &&Package| {
        package
            .source
            .as_ref()
            .is_some_and(|source| !source.ends_with("/crates.io-index"))
    };
    let faults = metadata.packages.iter().filter(foreign);
    faults
        .map(|package| format!("{} does not come from crates.io", full_name(package)))
        .collect()
}

fn unwanted(policy: &Table, metadata: &Metadata) -> Vec<String> {
    let denied: BTreeSet<String> = strings(policy, "bans", "deny", Some("crate")).collect();
    // What only tests use (proptest draws from rand) is not shipped.
    let linked = linked_into(metadata, &SHIPPED);
    let faults = metadata
        .packages
        .iter()
        .filter(|package| denied.contains(&package.name) && linked.contains(package.id.as_str()));
    faults
        .map(|package| format!("{} is banned by deny.toml", full_name(package)))
        .collect()
}

fn duplicates(policy: &Table, metadata: &Metadata) -> Vec<String> {
    let skipped: BTreeSet<String> = strings(policy, "bans", "skip", Some("crate")).collect();
    let linked = linked_into(metadata, &SHIPPED);
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in metadata
        .packages
        .iter()
        .filter(|package| linked.contains(package.id.as_str()))
    {
        let name = format!("{}@{}", package.name, package.version);
        if !skipped.contains(&name) {
            versions
                .entry(&package.name)
                .or_default()
                .insert(&package.version);
        }
    }
    let twice = versions.iter().filter(|(_, versions)| versions.len() > 1);
    twice
        .map(|(name, versions)| {
            let versions: Vec<&str> = versions.iter().copied().collect();
            format!("{name} is shipped in versions {}", versions.join(" and "))
        })
        .collect()
}

/// Ids of everything that the named programs link, macros and what only macros use left out.
fn linked_into<'a>(metadata: &'a Metadata, programs: &[&str]) -> BTreeSet<&'a str> {
    let macros: BTreeSet<&str> = metadata
        .packages
        .iter()
        .filter(|package| package.is_macro)
        .map(|package| package.id.as_str())
        .collect();
    let own = metadata
        .own()
        .filter(|package| programs.contains(&package.name.as_str()));
    let mut open: Vec<&str> = own.map(|package| package.id.as_str()).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !macros.contains(id) && found.insert(id) {
            open.extend(
                metadata
                    .links
                    .iter()
                    .filter(|(user, _)| user == id)
                    .map(|(_, used)| used.as_str()),
            );
        }
    }
    found
}

/// The strings of a list in the policy, or the strings under `key` of the tables in that list.
fn strings<'a>(
    policy: &'a Table,
    section: &str,
    list: &str,
    key: Option<&'a str>,
) -> impl Iterator<Item = String> + use<'a> {
    let values = policy
        .get(section)
        .and_then(|section| section.get(list))
        .and_then(Value::as_array);
    values.into_iter().flatten().filter_map(move |value| {
        let value = key.map_or(Some(value), |key| value.get(key))?;
        value.as_str().map(str::to_owned)
    })
}

fn full_name(package: &Package) -> String {
    format!("{} {}", package.name, package.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, licence: &str) -> Package {
        Package {
            id: format!("{name}@{version}"),
            name: name.to_owned(),
            version: version.to_owned(),
            licence: Some(licence.to_owned()),
            source: (name != "web").then(|| "registry+https://example/crates.io-index".to_owned()),
            is_macro: name.ends_with("-macro"),
            built_on: Vec::new(),
            benches: Vec::new(),
            manifest: String::new(),
        }
    }

    fn house() -> Metadata {
        let packages = vec![
            package("web", "0.1.0", "MIT"),
            package("a", "1.0.0", "MIT"),
            package("a", "2.0.0", "GPL-3.0"),
            package("b-macro", "1.0.0", "MIT"),
            package("c", "1.0.0", "MIT"),
            package("c", "2.0.0", "MIT"),
        ];
        let link = |user: &str, used: &str| (user.to_owned(), used.to_owned());
        let links = vec![
            link("web@0.1.0", "a@1.0.0"),
            link("a@1.0.0", "a@2.0.0"),
            link("web@0.1.0", "b-macro@1.0.0"),
            link("web@0.1.0", "c@1.0.0"),
            link("b-macro@1.0.0", "c@2.0.0"),
        ];
        Metadata { packages, links }
    }

    #[test]
    fn a_licence_that_is_not_allowed_is_a_fault() {
        let policy: Table = "licenses.allow = ['MIT']".parse().unwrap();
        assert_eq!(
            licences(&policy, &house()),
            ["a 2.0.0: GPL-3.0 is not allowed by deny.toml"]
        );
    }

    #[test]
    fn crates_shipped_twice_are_faults_and_those_of_macros_are_not() {
        assert_eq!(
            duplicates(&Table::new(), &house()),
            ["a is shipped in versions 1.0.0 and 2.0.0"]
        );
        let policy: Table = "bans.skip = [{ crate = 'a@1.0.0', reason = 'r' }]"
            .parse()
            .unwrap();
        assert!(duplicates(&policy, &house()).is_empty());
    }

    #[test]
    fn banned_crates_and_other_sources_are_faults() {
        let mut metadata = house();
        let policy: Table = "bans.deny = [{ crate = 'c', reason = 'r' }]"
            .parse()
            .unwrap();
        assert_eq!(unwanted(&policy, &metadata).len(), 1);
        metadata.packages[1].source = Some("git+https://example/a".to_owned());
        assert_eq!(sources(&metadata), ["a 1.0.0 does not come from crates.io"]);
    }
}
