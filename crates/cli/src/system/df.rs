//! `docker system df`.

use engine::api::{ContainerListOptions, ContainerSummary, Filters, ImageSummary, Sizes, Volume};
use engine::clock::human;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, render};
use crate::format::text::{ellipsis, short_id};
use crate::format::{size, table};
use crate::go;
use crate::session::{Failure, Outcome, Session, complaint, refused};
use crate::template::{Labels, Mode, Template, Value, structure};
use crate::volume::local_volumes;
use crate::{container, image, volume};

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

/// What the engine holds.
struct Held {
    images: Vec<ImageSummary>,
    /// The bytes of all images' layers, those that several have counted once.
    layers: u64,
    containers: Vec<(ContainerSummary, Sizes)>,
    volumes: Vec<Volume>,
}

impl Held {
    fn look(session: &Session) -> Result<Self, Failure> {
        let client = session.client()?;
        let options = ContainerListOptions {
            all: true,
            ..ContainerListOptions::default()
        };
        let mut containers = Vec::new();
        for container in client.container_list(options).map_err(refused)? {
            let sizes = client.container_size(container.id.as_str());
            containers.push((container, sizes.unwrap_or_default()));
        }
        Ok(Self {
            images: client.image_list(false, Filters::new()).map_err(refused)?,
            layers: client.image_layers_size().map_err(refused)?,
            containers,
            volumes: client.volume_list(Filters::new()).map_err(refused)?,
        })
    }

    /// How many containers are made from an image.
    fn users(&self, image: &str) -> usize {
        let made = self.containers.iter().filter(|(c, _)| c.image_id == image);
        made.count()
    }

    /// How many containers mount a volume.
    fn links(&self, volume: &str) -> usize {
        let mounts = |c: &ContainerSummary| c.mounts.iter().any(|m| m.name == volume);
        self.containers.iter().filter(|(c, _)| mounts(c)).count()
    }
}

/// Says how much can be had back, and which part of all that is.
fn share(free: u64, total: u64) -> String {
    match free.saturating_mul(100).checked_div(total) {
        Some(percent) => format!("{} ({percent}%)", size::decimal(free, 4)),
        None => size::decimal(free, 4),
    }
}

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let held = Held::look(&session)?;
    let format = parsed.text("format");
    let text = match (parsed.on("verbose"), format) {
        (true, "" | "table") => verbose(&held, session.now()),
        (true, _) => formatted(&held, format, session.now()).map_err(complaint)?,
        (false, _) => render(&LAYOUT, format, &summary(&held)).map_err(complaint)?,
    };
    session.sys.out(&text);
    Ok(0)
}

fn summary(held: &Held) -> [Value; 4] {
    let row = |kind: &str, total: usize, active: usize, size: u64, reclaimable: String| {
        // Each row has a type of its own. Source: docker/cli `formatter/disk_usage.go`.
        let of = match kind {
            "Images" => "*formatter.diskUsageImagesContext",
            "Containers" => "*formatter.diskUsageContainersContext",
            "Local Volumes" => "*formatter.diskUsageVolumesContext",
            _ => "*formatter.diskUsageBuilderContext",
        };
        let columns = vec![
            ("Type", kind.to_owned()),
            ("TotalCount", total.to_string()),
            ("Active", active.to_string()),
            ("Size", size::decimal(size, 4)),
            ("Reclaimable", reclaimable),
        ];
        Value::row(of, columns, Labels::None)
    };
    let used = |image: &&ImageSummary| held.users(&image.id) > 0;
    let images = || held.images.iter();
    let total = held.layers;
    let own = |image: &ImageSummary| image.size.saturating_sub(image.shared_size.unsigned_abs());
    let in_use: u64 = images().filter(used).map(own).sum();
    let free = total.saturating_sub(in_use);
    let running = |(c, _): &&(ContainerSummary, Sizes)| {
        ["running", "paused", "restarting"].contains(&c.state.as_str())
    };
    let containers = || held.containers.iter();
    let written: u64 = containers().map(|(_, s)| s.written).sum();
    let stopped: u64 = containers()
        .filter(|c| !running(c))
        .map(|(_, s)| s.written)
        .sum();
    let mounted = held.volumes.iter().filter(|v| held.links(&v.name) > 0);
    [
        row(
            "Images",
            images().count(),
            images().filter(used).count(),
            total,
            share(free, total),
        ),
        row(
            "Containers",
            containers().count(),
            containers().filter(running).count(),
            written,
            share(stopped, written),
        ),
        row(
            "Local Volumes",
            held.volumes.len(),
            mounted.count(),
            0,
            share(0, 0),
        ),
        row("Build Cache", 0, 0, 0, share(0, 0)),
    ]
}

