//! What is done about one volume of the project. Source: docker/compose v2.40.3, pkg/compose/create.go.

use sorted::SortedMap;

use super::labels;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeStep {
    /// Make it.
    Create,
    /// It is there.
    Use,
    /// It is there, made from another definition.
    Diverged,
}

/// Decides about the volume `name` of the project; `found` are the labels of the one of that name.
/// A warning comes beside the decision.
pub fn volume_step(
    project: &str,
    name: &str,
    config_hash: &str,
    found: Option<&SortedMap<String, String>>,
) -> (Option<String>, VolumeStep) {
    let Some(found) = found else {
        return (None, VolumeStep::Create);
    };
    let hint = "Use `external: true` to use an existing volume";
    let warning = match found.get(labels::PROJECT) {
        None => Some(format!(
            "volume \"{name}\" already exists but was not created by Docker Compose. {hint}"
        )),
        Some(owner) if owner != project => Some(format!(
            "volume \"{name}\" already exists but was created for project \"{owner}\" (expected \"{project}\"). {hint}"
        )),
        Some(_) => None,
    };
    let step = match found.get(labels::CONFIG_HASH) {
        Some(hash) if hash != config_hash => VolumeStep::Diverged,
        _ => VolumeStep::Use,
    };
    (warning, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(found: &[(&str, &str)]) -> (Option<String>, VolumeStep) {
        let pairs = found
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        volume_step("shop", "shop_data", "new", Some(&pairs.collect()))
    }

    #[test]
    fn what_is_there_is_used_and_strangers_are_told_of() {
        assert_eq!(
            volume_step("shop", "shop_data", "new", None),
            (None, VolumeStep::Create)
        );
        let own = (labels::PROJECT, "shop");
        assert_eq!(step(&[own]), (None, VolumeStep::Use));
        let old = (labels::CONFIG_HASH, "old");
        assert_eq!(step(&[own, old]), (None, VolumeStep::Diverged));
        let (warning, step_) = step(&[]);
        assert!(warning.is_some_and(|w| w.contains("was not created by Docker Compose")));
        assert_eq!(step_, VolumeStep::Use);
        let (warning, _) = step(&[(labels::PROJECT, "other")]);
        assert!(warning.is_some_and(|w| w.contains("project \"other\" (expected \"shop\")")));
    }
}
