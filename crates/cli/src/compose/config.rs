//! `docker compose config`. The printing of a project is the `compose` crate's.

use sorted::SortedSet;

use compose::LoadOptions;
use compose::Skip;
use compose::config as printed;
use compose::interpolate::{self, Variable};
use compose::model::{Project, Service};
use compose::plan::by_name_after_dependencies;
use compose::value::{Map, Value};

use super::DRY_RUN;
use super::context::Compose;
use super::request::image_name;
use crate::args::{Command, Flag, Parsed, verb};
use crate::format::table;
use crate::session::{Failure, Outcome, Session, complaint, said};
use crate::template::{Missing, Value as Json, structure};

pub(super) static COMMAND: Command = Command {
    name: "config",
    usage: "[OPTIONS] [SERVICE...]",
    short: "Parse, resolve and render compose file in canonical format",
    flags: &[&[
        DRY_RUN,
        Flag::bool("environment", "Print environment used for interpolation."),
        Flag::text("format", "Format the output. Values: [yaml | json]"),
        Flag::text("hash", "Print the service config hash, one per line."),
        Flag::bool("images", "Print the image names, one per line."),
        Flag::bool(
            "lock-image-digests",
            "Produces an override file with image digests",
        ),
        Flag::bool("models", "Print the model names, one per line."),
        Flag::bool("networks", "Print the network names, one per line."),
        Flag::bool(
            "no-consistency",
            "Don't check model consistency - warning: may produce invalid Compose output",
        ),
        Flag::bool("no-env-resolution", "Don't resolve service env files"),
        Flag::bool("no-interpolate", "Don't interpolate environment variables"),
        Flag::bool("no-normalize", "Don't normalize compose model"),
        Flag::bool("no-path-resolution", "Don't resolve file paths"),
        Flag::text("output", "Save to file (default to stdout)").short('o'),
        Flag::bool("profiles", "Print the profile names, one per line."),
        Flag::bool(
            "quiet",
            "Only validate the configuration, don't print anything",
        )
        .short('q'),
        Flag::bool("resolve-image-digests", "Pin image tags to digests"),
        Flag::bool("services", "Print the service names, one per line."),
        Flag::bool("variables", "Print model variables and default values."),
        Flag::bool("volumes", "Print the volume names, one per line."),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

/// The flags that print only names, for which no service's environment file is read.
const NAMES: [&str; 7] = [
    "services", "volumes", "networks", "models", "hash", "profiles", "images",
];

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let by_name = NAMES.iter().any(|flag| parsed.given(flag));
    let options = LoadOptions {
        skip: Skip {
            interpolation: parsed.on("no-interpolate"),
            normalization: parsed.on("no-normalize") || compose.is_compatible(),
            consistency: parsed.on("no-consistency"),
            paths: parsed.on("no-path-resolution"),
            // Whatever `--no-env-resolution` asks for. Seen.
            environment: by_name,
            container_names: false,
            clearing: false,
        },
        ..compose.load_options().await
    };
    if parsed.on("variables") {
        let options = LoadOptions {
            skip: Skip {
                interpolation: true,
                ..options.skip
            },
            ..options
        };
        let tree = compose.load_tree(&options)?;
        let found = variables(&tree);
        compose.session.sys.out(&match parsed.text("format") {
            "json" => variables_json(&found),
            _ => variables_table(&found),
        });
        return Ok(0);
    }
    if parsed.on("no-interpolate") && !by_name && !parsed.on("environment") {
        // What was merged is printed, whether it makes sense or not.
        let tree = compose.load_tree(&options)?;
        let text = match is_json(&parsed)? {
            true => printed::plain_json(&tree),
            false => printed::plain_yaml(&tree),
        };
        return hand_out(&compose, &parsed, text);
    }
    let mut project = compose.load(&options)?;
    compose::plan::select(
        &mut project,
        &parsed.args,
        compose::plan::Reach::Dependencies,
    )
    .map_err(complaint)?;
    let text: String = match lines(&parsed, &project)? {
        Some(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
        None if digests(&parsed) => {
            // No image of the simulated world has a digest: there is no registry that would know one.
            resolve(&compose, &project)?;
            return Ok(0);
        }
        None => match is_json(&parsed)? {
            true => printed::json(&project, true),
            false => printed::yaml(&project, true),
        },
    };
    hand_out(&compose, &parsed, text)
}

/// Prints a file, or writes it where the flags say.
fn hand_out(compose: &Compose, parsed: &Parsed, mut text: String) -> Outcome {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let sys = &compose.session.sys;
    match parsed.given_text("output") {
        _ if parsed.on("quiet") => {}
        Some(file) => sys.write_file(file, text.as_bytes()).map_err(|e| {
            let why = e.to_string().to_ascii_lowercase();
            complaint(format!("open {file}: {why}"))
        })?,
        None => sys.out(&text),
    }
    Ok(0)
}

fn is_json(parsed: &Parsed) -> Result<bool, Failure> {
    match parsed.text("format") {
        "json" => Ok(true),
        "yaml" | "" => Ok(false),
        other => Err(complaint(format!("unsupported format \"{other}\""))),
    }
}

fn digests(parsed: &Parsed) -> bool {
    parsed.on("resolve-image-digests") || parsed.on("lock-image-digests")
}

/// Asks the registry for the digest of the first image, which fails.
fn resolve(compose: &Compose, project: &Project) -> Result<(), Failure> {
    let image = project.services.values().find_map(|s| s.image.clone());
    let Some(image) = image.filter(|image| !image.contains('@')) else {
        return Ok(());
    };
    let image = engine::images::familiar_name(&image);
    let library = if image.contains('/') { "" } else { "library/" };
    let nowhere = compose.client()?.image_pull(format!("{image}-digest"));
    let why = nowhere.err().map(|e| said(&e)).unwrap_or_default();
    Err(complaint(format!(
        "failed to resolve digest for docker.io/{library}{image}: {why}"
    )))
}

/// Returns the variables that a file mentions, by name.
fn variables(tree: &Map) -> Vec<Variable> {
    let mut found: Vec<Variable> = Vec::new();
    let mut left: Vec<&Value> = tree.values().collect();
    while let Some(value) = left.pop() {
        match value {
            Value::Str(text) => {
                // A default can mention others, and so on.
                let mut texts = vec![text.clone()];
                while let Some(text) = texts.pop() {
                    let here = interpolate::variables(&text);
                    texts.extend(
                        here.iter()
                            .flat_map(|v| [v.default.clone(), v.alternate.clone()]),
                    );
                    found.extend(here);
                }
            }
            Value::List(items) => left.extend(items),
            Value::Map(map) => left.extend(map.values()),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Time(_) => {}
        }
    }
    sorted::sort_by(&mut found, |a, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.name == b.name);
    found
}

fn variables_json(found: &[Variable]) -> String {
    let text = |text: &str| Json::Str(text.to_owned());
    let entry = |v: &Variable| {
        let fields = [
            ("Name", text(&v.name)),
            ("DefaultValue", text(&v.default)),
            ("PresenceValue", text(&v.alternate)),
            ("Required", Json::Bool(v.required)),
        ];
        (v.name.clone(), structure("Variable", fields))
    };
    let all = Json::Map(found.iter().map(entry).collect(), Missing::Unknown);
    all.json_pretty(true) + "\n\n"
}

fn variables_table(found: &[Variable]) -> String {
    let mut text = "NAME\tREQUIRED\tDEFAULT VALUE\tALTERNATE VALUE\n".to_owned();
    for v in found {
        text.push_str(&format!(
            "{}\t{}\t{}\t{}\n",
            v.name, v.required, v.default, v.alternate
        ));
    }
    table::align_with(&text, 20, 3)
}

/// Returns the lines of the flags that print only names, if one of them was given.
fn lines(parsed: &Parsed, project: &Project) -> Result<Option<Vec<String>>, Failure> {
    let services = || project.services.values();
    let lines = if parsed.on("services") {
        let names = by_name_after_dependencies(project);
        names.into_iter().map(str::to_owned).collect()
    } else if parsed.on("volumes") {
        project.volumes.keys().cloned().collect()
    } else if parsed.on("networks") {
        project.networks.keys().cloned().collect()
    } else if parsed.on("models") {
        let models = project.tree.get("models").and_then(Value::as_map);
        models.into_iter().flat_map(Map::keys).cloned().collect()
    } else if parsed.given("hash") {
        hashes(project, parsed.text("hash"))?
    } else if parsed.on("profiles") {
        let all = services().chain(project.disabled_services.values());
        let names: SortedSet<&String> = all.flat_map(|service| &service.profiles).collect();
        names.into_iter().cloned().collect()
    } else if parsed.on("images") {
        services()
            .map(|service| image_name(project, service))
            .collect()
    } else if parsed.on("environment") {
        let pairs = project.environment.iter();
        pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    } else {
        return Ok(None);
    };
    Ok(Some(lines))
}

/// Returns each service's fingerprint; `*` is all of them.
fn hashes(project: &Project, which: &str) -> Result<Vec<String>, Failure> {
    let line = |service: &Service| {
        let hash = printed::service_hash(service);
        format!("{} {hash}", service.name)
    };
    if which == "*" {
        return Ok(project.services.values().map(line).collect());
    }
    let mut names: Vec<&str> = which.split(',').collect();
    sorted::sort(&mut names);
    names
        .into_iter()
        .map(|name| match project.services.get(name) {
            Some(service) => Ok(line(service)),
            None => Err(complaint(format!("no such service: {name}: not found"))),
        })
        .collect()
}
