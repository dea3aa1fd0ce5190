//! `docker container ls`.

use engine::api::{ContainerListOptions, ContainerSummary, Sizes};
use engine::clock::human;

use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::filter;
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, labels, render};
use crate::format::ports::{Port, displayable};
use crate::format::size::decimal;
use crate::format::text::{ellipsis, short_id};
use crate::format::time;
use crate::go;
use crate::session::{Outcome, Session, complaint, refused};
use crate::template::{Labels, Missing, Mode, Template, Value};
use crate::volume::{local_volumes, mount_name};

pub(crate) static COMMAND: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List containers",
    aliases: &["list", "ps"],
    known_as: "docker container ls, docker container list, docker container ps, docker ps",
    flags: &[&[
        Flag::bool("all", "Show all containers")
            .short('a')
            .default("shows just running"),
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::int(
            "last",
            "Show n last created containers (includes all states)",
        )
        .short('n')
        .default("-1"),
        Flag::bool(
            "latest",
            "Show the latest created container (includes all states)",
        )
        .short('l'),
        Flag::bool("no-trunc", "Don't truncate output"),
        Flag::bool("quiet", "Only display container IDs").short('q'),
        Flag::bool("size", "Display total file sizes").short('s'),
    ]],
    args: ArgRule::None,
    action: Action::Now(run),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}",
    row_type: "*formatter.ContainerContext",
    headings: &[
        ("ID", "CONTAINER ID"),
        ("Names", "NAMES"),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("CreatedAt", "CREATED AT"),
        ("RunningFor", "CREATED"),
        ("Ports", "PORTS"),
        ("State", "STATE"),
        ("Status", "STATUS"),
        ("Size", "SIZE"),
        ("Labels", "LABELS"),
        ("Mounts", "MOUNTS"),
        ("LocalVolumes", "LOCAL VOLUMES"),
        ("Networks", "NETWORKS"),
        ("Platform", "PLATFORM"),
    ],
};

/// The format `raw`.
const RAW: &str = "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\n\
    state: {{.State}}\nstatus: {{.Status}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n";

/// The same with `--size`.
const RAW_WITH_SIZE: &str = "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\n\
    state: {{.State}}\nstatus: {{.Status}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n\
    size: {{.Size}}\n";

/// The table of `--size`.
const WITH_SIZE: Layout = Layout {
    table: "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}\t{{.Size}}",
    ..LAYOUT
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let format = parsed.text("format");
    let whole = parsed.on("no-trunc");
    try_out(format).map_err(complaint)?;
    let last = if parsed.on("latest") {
        1
    } else {
        parsed.int("last")
    };
    let options = ContainerListOptions {
        all: parsed.on("all"),
        limit: usize::try_from(last).ok().filter(|n| *n > 0),
        filters: filter::gather(parsed.all("filter")),
    };
    let client = session.client()?;
    let containers = client.container_list(options).map_err(refused)?;
    // The word `json` alone says nothing about sizes yet, unlike the template that it stands for.
    let weighs = parsed.on("size")
        || format != "json" && (format.contains("Size") || format.contains("json"));
    let mut rows = Vec::new();
    for container in &containers {
        let sizes = match weighs {
            true => client.container_size(container.id.as_str()).ok(),
            false => None,
        };
        let size = shown_size(sizes.unwrap_or_default());
        rows.push(row(container, size, whole, session.now()));
    }
    let quiet = parsed.on("quiet");
    if quiet && !format.is_empty() {
        session.complain(
            "WARNING: Ignoring custom format, because both --format and --quiet are set.",
        );
    }
    let format = match format {
        "raw" if quiet => "container_id: {{.ID}}",
        _ if quiet => "{{.ID}}",
        "raw" if parsed.on("size") => RAW_WITH_SIZE,
        "raw" => RAW,
        format => format,
    };
    let layout = if parsed.on("size") {
        &WITH_SIZE
    } else {
        &LAYOUT
    };
    session
        .sys
        .out(&render(layout, format, &rows).map_err(complaint)?);
    Ok(0)
}

/// Runs a template over nothing before the engine is asked, as docker does to see which columns it needs.
fn try_out(format: &str) -> Result<(), String> {
    let template =
        Template::parse(format).map_err(|why| format!("failed to parse template: {why}"))?;
    let blank = row(&ContainerSummary::default(), String::new(), false, 0);
    match template.execute(&blank, Mode::Plain) {
        Ok(_) => Ok(()),
        Err(why) => Err(format!("failed to execute template: {why}")),
    }
}

/// Says what a container has written, and what it is with its image.
pub(crate) fn shown_size(sizes: Sizes) -> String {
    let written = decimal(sizes.written, 3);
    match sizes.all {
        0 => written,
        all => format!("{written} (virtual {})", decimal(all, 3)),
    }
}

/// Returns the row of a container.
pub(crate) fn row(container: &ContainerSummary, size: String, whole: bool, now: i64) -> Value {
    let names: Vec<&str> = container
        .names
        .iter()
        .map(|name| name.trim_start_matches('/'))
        .collect();
    let names = match names.iter().find(|name| !name.contains('/')) {
        Some(own) if !whole => (*own).to_owned(),
        _ => names.join(","),
    };
    let command = if whole {
        container.command.clone()
    } else {
        ellipsis(&container.command, 20)
    };
    let ports: Vec<Port<'_>> = container
        .ports
        .iter()
        .map(|p| Port {
            ip: &p.ip,
            private: p.private_port,
            public: p.public_port,
            protocol: &p.protocol,
        })
        .collect();
    let networks: Vec<&str> = container
        .network_settings
        .networks
        .keys()
        .map(String::as_str)
        .collect();
    let mounts: Vec<String> = container
        .mounts
        .iter()
        .map(|mount| {
            if whole {
                mount_name(mount).to_owned()
            } else {
                ellipsis(mount_name(mount), 15)
            }
        })
        .collect();
    let columns = vec![
        (
            "ID",
            if whole {
                container.id.clone()
            } else {
                short_id(&container.id)
            },
        ),
        ("Names", names),
        (
            "Image",
            if container.image.is_empty() {
                "<no image>".to_owned()
            } else {
                match container.image == container.image_id {
                    true if !whole => short_id(&container.image),
                    _ => container.image.clone(),
                }
            },
        ),
        ("Command", go::quote(&command)),
        ("CreatedAt", time::moment(container.created)),
        (
            "RunningFor",
            format!("{} ago", human(now.saturating_sub(container.created))),
        ),
        ("Ports", displayable(&ports)),
        ("State", container.state.clone()),
        ("Status", container.status.clone()),
        ("Size", size),
        ("Labels", labels(&container.labels)),
        ("Mounts", mounts.join(",")),
        ("LocalVolumes", local_volumes(&container.mounts)),
        ("Networks", networks.join(",")),
    ];
    Value::row(
        LAYOUT.row_type,
        columns,
        Labels::Values(container.labels.clone()),
    )
    .with("Platform", Value::Nil(Missing::Pointer))
}
