//! What a task's container is told with its own names filled in: values of its service, and its secrets and configs.
//!
//! Source: swarmkit `template/context.go`, `template/getter.go`.

use super::dispatcher::Brief;
use super::executor::container_name;
use crate::api::{FileTarget, SwarmDriver, Task};
use crate::daemon::Engine;
use crate::error::Error;

impl Engine {
    /// Fills in what a value of a service leaves open.
    pub(super) fn fill(&self, text: &str, task: &Task, brief: &Brief) -> String {
        filled(text, task, brief, &self.sys().hostname())
    }

    /// Puts the secrets and configs of a task where its container sees them.
    pub(super) fn write_references(&self, container: &str, task: &Task, brief: &Brief) {
        let Some(spec) = &task.spec.container_spec else {
            return;
        };
        let known = self.swarm(|s| (s.assigned.secrets.clone(), s.assigned.configs.clone()));
        let (secrets, configs) = known.unwrap_or_default();
        let mut files: Vec<(String, Vec<u8>, u32)> = Vec::new();
        let mut add =
            |below: &str, file: &FileTarget, data: &str, templating: Option<&SwarmDriver>| {
                let path = match file.name.starts_with('/') {
                    true => file.name.clone(),
                    false => format!("{below}/{}", file.name),
                };
                let mut data = wire::base64::decode(data).unwrap_or_default();
                if templating.is_some_and(|t| t.name == "golang") {
                    // Here the node has no description, and so no name. Seen.
                    let text = filled(&String::from_utf8_lossy(&data), task, brief, "");
                    data = text.into_bytes();
                }
                files.push((path, data, file.mode));
            };
        for reference in &spec.secrets {
            let found = secrets.iter().find(|s| s.id == reference.secret_id);
            if let (Some(secret), Some(file)) = (found, &reference.file) {
                add(
                    "/run/secrets",
                    file,
                    &secret.spec.data,
                    secret.spec.templating.as_ref(),
                );
            }
        }
        for reference in &spec.configs {
            let found = configs.iter().find(|c| c.id == reference.config_id);
            if let (Some(config), Some(file)) = (found, &reference.file) {
                add("", file, &config.spec.data, config.spec.templating.as_ref());
            }
        }
        let mount = self.state().containers.get(container).map(|c| c.mount);
        let Some(mount) = mount else { return };
        let references = self.sys().kernel(|k| {
            let now = k.now;
            let mut references = Vec::new();
            for (path, data, mode) in files {
                let at = k.destination(mount, &path);
                let place = k.place(mount, &at);
                if let Some(tree) = k.tree_mut(place.tree) {
                    let mode = u16::try_from(mode & 0o7777).unwrap_or(0o444);
                    let node = kernel::fs::Node::File(data.into());
                    tree.put(&place.path, node, mode.into(), now);
                }
                references.push(at);
            }
            references
        });
        if let Some(c) = self.state().containers.get_mut(container) {
            c.references = references;
        }
    }
}

/// What a value may name, as its type is written in Go, by the path that leads there.
const TYPES: [(&str, &str); 5] = [
    ("", "*template.Context"),
    (
        "Service",
        "struct { ID string; Name string; Labels map[string]string }",
    ),
    (
        "Node",
        "struct { ID string; Hostname string; Platform template.Platform }",
    ),
    ("Node.Platform", "template.Platform"),
    ("Task", "struct { ID string; Name string; Slot string }"),
];

/// The values that a template may name; beside them there are a service's labels.
const VALUES: [&str; 9] = [
    "Service.ID",
    "Service.Name",
    "Node.ID",
    "Node.Hostname",
    "Node.Platform.Architecture",
    "Node.Platform.OS",
    "Task.ID",
    "Task.Name",
    "Task.Slot",
];

/// A piece of a template.
enum Piece<'t> {
    /// As it stands.
    Text(&'t str),
    /// What a path such as `Node.Hostname` leads to, and where in the text it begins.
    Value(String, usize),
}

/// Checks a value that may be a template. `Err` is what Go's library says of it. Source: go `text/template`.
pub(super) fn check(text: &str) -> Result<(), String> {
    pieces(text)?.iter().try_for_each(|piece| match piece {
        Piece::Text(_) => Ok(()),
        Piece::Value(path, at) => lookup(text, path, *at),
    })
}

