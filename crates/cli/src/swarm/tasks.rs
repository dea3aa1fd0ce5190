//! Lists of tasks, as `docker service ps`, `node ps` and `stack ps` print them.
//! Source: docker/cli `command/task/print.go`, `formatter.go`.

use engine::Client;
use engine::api::Task;
use sorted::SortedMap;

use super::{age_ago, pretty};
use crate::args::{Flag, Parsed};
use crate::format::list::{Layout, render};
use crate::format::text::{ellipsis, natural, short_id};
use crate::session::{Outcome, Session, complaint};
use crate::template::{Labels, Value};

const LAYOUT: Layout = Layout {
    table: "{{.ID}}\t{{.Name}}\t{{.Image}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}\t{{.Ports}}",
    row_type: "*task.taskContext",
    headings: &[
        ("ID", "ID"),
        ("Name", "NAME"),
        ("Image", "IMAGE"),
        ("Node", "NODE"),
        ("DesiredState", "DESIRED STATE"),
        ("CurrentState", "CURRENT STATE"),
        ("Error", "ERROR"),
        ("Ports", "PORTS"),
    ],
};

/// The flags of the three lists, but for `--format`, whose help differs.
pub(super) const FLAGS: &[Flag] = &[
    Flag::filter("Filter output based on conditions provided").short('f'),
    Flag::bool("no-resolve", "Do not map IDs to Names"),
    Flag::bool("no-trunc", "Do not truncate output"),
    Flag::bool("quiet", "Only display task IDs").short('q'),
];

/// Names for ids, asked for once each.
pub(super) struct Names<'a> {
    client: &'a Client,
    /// True if ids are to stay ids.
    off: bool,
    known: SortedMap<String, String>,
}

impl<'a> Names<'a> {
    /// Nothing is known yet.
    pub(super) fn new(client: &'a Client, off: bool) -> Self {
        Self {
            client,
            off,
            known: SortedMap::new(),
        }
    }

    fn resolve(&mut self, id: &str, ask: impl FnOnce(&Client) -> Option<String>) -> String {
        if self.off {
            return id.to_owned();
        }
        if let Some(name) = self.known.get(id) {
            return name.clone();
        }
        let name = ask(self.client).unwrap_or_else(|| id.to_owned());
        self.known.insert(id.to_owned(), name.clone());
        name
    }

    /// Returns a node's name.
    pub(super) fn node(&mut self, id: &str) -> String {
        self.resolve(id, |client| {
            let node = client.node_inspect(id).ok()?;
            let names = [node.spec.name, node.description.hostname];
            names.into_iter().find(|name| !name.is_empty())
        })
    }

    /// Returns a service's name.
    pub(super) fn service(&mut self, id: &str) -> String {
        self.resolve(id, |client| {
            let service = client.service_inspect(id, false).ok()?;
            Some(service.spec.name)
        })
    }
}

/// Prints tasks as the flags ask, ids cut to 12 letters if `cut`.
pub(super) fn print(
    session: &Session,
    client: &Client,
    tasks: Vec<Task>,
    parsed: &Parsed,
    cut: bool,
) -> Outcome {
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.ID}}",
        "raw" if parsed.on("quiet") => "id: {{.ID}}",
        "raw" => {
            "id: {{.ID}}\nname: {{.Name}}\nimage: {{.Image}}\nnode: {{.Node}}\ndesired_state: {{.DesiredState}}\n\
             current_state: {{.CurrentState}}\nerror: {{.Error}}\nports: {{.Ports}}\n"
        }
        format => format,
    };
    let mut names = Names::new(client, parsed.on("no-resolve"));
    let mut named: Vec<(String, Task)> = tasks
        .into_iter()
        .map(|task| (name(&mut names, &task), task))
        .collect();
    // Those of one slot stand together, the newest first.
    sorted::sort_by(&mut named, |(a, one), (b, other)| {
        natural(a, b).then_with(|| other.created_at.cmp(&one.created_at))
    });
    let indent = match format.is_empty() || format.starts_with("table") {
        true => " \\_ ",
        false => "",
    };
    let mut before: &str = "";
    let mut rows = Vec::new();
    for (name, task) in &named {
        let shown = match name == before {
            true => format!("{indent}{name}"),
            false => name.clone(),
        };
        before = name;
        let node = names.node(&task.node_id);
        rows.push(row(task, shown, node, cut, session.now()));
    }
    let text = render(&LAYOUT, format, &rows).map_err(complaint)?;
    session.sys.out(&text);
    Ok(0)
}

/// `SERVICE.SLOT`, or `SERVICE.NODEID` where there is one for each node.
fn name(names: &mut Names<'_>, task: &Task) -> String {
    let service = names.service(&task.service_id);
    match task.slot {
        0 => format!("{service}.{}", task.node_id),
        slot => format!("{service}.{slot}"),
    }
}

fn row(task: &Task, name: String, node: String, cut: bool, now: i64) -> Value {
    let image = match &task.spec.container_spec {
        Some(container) if cut => shown_image(&container.image),
        Some(container) => container.image.clone(),
        None => String::new(),
    };
    let error = match cut {
        true => ellipsis(&task.status.err, 30),
        false => task.status.err.clone(),
    };
    let ports: Vec<String> = task
        .status
        .port_status
        .ports
        .iter()
        .map(|p| format!("*:{}->{}/{}", p.published_port, p.target_port, p.protocol))
        .collect();
    let columns = vec![
        (
            "ID",
            match cut {
                true => short_id(&task.id),
                false => task.id.clone(),
            },
        ),
        ("Name", name),
        ("Image", image),
        ("Node", node),
        ("DesiredState", pretty(&task.desired_state)),
        (
            "CurrentState",
            format!(
                "{} {}",
                pretty(&task.status.state),
                age_ago(&task.status.timestamp, now).to_ascii_lowercase()
            ),
        ),
        (
            "Error",
            match error.is_empty() {
                true => error,
                false => format!("\"{error}\""),
            },
        ),
        ("Ports", ports.join(",")),
    ];
    Value::row(LAYOUT.row_type, columns, Labels::None)
}

/// Returns an image's name without its digest, if it has a tag too.
pub(super) fn shown_image(image: &str) -> String {
    let named = match image.split_once('@') {
        Some((named, _)) if named.rsplit('/').next().is_some_and(|n| n.contains(':')) => named,
        _ => image,
    };
    let named = named.strip_prefix("docker.io/").unwrap_or(named);
    named.strip_prefix("library/").unwrap_or(named).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_shown_only_where_nothing_else_is() {
        let digest = "@sha256:0123";
        assert_eq!(
            shown_image(&format!("nginx:alpine{digest}")),
            "nginx:alpine"
        );
        assert_eq!(
            shown_image(&format!("nginx{digest}")),
            format!("nginx{digest}")
        );
        assert_eq!(shown_image("docker.io/library/nginx:1"), "nginx:1");
        assert_eq!(
            shown_image(&format!("reg:5000/a{digest}")),
            format!("reg:5000/a{digest}")
        );
    }
}
