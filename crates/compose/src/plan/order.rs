//! The order in which services are dealt with.

use sorted::{SortedMap, SortedSet};

use crate::model::{Project, Service};

/// What is left to do of a walk over services: each comes after all that it waits for.
#[derive(Clone, Debug, Default)]
pub struct Order {
    waiting: SortedMap<String, SortedSet<String>>,
}

impl Order {
    /// Every service after those that it depends on.
    pub fn dependencies_first(project: &Project) -> Self {
        let known = |name: &&String| project.services.contains_key(*name);
        let needs = |service: &Service| service.depends_on.keys().filter(known).cloned().collect();
        Self {
            waiting: project
                .services
                .iter()
                .map(|(name, service)| (name.clone(), needs(service)))
                .collect(),
        }
    }

    /// Every service after those that depend on it.
    pub fn dependents_first(project: &Project) -> Self {
        let mut waiting: SortedMap<String, SortedSet<String>> = project
            .services
            .keys()
            .map(|name| (name.clone(), SortedSet::new()))
            .collect();
        for (name, service) in &project.services {
            for need in service.depends_on.keys() {
                if let Some(dependents) = waiting.get_mut(need) {
                    dependents.insert(name.clone());
                }
            }
        }
        Self { waiting }
    }

    /// Takes out the services that wait for nothing more.
    pub fn take_ready(&mut self) -> Vec<String> {
        let ready: Vec<String> = self
            .waiting
            .iter()
            .filter(|(_, needs)| needs.is_empty())
            .map(|(name, _)| name.clone())
            .collect();
        for name in &ready {
            self.waiting.remove(name);
        }
        ready
    }

    /// Notes that a service has been dealt with.
    pub fn done(&mut self, name: &str) {
        for needs in self.waiting.values_mut() {
            needs.remove(name);
        }
    }
}

/// Names every service by name, but first all that it depends on. Source: compose-go `types/project.go`, `ForEachService`.
pub fn by_name_after_dependencies(project: &Project) -> Vec<&str> {
    let mut named: Vec<&str> = Vec::new();
    let mut seen: SortedSet<&str> = SortedSet::new();
    for start in project.services.keys() {
        // A stack of its own: how deep dependencies go is up to the file. The flag says that they have been named.
        let mut stack = vec![(start.as_str(), false)];
        while let Some((name, ready)) = stack.pop() {
            if ready {
                named.push(name);
                continue;
            }
            let Some(service) = project.services.get(name) else {
                continue;
            };
            if seen.insert(name) {
                stack.push((name, true));
                let needs = service.depends_on.keys().rev();
                stack.extend(needs.map(|need| (need.as_str(), false)));
            }
        }
    }
    named
}
