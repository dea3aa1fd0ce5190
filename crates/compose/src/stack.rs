//! Stack files: what `docker stack deploy` reads. Their format is an older one than Compose's, and so are the complaints.
//! Source: docker/cli 28.5.2, `cli/compose/loader`, `cli/compose/schema`, `cli/command/stack/loader.go`.

mod older;

use sorted::{SortedMap, SortedSet};

use crate::canonical::canonical;
use crate::load::paths;
use crate::ports;
use crate::schema;
use crate::shape;
use crate::value::{Map, Value};
use crate::yaml;
use crate::{config, interpolate, merge};

/// The version of a file that names none.
const NEWEST: &str = "3.13";

/// Keys of a service that the format has.
const KEYS: &str = "build cap_add cap_drop cgroup_parent cgroupns_mode command configs container_name credential_spec \
    depends_on deploy devices dns dns_search domainname entrypoint env_file environment expose external_links extra_hosts \
    healthcheck hostname image init ipc isolation labels links logging mac_address network_mode networks oom_score_adj pid \
    ports privileged read_only restart secrets security_opt shm_size stdin_open stop_grace_period stop_signal sysctls tmpfs \
    tty ulimits user userns_mode volumes working_dir";

/// Keys of a service that are let pass and have no effect.
const UNSUPPORTED: &str = "build cgroup_parent cgroupns_mode devices domainname external_links ipc links mac_address \
    network_mode pid privileged restart security_opt shm_size userns_mode";

/// Keys of a service that were given up, and what is said of them.
const DEPRECATED: [(&str, &str); 2] = [
    (
        "container_name",
        "Setting the container name is not supported.",
    ),
    (
        "expose",
        "Exposing ports is unnecessary - services on the same network can access each other's containers on any port.",
    ),
];

/// Keys of a service that are refused, and what is said of them.
const FORBIDDEN: [(&str, &str); 8] = [
    ("cpu_quota", "Set resource limits using deploy.resources"),
    ("cpu_shares", "Set resource limits using deploy.resources"),
    ("cpuset", "Set resource limits using deploy.resources"),
    ("extends", "Support for `extends` is not implemented yet."),
    ("mem_limit", "Set resource limits using deploy.resources"),
    (
        "memswap_limit",
        "Set resource limits using deploy.resources",
    ),
    (
        "volume_driver",
        "Instead of setting the volume driver on the service, define a volume using the top-level `volumes` option and specify the driver there.",
    ),
    (
        "volumes_from",
        "To share a volume between services, define it using the top-level `volumes` option and reference it from each service that shares it using the service-level `volumes` option.",
    ),
];

/// A stack file, or several laid over each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stack {
    /// The version of the format.
    pub version: String,
    /// All of it, in the model's form.
    pub tree: Map,
    /// What is to be said of keys that have no effect, on standard error.
    pub notices: Vec<String>,
}

/// What a load goes by.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The texts of the files, in order.
    pub files: Vec<String>,
    /// The directory that relative paths start from.
    pub working_dir: String,
    /// What variables stand for.
    pub environment: SortedMap<String, String>,
    /// Whether variables are left as they are.
    pub skip_interpolation: bool,
}

