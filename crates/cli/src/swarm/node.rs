//! `docker node`.

use engine::Client;
use engine::api::{NodeSpec, SwarmChange, SwarmNode};

use super::{lines, pretty, tasks};
use crate::args::{Action, ArgRule, Command, Flag, Parsed, Section, verb};
use crate::filter;
use crate::flags::{FORMAT, FORMAT_LIST};
use crate::format::list::{Layout, render};
use crate::format::{size, text, time};
use crate::pairs;
use crate::session::{Failure, Outcome, Session, complaint, refused, said};
use crate::template::{Labels, Value};

pub(crate) static COMMAND: Command = Command {
    name: "node",
    short: "Manage Swarm nodes",
    sections: &[Section {
        title: "Commands",
        commands: &[&DEMOTE, &INSPECT, &LS, &PROMOTE, &PS, &RM, &UPDATE],
    }],
    args: ArgRule::None,
    swarm_only: true,
    ..Command::BLANK
};

pub(crate) static DEMOTE: Command = Command {
    name: "demote",
    usage: "NODE [NODE...]",
    short: "Demote one or more nodes from manager in the swarm",
    args: ArgRule::AtLeast(1),
    action: verb!(set_role),
    ..Command::BLANK
};

pub(crate) static INSPECT: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] self|NODE [NODE...]",
    short: "Display detailed information on one or more nodes",
    flags: &[&[
        Flag::text("format", FORMAT).short('f'),
        Flag::bool("pretty", "Print the information in a human friendly format"),
    ]],
    args: ArgRule::AtLeast(1),
    action: verb!(inspect),
    ..Command::BLANK
};

pub(crate) static LS: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List nodes in the swarm",
    aliases: &["list"],
    known_as: "docker node ls, docker node list",
    flags: &[&[
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only display IDs").short('q'),
    ]],
    args: ArgRule::None,
    action: Action::Now(ls),
    ..Command::BLANK
};

pub(crate) static PROMOTE: Command = Command {
    name: "promote",
    usage: "NODE [NODE...]",
    short: "Promote one or more nodes to manager in the swarm",
    args: ArgRule::AtLeast(1),
    action: verb!(set_role),
    ..Command::BLANK
};

pub(crate) static PS: Command = Command {
    name: "ps",
    usage: "[OPTIONS] [NODE...]",
    short: "List tasks running on one or more nodes, defaults to current node",
    flags: &[
        tasks::FLAGS,
        &[Flag::text(
            "format",
            "Pretty-print tasks using a Go template",
        )],
    ],
    action: Action::Now(ps),
    ..Command::BLANK
};

pub(crate) static RM: Command = Command {
    name: "rm",
    usage: "[OPTIONS] NODE [NODE...]",
    short: "Remove one or more nodes from the swarm",
    aliases: &["remove"],
    known_as: "docker node rm, docker node remove",
    flags: &[&[Flag::bool("force", "Force remove a node from the swarm").short('f')]],
    args: ArgRule::AtLeast(1),
    action: verb!(rm),
    ..Command::BLANK
};

pub(crate) static UPDATE: Command = Command {
    name: "update",
    usage: "[OPTIONS] NODE",
    short: "Update a node",
    flags: &[&[
        Flag::text(
            "availability",
            "Availability of the node (\"active\", \"pause\", \"drain\")",
        ),
        Flag::list("label-add", "Add or update a node label (\"key=value\")")
            .check(pairs::check_label),
        Flag::list("label-rm", "Remove a node label if exists"),
        Flag::text("role", "Role of the node (\"worker\", \"manager\")"),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(update),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.ID}} {{if .Self}}*{{else}} {{end}}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}",
    row_type: "*node.nodeContext",
    headings: &[
        ("ID", "ID"),
        ("Self", ""),
        ("Hostname", "HOSTNAME"),
        ("Status", "STATUS"),
        ("Availability", "AVAILABILITY"),
        ("ManagerStatus", "MANAGER STATUS"),
        ("EngineVersion", "ENGINE VERSION"),
        ("TLSStatus", "TLS STATUS"),
    ],
};