/// Takes a template apart.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        pieces.push(Piece::Text(before));
        let wrong = |what: &str| {
            let line = before.matches('\n').count() + lines_before(text, rest);
            format!("template: expansion:{line}: {what}")
        };
        let Some((inner, behind)) = after.split_once("}}") else {
            return Err(wrong("unclosed action"));
        };
        let word = inner.trim();
        let indexed = word.strip_prefix("index .Service.Labels ");
        let path = match (word, indexed) {
            ("", _) => return Err(wrong("missing value for command")),
            (_, Some(key)) => format!("Service.Labels.{}", key.trim().trim_matches('"')),
            (word, None) => match word.strip_prefix('.') {
                Some(path) if !path.contains([' ', '|', '(']) => path.to_owned(),
                Some(_) => {
                    let what = "templates of services with more than one word";
                    return Err(Error::not_modelled(what).to_string());
                }
                None => {
                    let name = word.split(' ').next().unwrap_or_default();
                    return Err(wrong(&format!("function \"{name}\" not defined")));
                }
            },
        };
        let blanks = inner.len() - inner.trim_start().len();
        pieces.push(Piece::Value(path, text.len() - after.len() + blanks));
        rest = behind;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// In which line of a text its end part begins, counted from one.
fn lines_before(text: &str, end: &str) -> usize {
    let before = text.len() - end.len();
    let before = text.get(..before).unwrap_or_default();
    before.matches('\n').count() + 1
}

/// Says what is wrong with a path, if it does not lead to a value.
fn lookup(text: &str, path: &str, at: usize) -> Result<(), String> {
    if VALUES.contains(&path) || path.starts_with("Service.Labels.") {
        return Ok(());
    }
    let mut known = "";
    // A longer path is told of by where its second part begins.
    let mut at = at + path.find('.').map_or(0, |dot| dot + 1);
    for (end, _) in path.match_indices('.').chain([(path.len(), "")]) {
        let part = path.get(..end).unwrap_or_default();
        match TYPES.iter().find(|(name, _)| *name == part) {
            Some((name, _)) => known = *name,
            None => break,
        }
    }
    let Some((_, kind)) = TYPES.iter().find(|(name, _)| *name == known) else {
        return Ok(());
    };
    let field = path
        .strip_prefix(known)
        .map(|rest| rest.trim_start_matches('.'))
        .and_then(|rest| rest.split('.').next())
        .unwrap_or_default();
    if field.is_empty() || path == "Service.Labels" {
        return Ok(());
    }
    let line = lines_before(text, text.get(at..).unwrap_or_default());
    if let Some(newline) = text.get(..at).and_then(|before| before.rfind('\n')) {
        at -= newline;
    }
    Err(format!(
        "template: expansion:{line}:{at}: executing \"expansion\" at <.{path}>: can't evaluate field {field} in type {kind}"
    ))
}

/// Fills in what is known. Only what [`check`] lets pass gets here.
fn filled(text: &str, task: &Task, brief: &Brief, host: &str) -> String {
    if !text.contains("{{") {
        return text.to_owned();
    }
    let slot = match task.slot {
        0 => task.node_id.clone(),
        slot => slot.to_string(),
    };
    let value = |path: &str| match path {
        "Service.ID" => task.service_id.clone(),
        "Service.Name" => brief.name.clone(),
        "Node.ID" => task.node_id.clone(),
        "Node.Hostname" => host.to_owned(),
        "Node.Platform.Architecture" => "x86_64".to_owned(),
        "Node.Platform.OS" => "linux".to_owned(),
        "Task.ID" => task.id.clone(),
        "Task.Name" => container_name(task, brief),
        "Task.Slot" => slot.clone(),
        path => path
            .strip_prefix("Service.Labels.")
            .and_then(|key| brief.labels.get(key).cloned())
            .unwrap_or_default(),
    };
    let pieces = pieces(text).unwrap_or_else(|_| vec![Piece::Text(text)]);
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Value(path, _) => value(path),
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn go_says_what_is_wrong_with_a_template() {
        let wrong = |text: &str| check(text).unwrap_err();
        assert_eq!(check("X={{.Service.Name}}-{{ .Task.Slot }}"), Ok(()));
        assert_eq!(
            check("{{index .Service.Labels \"a.b\"}}{{.Service.Labels.c}}"),
            Ok(())
        );
        // Seen.
        assert_eq!(
            wrong("{{.Nope}}"),
            "template: expansion:1:2: executing \"expansion\" at <.Nope>: can't evaluate field Nope in type *template.Context"
        );
        assert_eq!(
            wrong("X={{.Service"),
            "template: expansion:1: unclosed action"
        );
        assert_eq!(
            wrong("{{.Node.Nope}}"),
            "template: expansion:1:7: executing \"expansion\" at <.Node.Nope>: can't evaluate field Nope in type \
             struct { ID string; Hostname string; Platform template.Platform }"
        );
        assert_eq!(
            wrong("{{nope}}"),
            "template: expansion:1: function \"nope\" not defined"
        );
    }
}
