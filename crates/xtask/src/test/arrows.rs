//! The walls of the house: which crate may be built on which.

use crate::metadata::Metadata;

/// Each crate and all that it may be built on, as ARCHITECTURE.md draws it.
const ARROWS: [(&str, &[&str]); 14] = [
    ("sorted", &[]),
    ("wire", &["sorted"]),
    ("kernel", &["sorted", "wire"]),
    ("userland", &["sorted", "wire", "kernel"]),
    ("engine", &["sorted", "wire", "kernel"]),
    ("compose", &["sorted", "engine"]),
    ("cli", &["sorted", "wire", "kernel", "engine", "compose"]),
    (
        "lab",
        &[
            "sorted", "wire", "kernel", "userland", "engine", "compose", "cli",
        ],
    ),
    ("drydock", &["lab"]),
    ("web", &["sorted", "lab"]),
    ("replay", &["kernel", "lab", "drydock"]),
    ("differential", &[]),
    (
        "fuzz",
        &["sorted", "wire", "kernel", "compose", "lab", "drydock"],
    ),
    ("xtask", &[]),
];

/// Names every arrow in a Cargo.toml that is not drawn; those that only tests follow are free.
pub(super) fn faults(metadata: &Metadata) -> Vec<String> {
    let mut faults = Vec::new();
    for package in metadata.own() {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            faults.push(format!(
                "{} is not in the list of arrows in xtask/src/test/arrows.rs",
                package.name
            ));
            continue;
        };
        let strays = package
            .built_on
            .iter()
            .filter(|used| !allowed.contains(&used.as_str()));
        faults.extend(strays.map(|used| format!("{} may not be built on {used}", package.name)));
    }
    faults
}
