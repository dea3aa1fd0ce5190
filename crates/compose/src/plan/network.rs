//! What is done about one network of the project.

use super::labels;
use sorted::SortedMap;

/// A network of the wanted name, as it was seen.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// Its labels.
    pub labels: SortedMap<String, String>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkStep {
    /// Make it.
    Create,
    /// It is there, under this id.
    Use(String),
    /// Its definition has changed: remove it, then make it.
    Replace(String),
    /// It is another's. Holds Compose's sentence.
    Refuse(String),
}

/// Decides about the network `name` of the project, whose key in the file is `key`. Warnings come beside the decision.
pub fn network_step(
    project: &str,
    key: &str,
    name: &str,
    config_hash: &str,
    found: Option<&Found>,
) -> (Vec<String>, NetworkStep) {
    let Some(found) = found else {
        return (Vec::new(), NetworkStep::Create);
    };
    let label = |label: &str| found.labels.get(label).map(String::as_str);
    let mut warnings = Vec::new();
    let hint = "Set `external: true` to use an existing network";
    match label(labels::PROJECT) {
        None => warnings.push(format!(
            "a network with name {name} exists but was not created by compose.\n{hint}"
        )),
        Some(owner) if owner != project => warnings.push(format!(
            "a network with name {name} exists but was not created for project \"{project}\".\n{hint}"
        )),
        Some(_) => {}
    }
    let has = label(labels::NETWORK).unwrap_or_default();
    if has != key {
        let text = format!(
            "network {name} was found but has incorrect label {} set to \"{has}\" (expected: \"{key}\")",
            labels::NETWORK
        );
        return (warnings, NetworkStep::Refuse(text));
    }
    let id = found.id.clone();
    let step = match label(labels::CONFIG_HASH).unwrap_or_default() {
        hash if hash.is_empty() || hash == config_hash => NetworkStep::Use(id),
        _ => NetworkStep::Replace(id),
    };
    (warnings, step)
}
