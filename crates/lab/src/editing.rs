//! What an editor says about a file: faults with their fixes, what could come next, and what `up` would do.

use compose::LoadOptions;
use compose::assist::{self, Known};
use compose::model::Project;
use compose::plan::{self, Container, Found, Seen, labels};
use engine::survey::{Inspected, Inspection, inspection};
use kernel::Kernel;

use crate::files::Draft;
use crate::names::Directory;
use crate::offers::quoted;
use crate::scenario::login_environment;
use crate::view::{Checked, Completion, Completions, Deed, Mark, Mend, Planned};

/// Whether a file is one for Compose, by its name.
fn is_compose(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// Whether `docker compose` finds a file by itself when it is started beside it.
fn is_found(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let stem = stem.strip_suffix(".override").unwrap_or(stem);
    matches!(stem, "compose" | "docker-compose")
}

/// Checks a text that is to stand at `path`. `cwd` is where the machine's shell is.
pub(crate) fn check(kernel: &Kernel, machine: &str, path: &str, text: &str, cwd: &str) -> Checked {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let dir = if dir.is_empty() { "/" } else { dir };
    let shown = quoted(if cwd == dir { name } else { path });
    let mut checked = Checked::default();
    if path.ends_with(".sh") {
        checked.run = format!("sh {shown}");
    }
    if !is_compose(path) {
        return checked;
    }
    let found = is_found(name);
    let options = LoadOptions {
        current_dir: dir.to_owned(),
        files: if found {
            Vec::new()
        } else {
            vec![path.to_owned()]
        },
        environment: login_environment().into_iter().collect(),
        ..LoadOptions::default()
    };
    let files = Draft::new(kernel, machine, path, text);
    let flags = if found && cwd == dir {
        String::new()
    } else {
        format!(" -f {shown}")
    };
    checked.up = format!("docker compose{flags} up -d");
    checked.down = format!("docker compose{flags} down");
    if text.trim().is_empty() {
        return checked;
    }
    let faults = assist::diagnose_project(text, &options, &files);
    checked.marks = faults.into_iter().map(mark).collect();
    if checked.marks.is_empty() {
        checked.remarks = assist::remarks(text).into_iter().map(mark).collect();
    }
    checked.project = compose::project_name(&options, &files).unwrap_or_default();
    if checked.marks.is_empty()
        && let Ok(project) = compose::load(&options, &files).project
        && let Some(id) = kernel.machine_named(machine).map(|m| m.id)
    {
        let images: Vec<&str> = project
            .services
            .values()
            .filter_map(|s| s.image.as_deref())
            .collect();
        if let Some(told) = inspection(kernel, id, &images) {
            checked.plan = planned(&project, &told);
        }
    }
    checked
}

fn mark(fault: assist::Diagnosis) -> Mark {
    let from = fault.at.column.saturating_sub(1);
    Mark {
        line: fault.at.line.saturating_sub(1),
        from,
        to: from + fault.len,
        text: fault.text,
        fix: fault.fix.map(|fix| {
            let from = fix.at.column.saturating_sub(1);
            Mend {
                label: fix.label,
                line: fix.at.line.saturating_sub(1),
                from,
                to: from + fix.drop,
                text: fix.text,
            }
        }),
    }
}

/// Says what `up` would do, deed by deed.
fn planned(project: &Project, told: &Inspection) -> Vec<Planned> {
    let networks = told.networks.iter().map(|n| {
        let found = Found {
            id: n.id.clone(),
            labels: n.labels.clone().unwrap_or_default(),
        };
        (n.name.clone(), found)
    });
    let own = told.containers.iter().filter_map(seen);
    let volumes = told.volumes.iter();
    let seen = Seen {
        volumes: volumes
            .map(|v| (v.name.clone(), v.labels.clone().unwrap_or_default()))
            .collect(),
        networks: networks.collect(),
        containers: own
            .filter(|(owner, _)| *owner == project.name)
            .map(|(_, c)| c)
            .collect(),
        images: told
            .images
            .iter()
            .map(|(name, image)| (name.clone(), image.id.clone()))
            .collect(),
    };
    let mut plan: Vec<Planned> = Vec::new();
    for (deed, name) in plan::foresee(project, &seen) {
        let deed = match deed {
            plan::Deed::Create => Deed::Create,
            plan::Deed::Recreate => Deed::Recreate,
            plan::Deed::Start => Deed::Start,
            plan::Deed::Keep => Deed::Keep,
            plan::Deed::Remove => Deed::Remove,
            plan::Deed::Orphan => Deed::Orphan,
            plan::Deed::Refuse => Deed::Refuse,
        };
        match plan.iter_mut().find(|planned| planned.deed == deed) {
            Some(planned) => planned.names.push(name),
            None => plan.push(Planned {
                deed,
                names: vec![name],
            }),
        }
    }
    sorted::sort_by_key(&mut plan, |planned| planned.deed);
    plan
}

/// Returns what matters to Compose about a container, and its project.
fn seen(told: &Inspected) -> Option<(String, Container)> {
    let c = &told.inspect;
    let label = |label: &str| c.config.labels.get(label).cloned().unwrap_or_default();
    let project = c.config.labels.get(labels::PROJECT)?.clone();
    let container = Container {
        id: c.id.clone(),
        name: c.name.trim_start_matches('/').to_owned(),
        service: label(labels::SERVICE),
        number: label(labels::NUMBER).parse().unwrap_or(0),
        state: c.state.status.clone(),
        config_hash: label(labels::CONFIG_HASH),
        image: label(labels::IMAGE),
        networks: c
            .network_settings
            .networks
            .values()
            .map(|e| e.network_id.clone())
            .collect(),
        created: 0,
        one_off: label(labels::ONE_OFF) == "True",
    };
    Some((project, container))
}

/// Completes the word before a place of a file.
pub(crate) fn complete(
    kernel: &Kernel,
    machine: &str,
    path: &str,
    text: &str,
    (line, column): (usize, usize),
) -> Completions {
    if !is_compose(path) {
        return Completions::default();
    }
    let directory = Directory::new(kernel);
    let images = directory
        .survey(machine)
        .map(|s| s.images.as_slice())
        .unwrap_or_default();
    let found = assist::complete(text, line, column, Known { images });
    let item = |s: assist::Suggestion| Completion {
        text: s.text,
        description: s.about.to_owned(),
        space: false,
    };
    Completions {
        from: found.from,
        items: found.items.into_iter().map(item).collect(),
    }
}
