//! Whether the parts of a project fit together. Source: compose-go 2.9.1, loader/validate.go and graph/cycle.go.

use sorted::SortedMap;

use crate::error::LoadError;
use crate::go::quote;
use crate::model::{Project, Service};
use crate::value::{Map, Value};

/// Checks the whole project.
pub(super) fn check(project: &mut Project) -> Result<(), LoadError> {
    for service in project.services.values() {
        check_service(service, project)?;
    }
    check_secrets(project)?;
    for service in project.services.values_mut() {
        unify(service);
    }
    cycle(project)
}

fn check_secrets(project: &Project) -> Result<(), LoadError> {
    let secrets = project.tree.get("secrets").and_then(Value::as_map);
    for (name, secret) in secrets.into_iter().flatten() {
        let has = |key: &str| {
            secret
                .as_map()
                .is_some_and(|secret| secret.contains_key(key))
        };
        if !has("external") && !has("file") && !has("environment") {
            return Err(LoadError::along(
                format!(
                    "secret {} must declare either `file` or `environment`: invalid compose project",
                    quote(name)
                ),
                vec!["secrets".into(), name.clone()],
            ));
        }
    }
    Ok(())
}

fn at(service: &Service, key: &str, text: String) -> LoadError {
    LoadError::along(
        text,
        vec!["services".into(), service.name.clone(), key.into()],
    )
}

fn invalid(service: &Service, key: &str, text: String) -> LoadError {
    at(service, key, format!("{text}: invalid compose project"))
}

/// Leads on to the name in question.
fn naming(mut fault: LoadError, name: &str) -> LoadError {
    fault.path.push(name.to_owned());
    fault
}

/// Checks that no two services give their containers the same name.
pub(super) fn check_container_names(project: &Project) -> Result<(), LoadError> {
    let mut names = SortedMap::new();
    for service in project.services.values() {
        if let Some(name) = &service.container_name
            && names.insert(name.clone(), ()).is_some()
        {
            // The real text has this slip.
            let text = format!(
                "services.{}: container name {} is already in use by service {{}}\"",
                service.name,
                quote(name)
            );
            return Err(at(service, "container_name", text));
        }
    }
    Ok(())
}

fn check_service(service: &Service, project: &Project) -> Result<(), LoadError> {
    let name = quote(&service.name);
    let provided = service.tree.contains_key("provider");
    if !service.build && service.image.is_none() && !provided {
        let text = format!("service {name} has neither an image nor a build context specified");
        return Err(LoadError::along(
            format!("{text}: invalid compose project"),
            vec!["services".into(), service.name.clone()],
        ));
    }
    if let Some(Value::Map(build)) = service.tree.get("build") {
        check_build(service, build, project)?;
    }
    if service.network_mode.is_some() && !service.networks.is_empty() {
        let text = format!(
            "service {} declares mutually exclusive `network_mode` and `networks`",
            service.name
        );
        return Err(invalid(service, "network_mode", text));
    }
    let undefined = |what: &str, key: &str, other: &str| {
        let text = format!("service {name} refers to undefined {what} {other}");
        naming(invalid(service, key, text), other)
    };
    for network in service.networks.keys() {
        // A name like that of an extension is taken for one.
        let extension = network.starts_with("x-");
        if extension || !project.networks.contains_key(network) {
            let shown = if extension { "#extensions" } else { network };
            let mut fault = undefined("network", "networks", shown);
            fault.path.pop();
            return Err(naming(fault, network));
        }
    }
    if let Some(first) = service
        .healthcheck
        .as_ref()
        .and_then(|check| check.test.first())
        && !matches!(first.as_str(), "CMD" | "CMD-SHELL" | "NONE")
    {
        let text = r#"healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE""#;
        return Err(at(service, "healthcheck", text.into()));
    }
    for (other, dependency) in &service.depends_on {
        let disabled = project.disabled_services.contains_key(other);
        if !project.services.contains_key(other) && (dependency.required || !disabled) {
            let text = format!(
                "service {name} depends on undefined service {}",
                quote(other)
            );
            return Err(naming(invalid(service, "depends_on", text), other));
        }
    }
    for mount in &service.volumes {
        if let ("volume", Some(source)) = (mount.kind.as_str(), &mount.source)
            && !project.volumes.contains_key(source)
        {
            return Err(undefined("volume", "volumes", source));
        }
    }
    if let Some(Value::Map(build)) = service.tree.get("build")
        && let Some(source) = missing(build, "secrets", project)
    {
        return Err(undefined("build secret", "build", &source));
    }
    if let Some(Value::Map(models)) = service.tree.get("models") {
        let known = project.tree.get("models").and_then(Value::as_map);
        let unknown = |model: &&String| !known.is_some_and(|known| known.contains_key(*model));
        if let Some(model) = models.keys().find(unknown) {
            return Err(undefined("model", "models", model));
        }
    }
    for (key, what) in [("configs", "config"), ("secrets", "secret")] {
        if let Some(source) = missing(&service.tree, key, project) {
            return Err(undefined(what, key, &source));
        }
    }
    check_scale(service)?;
    check_limits(service)?;
    check_mounts(service)
}