fn ls(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let mut nodes = client
        .node_list(filter::gather(parsed.all("filter")))
        .map_err(refused)?;
    sorted::sort_by(&mut nodes, |a, b| {
        text::natural(&a.description.hostname, &b.description.hostname)
    });
    let swarm = client.info().map_err(refused)?.swarm;
    let root = swarm.cluster.map(|cluster| cluster.tls_info);
    let row = |node: &SwarmNode| {
        let trusts = &node.description.tls_info;
        let tls = match &root {
            Some(root) if !root.trust_root.is_empty() && !trusts.trust_root.is_empty() => {
                match root == trusts {
                    true => "Ready",
                    false => "Needs Rotation",
                }
            }
            _ => "Unknown",
        };
        let manager = match &node.manager_status {
            Some(status) if status.leader => "Leader".to_owned(),
            Some(status) => pretty(&status.reachability),
            None => String::new(),
        };
        let columns = vec![
            ("ID", node.id.clone()),
            ("Hostname", node.description.hostname.clone()),
            ("Status", pretty(&node.status.state)),
            ("Availability", pretty(&node.spec.availability)),
            ("ManagerStatus", manager),
            (
                "EngineVersion",
                node.description.engine.engine_version.clone(),
            ),
            ("TLSStatus", tls.to_owned()),
        ];
        Value::row(LAYOUT.row_type, columns, Labels::None)
            .with("Self", Value::Bool(node.id == swarm.node_id))
    };
    let rows: Vec<Value> = nodes.iter().map(row).collect();
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.ID}}",
        "raw" if parsed.on("quiet") => "node_id: {{.ID}}",
        "raw" => {
            "node_id: {{.ID}}\nhostname: {{.Hostname}}\nstatus: {{.Status}}\navailability: {{.Availability}}\n\
             manager_status: {{.ManagerStatus}}\n"
        }
        format => format,
    };
    let text = render(&LAYOUT, format, &rows).map_err(complaint)?;
    session.sys.out(&text);
    Ok(0)
}

async fn inspect(session: Session, parsed: Parsed) -> Outcome {
    super::inspect(&session, &parsed, "node", |client, name| {
        Ok(pretty_node(&client.node_inspect(own(client, name))?))
    })
    .await
}

/// The id of this node for `self`, which only some verbs understand. Source: docker/cli `command/node/cmd.go`, `Reference`.
pub(super) fn own(client: &Client, name: &str) -> String {
    match name {
        "self" => client
            .info()
            .map(|info| info.swarm.node_id)
            .unwrap_or_default(),
        name => name.to_owned(),
    }
}

/// One node for people. Source: docker/cli `command/node/formatter.go`.
fn pretty_node(node: &SwarmNode) -> String {
    let mut out = format!("ID:\t\t\t{}\n", node.id);
    let mut add = |text: &str| out.push_str(text);
    if !node.spec.name.is_empty() {
        add(&format!("Name:\t\t\t{}\n", node.spec.name));
    }
    add(&lines("Labels:\n", " - ", &node.spec.labels));
    add(&format!(
        "Hostname:              \t{}\nJoined at:             \t{}\nStatus:\n State:\t\t\t{}\n",
        node.description.hostname,
        pretty(&time::plain(&node.created_at)),
        pretty(&node.status.state)
    ));
    if !node.status.message.is_empty() {
        add(&format!(
            " Message:              \t{}\n",
            pretty(&node.status.message)
        ));
    }
    add(&format!(
        " Availability:         \t{}\n",
        pretty(&node.spec.availability)
    ));
    if !node.status.addr.is_empty() {
        add(&format!(" Address:\t\t{}\n", node.status.addr));
    }
    if let Some(manager) = &node.manager_status {
        add(&format!(
            "Manager Status:\n Address:\t\t{}\n Raft Status:\t\t{}\n Leader:\t\t{}\n",
            manager.addr,
            pretty(&manager.reachability),
            if manager.leader { "Yes" } else { "No" }
        ));
    }
    let description = &node.description;
    let memory = u64::try_from(description.resources.memory_bytes).unwrap_or(0);
    add(&format!(
        "Platform:\n Operating System:\t{}\n Architecture:\t\t{}\nResources:\n CPUs:\t\t\t{}\n Memory:\t\t{}\n",
        description.platform.os,
        description.platform.architecture,
        description.resources.nano_cpus / 1_000_000_000,
        match memory {
            0 => String::new(),
            bytes => size::binary(bytes),
        }
    ));
    let plugins = &description.engine.plugins;
    if !plugins.is_empty() {
        add("Plugins:\n");
    }
    let mut kind = "";
    // They come in the order of their kinds.
    for (at, plugin) in plugins.iter().enumerate() {
        if plugin.kind != kind {
            kind = &plugin.kind;
            let of_kind = plugins.get(at..).unwrap_or(&[]).iter();
            let names: Vec<&str> = of_kind
                .filter(|p| p.kind == kind)
                .map(|p| p.name.as_str())
                .collect();
            add(&format!(" {kind}:\t\t{}\n", names.join(", ")));
        }
    }
    add(&format!(
        "Engine Version:\t\t{}\n",
        description.engine.engine_version
    ));
    add(&lines(
        "Engine Labels:\n",
        " - ",
        &description.engine.labels,
    ));
    let tls = &description.tls_info;
    if !tls.trust_root.is_empty() {
        add(&format!(
            "TLS Info:\n TrustRoot:\n{}\n Issuer Subject:\t{}\n Issuer Public Key:\t{}\n",
            tls.trust_root, tls.cert_issuer_subject, tls.cert_issuer_public_key
        ));
    }
    out
}

