//! The order in which services are dealt with.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Project, Service};

/// What is left to do of a walk over services: each comes after all that it waits for.
#[derive(Clone, Debug, Default)]
pub struct Order {
    waiting: BTreeMap<String, BTreeSet<String>>,
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
        let mut waiting: BTreeMap<String, BTreeSet<String>> = project
            .services
            .keys()
            .map(|name| (name.clone(), BTreeSet::new()))
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