fn check_build(service: &Service, build: &Map, project: &Project) -> Result<(), LoadError> {
    let name = quote(&service.name);
    if build.contains_key("dockerfile") && build.contains_key("dockerfile_inline") {
        let text =
            format!("service {name} declares mutualy exclusive dockerfile and dockerfile_inline");
        return Err(invalid(service, "build", text));
    }
    if let Some(Value::Map(contexts)) = build.get("additional_contexts") {
        for (context, from) in contexts {
            let Some(target) = from.as_str().and_then(|from| from.strip_prefix("service:")) else {
                continue;
            };
            let why = match project.services.get(target) {
                None => "unknown",
                Some(other) if !other.build => "non-buildable",
                Some(_) => continue,
            };
            let text = format!(
                "service {name} declares {why} service {} as additional contexts {context}",
                quote(target)
            );
            return Err(at(service, "build", text));
        }
    }
    if let (Some(platform), Some(Value::List(platforms))) =
        (&service.platform, build.get("platforms"))
        && !platforms.iter().any(|one| one.as_str() == Some(platform))
    {
        let text = format!(
            "service.build.platforms MUST include service.platform {}",
            quote(platform)
        );
        return Err(invalid(service, "platform", text));
    }
    Ok(())
}

/// Returns the first secret or config that a list names and the project lacks.
fn missing(map: &Map, key: &str, project: &Project) -> Option<String> {
    let known = project.tree.get(key).and_then(Value::as_map);
    let items = map.get(key).and_then(Value::as_list)?;
    let mut sources = items.iter().filter_map(|item| item.as_map()?.get("source"));
    sources
        .find(|source| !known.is_some_and(|known| known.contains_key(&source.to_text())))
        .map(Value::to_text)
}

fn check_scale(service: &Service) -> Result<(), LoadError> {
    let name = &service.name;
    if let (Some(scale), Some(replicas)) = (service.scale, service.replicas)
        && scale != replicas
    {
        let text =
            format!("services.{name}: can't set distinct values on 'scale' and 'deploy.replicas'");
        return Err(invalid(service, "scale", text));
    }
    if service.scale.is_some_and(|scale| scale < 0) {
        let text = format!("services.{name}.scale: must be greater than or equal to 0");
        return Err(at(service, "scale", text));
    }
    if service.replicas.is_some_and(|replicas| replicas < 0) {
        let text = format!("services.{name}.deploy.replicas: must be greater than or equal to 0");
        return Err(at(service, "deploy", text));
    }
    if service.container_name.is_some() && service.scale() > 1 {
        let attribute = match service.scale {
            Some(_) => "scale",
            None => "deploy.replicas",
        };
        let text = format!(
            "services.{attribute}: can't set container_name and {name} as container name must be unique"
        );
        return Err(invalid(service, "container_name", text));
    }
    Ok(())
}

/// Refuses two different values for a limit that has an old and a new key.
fn check_limits(service: &Service) -> Result<(), LoadError> {
    const TWICE: [(&str, &str, &str); 4] = [
        ("cpus", "limits", "cpus"),
        ("mem_limit", "limits", "memory"),
        ("mem_reservation", "reservations", "memory"),
        ("pids_limit", "limits", "pids"),
    ];
    for (key, part, inner) in TWICE {
        let new = ["deploy", "resources", part]
            .iter()
            .try_fold(&service.tree, |map, key| map.get(*key)?.as_map())
            .and_then(|map| map.get(inner));
        if let (Some(old), Some(new)) = (service.tree.get(key), new)
            && old.to_text() != new.to_text()
        {
            let text = format!(
                "services.{}: can't set distinct values on '{key}' and 'deploy.resources.{part}.{inner}'",
                service.name
            );
            return Err(invalid(service, key, text));
        }
    }
    Ok(())
}

fn check_mounts(service: &Service) -> Result<(), LoadError> {
    let name = &service.name;
    let mut places: SortedMap<&str, String> = SortedMap::new();
    let tmpfs = service
        .tmpfs
        .iter()
        .map(|spec| spec.split(':').next().unwrap_or_default());
    let volumes = service.volumes.iter().map(|mount| mount.target.as_str());
    let all = tmpfs
        .enumerate()
        .map(|(index, target)| ("tmpfs", index, target))
        .chain(
            volumes
                .enumerate()
                .map(|(index, target)| ("volumes", index, target)),
        );
    for (key, index, target) in all {
        let place = format!("services.{name}.{key}[{index}]");
        if let Some(other) = places.get(target) {
            return Err(at(
                service,
                key,
                format!("{place}: target {target} already mounted as {other}"),
            ));
        }
        // Volumes were made unique before: two of them never meet.
        if key == "tmpfs" {
            places.insert(target, place);
        }
    }
    Ok(())
}

/// Lets `scale` and `deploy.replicas` say the same.
fn unify(service: &mut Service) {
    if let (Some(scale), Some(Value::Map(deploy))) = (service.scale, service.tree.get_mut("deploy"))
    {
        deploy.insert("replicas".into(), Value::Int(scale));
        service.replicas = Some(scale);
    }
}

/// Refuses services that wait for each other.
fn cycle(project: &Project) -> Result<(), LoadError> {
    let mut done = sorted::SortedSet::new();
    for start in project.services.keys() {
        // A path of services, each with those that are still to be tried.
        let mut path: Vec<(&str, Vec<&str>)> = Vec::new();
        let needs = |name: &str| -> Vec<&str> {
            let service = project.services.get(name);
            service
                .into_iter()
                .flat_map(|one| one.depends_on.keys().map(String::as_str))
                .rev()
                .collect()
        };
        if !done.contains(start.as_str()) {
            path.push((start, needs(start)));
        }
        while let Some((name, rest)) = path.last_mut() {
            let Some(next) = rest.pop() else {
                done.insert(*name);
                path.pop();
                continue;
            };
            if let Some(from) = path.iter().position(|(name, _)| *name == next) {
                let mut names: Vec<_> = path.iter().skip(from).map(|(name, _)| *name).collect();
                names.push(next);
                return Err(LoadError::along(
                    format!("dependency cycle detected: {}", names.join(" -> ")),
                    vec!["services".into(), next.into(), "depends_on".into()],
                ));
            }
            if !done.contains(next) {
                path.push((next, needs(next)));
            }
        }
    }
    Ok(())
}
