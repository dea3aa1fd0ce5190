//! `docker network ls`.

use engine::api::NetworkSummary;

use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::filter;
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, labels, render};
use crate::format::text::{natural, short_id};
use crate::format::time;
use crate::session::{Outcome, Session, complaint, refused};
use crate::template::{Labels, Value};

pub(crate) static COMMAND: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List networks",
    aliases: &["list"],
    known_as: "docker network ls, docker network list",
    flags: &[&[
        Flag::filter("Provide filter values (e.g. \"driver=bridge\")").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("no-trunc", "Do not truncate the output"),
        Flag::bool("quiet", "Only display network IDs").short('q'),
    ]],
    args: ArgRule::None,
    action: Action::Now(run),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}",
    row_type: "*network.networkContext",
    headings: &[
        ("ID", "NETWORK ID"),
        ("Name", "NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("IPv4", "IPV4"),
        ("IPv6", "IPV6"),
        ("Internal", "INTERNAL"),
        ("Labels", "LABELS"),
        ("CreatedAt", "CREATED AT"),
    ],
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let mut networks = session
        .client()?
        .network_list(filter::gather(parsed.all("filter")))
        .map_err(refused)?;
    sorted::sort_by(&mut networks, |a, b| natural(&a.name, &b.name));
    let rows: Vec<Value> = networks
        .iter()
        .map(|network| row(network, parsed.on("no-trunc")))
        .collect();
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.ID}}",
        "raw" if parsed.on("quiet") => "network_id: {{.ID}}",
        "raw" => "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
        format => format,
    };
    session
        .sys
        .out(&render(&LAYOUT, format, &rows).map_err(complaint)?);
    Ok(0)
}

fn row(network: &NetworkSummary, whole_ids: bool) -> Value {
    let id = if whole_ids {
        network.id.clone()
    } else {
        short_id(&network.id)
    };
    let known = network.labels.clone().unwrap_or_default();
    let columns = vec![
        ("ID", id),
        ("Name", network.name.clone()),
        ("Driver", network.driver.clone()),
        ("Scope", network.scope.clone()),
        ("IPv4", network.enable_ipv4.to_string()),
        ("IPv6", network.enable_ipv6.to_string()),
        ("Internal", network.internal.to_string()),
        ("Labels", labels(&known)),
        ("CreatedAt", time::plain(&network.created)),
    ];
    Value::row(LAYOUT.row_type, columns, Labels::Values(known))
}