/// Loads a stack; `read` gives the text of a file that a service names, by its absolute path. Errors: docker's sentence.
pub fn load(
    options: &Options,
    read: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Stack, String> {
    let mut stack = Stack::default();
    let mut trees = Vec::new();
    for file in &options.files {
        trees.push(parse(file)?);
    }
    let mut unsupported = SortedSet::default();
    let mut deprecated = SortedSet::default();
    let lookup = |name: &str| options.environment.get(name).cloned();
    for mut tree in trees {
        let version = version(&tree);
        if stack.version.is_empty() {
            stack.version.clone_from(&version);
        }
        if stack.version != version {
            return Err(format!(
                "version mismatched between two composefiles : {} and {version}",
                stack.version
            ));
        }
        forbidden(&tree)?;
        for (_, service) in services_of(&tree) {
            let given = |key: &&str| service.contains_key(*key);
            unsupported.extend(UNSUPPORTED.split_whitespace().filter(given));
            deprecated.extend(DEPRECATED.into_iter().filter(|(key, _)| given(key)));
        }
        let mut warnings = Vec::new();
        if !options.skip_interpolation {
            tree = interpolate::interpolate(tree, &lookup, &mut warnings)
                .map_err(|fault| fault.text)?;
        }
        check(&tree, &version)?;
        let merged = merge::files(std::mem::take(&mut stack.tree), tree);
        let merged = merged.and_then(merge::unique);
        let spelled =
            merged.and_then(|tree| canonical(tree, options.skip_interpolation, &mut warnings));
        stack.tree = spelled
            .and_then(merge::unique)
            .map_err(|fault| fault.text)?;
    }
    stack.tree.remove("version");
    let written = stack.tree.clone();
    let home = options.environment.get("HOME").cloned();
    paths::resolve(&mut stack.tree, &options.working_dir, home.as_deref());
    stack.tree = shape::file(stack.tree).map_err(|fault| fault.text)?;
    if let Some(services) = stack.tree.get_mut("services").and_then(Value::as_map_mut) {
        for (name, service) in services.iter_mut() {
            let before = services_of(&written).find(|(key, _)| *key == name);
            if let (Some(service), Some((_, before))) = (service.as_map_mut(), before) {
                variables(service, &lookup, read)?;
                older::service(service, before);
            }
        }
    }
    if !unsupported.is_empty() {
        let keys: Vec<&str> = unsupported.into_iter().collect();
        stack.notices.push(format!(
            "Ignoring unsupported options: {}\n",
            keys.join(", ")
        ));
    }
    if !deprecated.is_empty() {
        let keys = deprecated.into_iter();
        let lines: Vec<String> = keys.map(|(key, why)| format!("{key}: {why}")).collect();
        stack.notices.push(format!(
            "Ignoring deprecated options:\n\n{}\n",
            lines.join("\n\n")
        ));
    }
    Ok(stack)
}

/// Prints a stack as `docker stack config` does.
pub fn yaml(stack: &Stack) -> String {
    format!(
        "version: \"{}\"\n{}",
        stack.version,
        config::tree_yaml(&stack.tree)
    )
}

/// Adds the variables of files; one that is left open or empty is the command's own, if it has it.
fn variables(
    service: &mut Map,
    lookup: &dyn Fn(&str) -> Option<String>,
    read: &dyn Fn(&str) -> Result<String, String>,
) -> Result<(), String> {
    let mut all = Map::new();
    for file in crate::model::Reader(service).maps("env_file") {
        let text = read(&file.text("path").unwrap_or_default())?;
        for line in text.lines().map(str::trim_start) {
            let (name, value) = match line.split_once('=') {
                Some((name, value)) => (name, Value::Str(value.to_owned())),
                None => (line, Value::Null),
            };
            if !name.is_empty() && !name.starts_with('#') {
                all.insert(name.to_owned(), value);
            }
        }
    }
    if let Some(own) = service.get("environment").and_then(Value::as_map) {
        all.extend(
            own.iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
    }
    for (name, value) in all.iter_mut() {
        if let (true, Some(own)) = (
            value.to_text().is_empty() || *value == Value::Null,
            lookup(name),
        ) {
            *value = Value::Str(own);
        }
    }
    if !all.is_empty() {
        service.insert("environment".into(), Value::Map(all));
    }
    Ok(())
}

fn parse(text: &str) -> Result<Map, String> {
    let documents = yaml::documents(text).map_err(|fault| fault.text)?;
    let Some(document) = documents.first() else {
        return Err("top-level object must be a mapping".into());
    };
    let decoded = document.decode().map_err(|fault| fault.text)?;
    match decoded.value {
        Value::Map(tree) => Ok(tree),
        _ => Err("top-level object must be a mapping".into()),
    }
}

fn version(tree: &Map) -> String {
    match tree.get("version").map(Value::to_text).as_deref() {
        None | Some("" | "3") => NEWEST.to_owned(),
        Some(other) => other.to_owned(),
    }
}

/// The services that are mappings.
fn services_of(tree: &Map) -> impl Iterator<Item = (&String, &Map)> {
    let services = tree.get("services").and_then(Value::as_map);
    let all = services.into_iter().flat_map(|services| services.iter());
    all.filter_map(|(name, service)| Some((name, service.as_map()?)))
}

fn forbidden(tree: &Map) -> Result<(), String> {
    let mut found: SortedSet<(&str, &str)> = SortedSet::default();
    for (_, service) in services_of(tree) {
        found.extend(
            FORBIDDEN
                .into_iter()
                .filter(|(key, _)| service.contains_key(*key)),
        );
    }
    if found.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = found
        .into_iter()
        .map(|(key, why)| format!("{key}: {why}"))
        .collect();
    Err(format!(
        "Compose file contains unsupported options:\n\n{}\n",
        lines.join("\n\n")
    ))
}

/// Holds a file against the schema of its version and words the most specific fault as docker does.
fn check(tree: &Map, version: &str) -> Result<(), String> {
    let known = version
        .strip_prefix("3.")
        .and_then(|minor| minor.parse::<u8>().ok())
        .is_some_and(|minor| minor <= 13);
    if !known {
        return Err(format!("unsupported Compose file version: {version}"));
    }
    let mut faults: Vec<(usize, String)> = schema::faults(tree)
        .into_iter()
        // The older format leaves names as they are.
        .filter(|fault| !fault.why.contains("does not match pattern"))
        .map(|fault| {
            let why = match fault.unknown.first() {
                Some(key) => not_allowed(key),
                None => reworded(&fault.why),
            };
            (fault.path.len(), told(&fault.path, &why))
        })
        .collect();
    let top = [
        "version", "services", "networks", "volumes", "secrets", "configs",
    ];
    for (key, _) in tree {
        if !top.contains(&key.as_str()) && !key.starts_with("x-") {
            faults.push((0, told(&[], &not_allowed(key))));
        }
    }
    for (name, service) in services_of(tree) {
        let path = |more: &[&str]| {
            let more = more.iter().map(|part| (*part).to_owned());
            ["services".to_owned(), name.clone()]
                .into_iter()
                .chain(more)
                .collect::<Vec<String>>()
        };
        for (key, _) in service {
            if !KEYS.split_whitespace().any(|known| known == key) && !key.starts_with("x-") {
                faults.push((2, told(&path(&[]), &not_allowed(key))));
            }
        }
        if let Some(Value::Map(_)) = service.get("depends_on") {
            faults.push((3, told(&path(&["depends_on"]), "must be a list")));
        }
        let published = service.get("ports").and_then(Value::as_list);
        for (at, port) in published.unwrap_or_default().iter().enumerate() {
            if let Value::Str(text) = port
                && !text.contains('$')
                && ports::mappings(text).is_err()
            {
                let path = path(&["ports", &at.to_string()]);
                faults.push((4, told(&path, "Does not match format 'ports'")));
            }
        }
    }
    let deepest = faults.iter().map(|(depth, _)| *depth).max();
    match faults
        .into_iter()
        .find(|(depth, _)| Some(*depth) == deepest)
    {
        Some((_, text)) => Err(text),
        None => Ok(()),
    }
}

fn not_allowed(key: &str) -> String {
    format!("Additional property {key} is not allowed")
}

fn told(path: &[String], why: &str) -> String {
    match path {
        [] => format!("(root) {why}"),
        path => format!("{} {why}", path.join(".")),
    }
}

/// Turns the words of Compose's validator into those of docker's.
fn reworded(why: &str) -> String {
    if let Some(types) = why.strip_prefix("must be a ") {
        return format!("must be a {}", types.replace("array", "list"));
    }
    if let Some(key) = why.strip_prefix("missing property ") {
        return format!("{} is required", key.trim_matches('\''));
    }
    if let Some(words) = why.strip_prefix("value must be one of ") {
        let words = words.replace('\'', "\"");
        return format!("must be one of the following: {words}");
    }
    why.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(text: &str) -> String {
        let options = Options {
            files: vec![text.to_owned()],
            working_dir: "/root".into(),
            ..Options::default()
        };
        load(&options, &|_| Ok(String::new())).unwrap_err()
    }

    #[test]
    fn faults_are_told_in_the_older_words() {
        let web = "services:\n  web:\n    image: nginx\n";
        let cases = [
            (
                format!("{web}    colour: red\n"),
                "services.web Additional property colour is not allowed",
            ),
            (
                format!("{web}    profiles: [a]\n"),
                "services.web Additional property profiles is not allowed",
            ),
            (
                format!("version: \"2.4\"\n{web}"),
                "unsupported Compose file version: 2.4",
            ),
            (
                "services:\n  web: image\n".into(),
                "services.web must be a mapping",
            ),
            (
                "services:\n web:\n   image: [a\n".into(),
                "yaml: line 2: did not find expected ',' or ']'",
            ),
            (
                format!("name: x\n{web}    ports: [\"a:b\"]\n"),
                "services.web.ports.0 Does not match format 'ports'",
            ),
            ("\n".into(), "top-level object must be a mapping"),
            (
                format!("{web}    depends_on: {{db: {{condition: service_started}}}}\n"),
                "services.web.depends_on must be a list",
            ),
        ];
        for (text, why) in cases {
            assert_eq!(fails(&text), why, "{text}");
        }
    }

    #[test]
    fn keys_without_effect_are_told() {
        let options = Options {
            files: vec!["services:\n  web:\n    image: nginx:${TAG:-alpine}\n    build: .\n    restart: always\n    container_name: x\n".into()],
            working_dir: "/root".into(),
            ..Options::default()
        };
        let stack = load(&options, &|_| Ok(String::new())).unwrap();
        assert_eq!(stack.version, "3.13");
        assert_eq!(
            stack.notices,
            [
                "Ignoring unsupported options: build, restart\n",
                "Ignoring deprecated options:\n\ncontainer_name: Setting the container name is not supported.\n",
            ]
        );
        assert!(yaml(&stack).contains("    image: nginx:alpine\n"));
    }
}
