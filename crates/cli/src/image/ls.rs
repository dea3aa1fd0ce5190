//! `docker image ls`.

use engine::api::ImageSummary;
use engine::clock::human;

use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::filter;
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, render};
use crate::format::text::short_id;
use crate::format::{size, time};
use crate::session::{Outcome, Session, complaint, refused};
use crate::since;
use crate::template::{Labels, Value};

pub(crate) static COMMAND: Command = Command {
    name: "ls",
    usage: "[OPTIONS] [REPOSITORY[:TAG]]",
    short: "List images",
    aliases: &["list"],
    known_as: "docker image ls, docker image list, docker images",
    flags: &[&[
        Flag::bool("all", "Show all images")
            .short('a')
            .default("hides intermediate images"),
        Flag::bool("digests", "Show digests"),
        Flag::filter("Filter output based on conditions provided").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("no-trunc", "Don't truncate output"),
        Flag::bool("quiet", "Only show image IDs").short('q'),
        Flag::bool(
            "tree",
            "List multi-platform images as a tree (EXPERIMENTAL)",
        ),
    ]],
    args: ArgRule::AtMost(1),
    action: Action::Now(run),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}",
    row_type: "*formatter.imageContext",
    headings: &[
        ("ID", "IMAGE ID"),
        ("Repository", "REPOSITORY"),
        ("Tag", "TAG"),
        ("Digest", "DIGEST"),
        ("CreatedSince", "CREATED"),
        ("CreatedAt", "CREATED AT"),
        ("Size", "SIZE"),
        ("Containers", "CONTAINERS"),
        ("VirtualSize", "SIZE"),
        ("SharedSize", "SHARED SIZE"),
        ("UniqueSize", "UNIQUE SIZE"),
    ],
};

/// The table of `--digests`.
const WITH_DIGESTS: Layout = Layout {
    table: "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}",
    ..LAYOUT
};

/// The format `raw`.
const RAW: &str = "repository: {{.Repository}}\n{{if .Tag}}tag: {{.Tag}}\n{{end}}image_id: {{.ID}}\n\
    created_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n";

/// The same with `--digests`.
const RAW_WITH_DIGESTS: &str = "repository: {{.Repository}}\n{{if .Tag}}tag: {{.Tag}}\n{{end}}\
    {{if .Digest}}digest: {{.Digest}}\n{{end}}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n";

fn run(session: Session, parsed: Parsed) -> Outcome {
    let mut filters = filter::gather(parsed.all("filter"));
    if !parsed.args.is_empty() {
        filters
            .entry("reference".into())
            .or_default()
            .push(parsed.arg(0).to_owned());
    }
    let now = session.now();
    for until in filters.get_mut("until").into_iter().flatten() {
        // What is no moment, the engine refuses.
        if let Ok(at) = since::instant(until, now) {
            *until = at.to_string();
        }
    }
    if parsed.on("tree") {
        return super::tree::run(&session, &parsed, filters);
    }
    let images = session
        .client()?
        .image_list(parsed.on("all"), filters)
        .map_err(refused)?;
    let whole = parsed.on("no-trunc");
    let rows: Vec<Value> = images
        .iter()
        .flat_map(|image| rows(image, None, whole, now))
        .collect();
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.ID}}",
        "raw" if parsed.on("quiet") => "image_id: {{.ID}}",
        "raw" if parsed.on("digests") => RAW_WITH_DIGESTS,
        "raw" => RAW,
        format => format,
    };
    let layout = if parsed.on("digests") {
        &WITH_DIGESTS
    } else {
        &LAYOUT
    };
    session
        .sys
        .out(&render(layout, format, &rows).map_err(complaint)?);
    Ok(0)
}

/// Returns one row for each of an image's names; how many containers are made from it is only known to who counts.
pub(crate) fn rows(
    image: &ImageSummary,
    counted: Option<usize>,
    whole: bool,
    now: i64,
) -> Vec<Value> {
    const NONE: &str = "<none>";
    let names: Vec<(&str, &str)> = match image.repo_tags.is_empty() {
        true => vec![(NONE, NONE)],
        false => image
            .repo_tags
            .iter()
            .map(|tag| tag.rsplit_once(':').unwrap_or((tag, NONE)))
            .collect(),
    };
    let unknown = || "N/A".to_owned();
    let containers = match counted {
        Some(containers) => containers.to_string(),
        None if image.containers < 0 => unknown(),
        None => image.containers.to_string(),
    };
    let shared = image.shared_size.unsigned_abs();
    let parts = [shared, image.size.saturating_sub(shared)];
    let [shared, unique] = parts.map(|part| match counted {
        Some(_) => size::decimal(part, 4),
        None => unknown(),
    });
    let row = |(repository, tag): (&str, &str)| {
        let digest = image
            .repo_digests
            .iter()
            .find_map(|d| d.strip_prefix(repository)?.strip_prefix('@'));
        let columns = vec![
            (
                "ID",
                if whole {
                    image.id.clone()
                } else {
                    short_id(&image.id)
                },
            ),
            ("Repository", repository.to_owned()),
            ("Tag", tag.to_owned()),
            ("Digest", digest.unwrap_or(NONE).to_owned()),
            (
                "CreatedSince",
                format!("{} ago", human(now.saturating_sub(image.created))),
            ),
            ("CreatedAt", time::moment(image.created)),
            ("Size", size::decimal(image.size, 3)),
            ("Containers", containers.clone()),
            ("VirtualSize", size::decimal(image.size, 4)),
            ("SharedSize", shared.clone()),
            ("UniqueSize", unique.clone()),
        ];
        Value::row(LAYOUT.row_type, columns, Labels::None)
    };
    names.into_iter().map(row).collect()
}