fn ps(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let this = ["self".to_owned()];
    let nodes = match parsed.args.is_empty() {
        true => &this,
        false => parsed.args.as_slice(),
    };
    let mut complaints = Vec::new();
    let mut found = Vec::new();
    for name in nodes {
        let tasks = client.node_inspect(own(&client, name)).and_then(|node| {
            let mut filters = filter::gather(parsed.all("filter"));
            filters.entry("node".into()).or_default().push(node.id);
            client.task_list(filters)
        });
        match tasks {
            Ok(tasks) => found.extend(tasks),
            Err(error) => complaints.push(said(&error)),
        }
    }
    if complaints.is_empty() || !found.is_empty() {
        let cut = !parsed.on("no-trunc");
        if let Err(failure) = tasks::print(&session, &client, found, &parsed, cut) {
            complaints.push(failure.text);
        }
    }
    match complaints.is_empty() {
        true => Ok(0),
        false => Err(complaint(complaints.join("\n"))),
    }
}

async fn rm(session: Session, parsed: Parsed) -> Outcome {
    let force = parsed.on("force");
    super::remove(&session, &parsed.args, |id| SwarmChange::NodeRemove {
        id,
        force,
    })
    .await
}

/// Changes one node and tells whether there was anything to do.
async fn change(
    client: &Client,
    name: &str,
    merge: impl FnOnce(&SwarmNode, &mut NodeSpec) -> Result<bool, String>,
) -> Result<bool, Failure> {
    let node = client.node_inspect(name).map_err(refused)?;
    let mut spec = node.spec.clone();
    if !merge(&node, &mut spec).map_err(complaint)? {
        return Ok(false);
    }
    let change = SwarmChange::Node {
        id: node.id,
        version: node.version.index,
        spec,
    };
    client.swarm_change(change).await.map_err(refused)?;
    Ok(true)
}

/// `promote` and `demote`.
async fn set_role(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let up = parsed.command.name == "promote";
    let role = if up { "manager" } else { "worker" };
    for name in &parsed.args {
        let merge = |node: &SwarmNode, spec: &mut NodeSpec| {
            if spec.role == role {
                session.line(&format!("Node {} is already a {role}.", node.id));
                return Ok(false);
            }
            role.clone_into(&mut spec.role);
            Ok(true)
        };
        if change(&client, name, merge).await? {
            session.line(&match up {
                true => format!("Node {name} promoted to a manager in the swarm."),
                false => format!("Manager {name} demoted in the swarm."),
            });
        }
    }
    Ok(0)
}

async fn update(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let merge = |_: &SwarmNode, spec: &mut NodeSpec| {
        let set = |flag: &str, field: &mut String| {
            if let Some(text) = parsed.given_text(flag) {
                text.clone_into(field);
            }
        };
        set("role", &mut spec.role);
        set("availability", &mut spec.availability);
        for (key, value) in pairs::map(parsed.all("label-add")) {
            spec.labels.insert(key, value);
        }
        for key in parsed.all("label-rm") {
            if spec.labels.remove(key).is_none() {
                return Err(format!("key {key} doesn't exist in node's labels"));
            }
        }
        Ok(true)
    };
    change(&client, parsed.arg(0), merge).await?;
    session.line(parsed.arg(0));
    Ok(0)
}
