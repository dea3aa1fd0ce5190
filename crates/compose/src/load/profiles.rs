//! Which services are on. Source: compose-go 2.9.1, types/project.go.

use sorted::SortedMap;

use crate::model::{Project, Service};

/// Returns the profiles that are on: the flags', or else those of `COMPOSE_PROFILES`.
pub(super) fn wanted(flags: &[String], environment: &SortedMap<String, String>) -> Vec<String> {
    if !flags.is_empty() {
        return flags.to_vec();
    }
    let named = environment
        .get("COMPOSE_PROFILES")
        .map_or("", String::as_str);
    // Where none is named, the profile without a name is on.
    let names = named.split(',').map(str::trim);
    names.map(str::to_owned).collect()
}

/// Turns off services of other profiles.
pub(super) fn apply(project: &mut Project) {
    let profiles = std::mem::take(&mut project.profiles);
    let all = profiles.iter().any(|profile| profile == "*");
    let is_on = |service: &Service| {
        all || service.profiles.is_empty()
            || service
                .profiles
                .iter()
                .any(|profile| profiles.contains(profile))
    };
    let services = std::mem::take(&mut project.services);
    for (name, service) in services {
        match is_on(&service) {
            true => project.services.insert(name, service),
            false => project.disabled_services.insert(name, service),
        };
    }
    project.profiles = profiles;
}
