//! `docker system df`.

use engine::api::{ContainerListOptions, Filters};

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, render};
use crate::format::size;
use crate::session::{Outcome, Session, complaint, refused};
use crate::template::{Labels, Value};

pub(crate) static COMMAND: Command = Command {
    name: "df",
    usage: "[OPTIONS]",
    short: "Show docker disk usage",
    flags: &[&[
        Flag::text("format", FORMAT_LIST),
        Flag::bool("verbose", "Show detailed information on space usage").short('v'),
    ]],
    args: ArgRule::None,
    action: verb!(run),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}",
    row_type: "*formatter.diskUsageContext",
    headings: &[
        ("Type", "TYPE"),
        ("TotalCount", "TOTAL"),
        ("Active", "ACTIVE"),
        ("Size", "SIZE"),
        ("Reclaimable", "RECLAIMABLE"),
    ],
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    if parsed.on("verbose") {
        return Err(complaint(
            "docker system df --verbose: not modelled in this simulation yet",
        ));
    }
    let client = session.client()?;
    let images = client.image_list(Filters::new()).map_err(refused)?;
    let options = ContainerListOptions {
        all: true,
        ..ContainerListOptions::default()
    };
    let containers = client.container_list(options).map_err(refused)?;
    let used = |id: &str| containers.iter().any(|container| container.image_id == id);
    let total: u64 = images.iter().map(|image| image.size).sum();
    let free: u64 = images
        .iter()
        .filter(|image| !used(&image.id))
        .map(|image| image.size)
        .sum();
    let reclaimable = match free.saturating_mul(100).checked_div(total) {
        Some(percent) => format!("{} ({percent}%)", size::decimal(free, 4)),
        None => size::decimal(free, 4),
    };
    let row = |kind: &str, total: usize, active: usize, size: String, reclaimable: String| {
        let columns = vec![
            ("Type", kind.to_owned()),
            ("TotalCount", total.to_string()),
            ("Active", active.to_string()),
            ("Size", size),
            ("Reclaimable", reclaimable),
        ];
        Value::row(LAYOUT.row_type, columns, Labels::None)
    };
    let nothing = || "0B".to_owned();
    let active_images = images.iter().filter(|image| used(&image.id)).count();
    let running = containers
        .iter()
        .filter(|container| container.state == "running")
        .count();
    let volumes = client.volume_list(Filters::new()).map_err(refused)?;
    let mounted = |name: &str| {
        let mut mounts = containers.iter().flat_map(|c| &c.mounts);
        mounts.any(|mount| mount.name == name)
    };
    let used_volumes = volumes.iter().filter(|v| mounted(&v.name)).count();
    let rows = [
        row(
            "Images",
            images.len(),
            active_images,
            size::decimal(total, 4),
            reclaimable,
        ),
        row(
            "Containers",
            containers.len(),
            running,
            nothing(),
            nothing(),
        ),
        row(
            "Local Volumes",
            volumes.len(),
            used_volumes,
            nothing(),
            nothing(),
        ),
        row("Build Cache", 0, 0, nothing(), nothing()),
    ];
    session
        .sys
        .out(&render(&LAYOUT, parsed.text("format"), &rows).map_err(complaint)?);
    Ok(0)
}
