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
/// A service that is named is on even if none of its profiles is. Errors: Compose's sentence about an unknown name.
pub fn select(project: &mut Project, names: &[String], reach: Reach) -> Result<(), String> {
    if names.is_empty() {
        return Ok(());
    }
    let mut chosen = SortedSet::new();
    let mut left: Vec<String> = names.to_vec();
    while let Some(name) = left.pop() {
        if let Some(service) = project.disabled_services.remove(&name) {
            project.services.insert(name.clone(), service);
        }
        let Some(service) = project.services.get(&name) else {
            match names.contains(&name) {
                true => return Err(format!("no such service: {name}")),
                false => continue,
            }
        };
        if !chosen.insert(name.clone()) {
            continue;
        }
        match reach {
            Reach::Alone => {}
            Reach::Dependencies => left.extend(service.depends_on.keys().cloned()),
            Reach::Dependents => left.extend(
                project
                    .services
                    .values()
                    .filter(|other| other.depends_on.contains_key(&name))
                    .map(|other| other.name.clone()),
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