/// Fills in a template that sees everything that is held. Source: docker/cli `formatter/disk_usage.go`, `verboseWrite`.
fn formatted(held: &Held, format: &str, now: i64) -> Result<String, String> {
    let body = match format {
        "json" => "{{json .}}",
        other => other.strip_prefix("table").unwrap_or(other),
    };
    let template = Template::parse(body.trim_matches(' '))
        .map_err(|why| format!("template parsing error: {why}"))?;
    let images = held.images.iter();
    let images = images.flat_map(|i| image::ls::rows(i, Some(held.users(&i.id)), false, now));
    let containers = held
        .containers
        .iter()
        .map(|(c, sizes)| container::ls::row(c, size::decimal(sizes.written, 3), false, now));
    let volumes = held.volumes.iter().map(|volume| {
        volume::ls::row(
            volume.clone(),
            Some((held.links(&volume.name), "0B".into())),
        )
    });
    let data = structure(
        LAYOUT.row_type,
        [
            ("Images", Value::List(images.collect())),
            ("Containers", Value::List(containers.collect())),
            ("Volumes", Value::List(volumes.collect())),
            ("BuildCache", Value::List(Vec::new())),
        ],
    );
    template.execute(&data, Mode::Plain)
}

/// Lays out everything that is held, each in a table of its own.
fn verbose(held: &Held, now: i64) -> String {
    let age = |since: i64| format!("{} ago", human(now.saturating_sub(since)));
    let mut images = String::from(
        "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE\tSHARED SIZE\tUNIQUE SIZE\tCONTAINERS\n",
    );
    for image in &held.images {
        let name = image
            .repo_tags
            .first()
            .and_then(|name| name.rsplit_once(':'));
        let (repository, tag) = name.unwrap_or(("<none>", "<none>"));
        images += &format!(
            "{repository}\t{tag}\t{}\t{}\t{}\t{}\t{}\t{}\n",
            short_id(&image.id),
            age(image.created),
            size::decimal(image.size, 3),
            size::decimal(image.shared_size.unsigned_abs(), 4),
            size::decimal(
                image.size.saturating_sub(image.shared_size.unsigned_abs()),
                4
            ),
            held.users(&image.id),
        );
    }
    let mut containers =
        String::from("CONTAINER ID\tIMAGE\tCOMMAND\tLOCAL VOLUMES\tSIZE\tCREATED\tSTATUS\tNAMES\n");
    for (c, sizes) in &held.containers {
        let name = c
            .names
            .first()
            .map_or("", |name| name.trim_start_matches('/'));
        containers += &format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{name}\n",
            short_id(&c.id),
            c.image,
            go::quote(&ellipsis(&c.command, 20)),
            local_volumes(&c.mounts),
            size::decimal(sizes.written, 3),
            age(c.created),
            c.status,
        );
    }
    let mut volumes = String::from("VOLUME NAME\tLINKS\tSIZE\n");
    for volume in &held.volumes {
        volumes += &format!("{}\t{}\t0B\n", volume.name, held.links(&volume.name));
    }
    let cache = "CACHE ID\tCACHE TYPE\tSIZE\tCREATED\tLAST USED\tUSAGE\tSHARED\n";
    format!(
        "Images space usage:\n\n{}\nContainers space usage:\n\n{}\nLocal Volumes space usage:\n\n{}\nBuild cache usage: \
         0B\n\n{}",
        table::align(&images),
        table::align(&containers),
        table::align(&volumes),
        table::align(cache),
    )
}
