//! Limits of resources, as setrlimit(2) keeps them. They are told and handed on, and nothing is held to them here.

use sorted::SortedMap;

/// The two limits of one resource; `None` is without limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Limit {
    /// What holds.
    pub soft: Option<u64>,
    /// How far a process may raise that.
    pub hard: Option<u64>,
}

impl Limit {
    const fn both(value: u64) -> Self {
        Self {
            soft: Some(value),
            hard: Some(value),
        }
    }
}

/// A process's limits, by the names that Docker's `--ulimit` has for resources.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Limits(SortedMap<String, Limit>);

impl Limits {
    /// The limits of a resource: those that were set, or those that every process begins with.
    #[must_use]
    pub fn get(&self, resource: &str) -> Limit {
        self.0
            .get(resource)
            .copied()
            .unwrap_or_else(|| initial(resource))
    }

    /// Sets the limits of a resource.
    pub fn set(&mut self, resource: &str, limit: Limit) {
        self.0.insert(resource.to_owned(), limit);
    }
}

/// Source: Linux `include/asm-generic/resource.h`; the numbers of files, processes and signals are those of the recorded
/// machine.
fn initial(resource: &str) -> Limit {
    match resource {
        "core" => Limit {
            soft: Some(0),
            hard: None,
        },
        "nofile" => Limit::both(20_000),
        "stack" => Limit {
            soft: Some(8 << 20),
            hard: None,
        },
        "memlock" => Limit::both(8 << 20),
        "msgqueue" => Limit::both(819_200),
        "nice" | "rtprio" => Limit::both(0),
        "nproc" | "sigpending" => Limit::both(96_363),
        _ => Limit::default(),
    }
}
