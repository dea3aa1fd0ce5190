//! Names of containers.

use crate::model::{Project, Service, ServiceNetwork};

/// Returns the name of a service's container of this number. `separator` is `-`, or `_` with `--compatibility`.
pub fn container_name(
    project: &Project,
    service: &Service,
    number: i64,
    separator: char,
) -> String {
    match service.container_name.as_deref() {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => [&project.name, &service.name, &number.to_string()]
            .map(String::as_str)
            .join(separator.encode_utf8(&mut [0; 4])),
    }
}

/// Returns the names that a container answers to on one network: its own first, then, unless it is one of `run`, those of
/// its service.
pub fn aliases(
    container: &str,
    service: &Service,
    network: Option<&ServiceNetwork>,
    with_service: bool,
) -> Vec<String> {
    let mut all = vec![container.to_owned()];
    if with_service {
        all.push(service.name.clone());
        all.extend(network.into_iter().flat_map(|n| n.aliases.iter().cloned()));
    }
    all
}
