//! Narrowing a project down to the services that a command names.

use sorted::SortedSet;

use crate::model::{Project, drop_unused};

/// Which services come along with those that are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only they.
    Alone,
    /// Those that they depend on too.
    Dependencies,
    /// Those that depend on them too.
    Dependents,
}

/// Keeps the named services and those within `reach`, and the networks, volumes and the like that these use; the others are off.
/// With no names all stay.
/// A service that is named is on even if none of its profiles is, and so are the others of its profiles. Errors: Compose's sentence about an unknown name.
pub fn select(project: &mut Project, names: &[String], reach: Reach) -> Result<(), String> {
    if names.is_empty() {
        return Ok(());
    }
    switch_on(project, names);
    let mut chosen = SortedSet::new();
    // Whether it has to be there goes with each.
    let mut left: Vec<(String, bool)> = names.iter().map(|name| (name.clone(), true)).collect();
    while let Some((name, required)) = left.pop() {
        let Some(service) = project.services.get(&name) else {
            match required {
                true => return Err(format!("no such service: {name}")),
                false => continue,
            }
        };
        if !chosen.insert(name.clone()) {
            continue;
        }
        match reach {
            Reach::Alone => {}
            Reach::Dependencies => {
                let needs = service.depends_on.iter();
                left.extend(needs.map(|(name, need)| (name.clone(), need.required)));
            }
            Reach::Dependents => left.extend(
                project
                    .services
                    .values()
                    .filter(|other| other.depends_on.contains_key(&name))
                    .map(|other| (other.name.clone(), false)),
            ),
        }
    }
    let (on, off) = std::mem::take(&mut project.services)
        .into_iter()
        .partition(|(name, _)| chosen.contains(name));
    project.services = on;
    let off: sorted::SortedMap<_, _> = off;
    project.disabled_services.extend(off);
    for service in project.services.values_mut() {
        service.depends_on.retain(|name, _| chosen.contains(name));
    }
    drop_unused(project);
    Ok(())
}

/// Turns on the profiles of those named services that are off. Source: compose-go `types/project.go`, `WithServicesEnabled`.
fn switch_on(project: &mut Project, names: &[String]) {
    let mut profiles = SortedSet::new();
    for name in names {
        if let Some(service) = project.disabled_services.remove(name) {
            profiles.extend(service.profiles.iter().cloned());
            project.services.insert(name.clone(), service);
        }
    }
    let off = std::mem::take(&mut project.disabled_services);
    for (name, service) in off {
        match service
            .profiles
            .iter()
            .any(|profile| profiles.contains(profile))
        {
            true => project.services.insert(name, service),
            false => project.disabled_services.insert(name, service),
        };
    }
}
