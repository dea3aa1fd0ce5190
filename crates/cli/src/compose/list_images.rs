//! `docker compose images`.

use engine::clock::human;

use super::DRY_RUN;
use super::context::{Compose, Scope, seen};
use crate::args::{Command, Flag, Parsed, verb};
use crate::format::text::short_id;
use crate::format::{size, table, time};
use crate::image::pull;
use crate::session::{Outcome, Session, complaint, refused};
use crate::template::{Value, structure};

pub(super) static COMMAND: Command = Command {
    name: "images",
    usage: "[OPTIONS] [SERVICE...]",
    short: "List images used by the created containers",
    flags: &[&[
        DRY_RUN,
        Flag::text("format", "Format the output. Values: [table | json]").default("table"),
        Flag::bool("quiet", "Only display IDs").short('q'),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

/// One container and its image.
struct Row {
    container: String,
    repository: String,
    tag: String,
    id: String,
    size: u64,
    created: i64,
    moment: String,
}

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let compose = Compose::new(session, &parsed)?;
    let project = compose.name().await?;
    let client = compose.client()?;
    let mut rows = Vec::new();
    for summary in compose.summaries(&project, Scope::WITH_ONE_OFF)? {
        let container = seen(&summary);
        if !parsed.args.is_empty() && !parsed.args.contains(&container.service) {
            continue;
        }
        let image = client
            .image_inspect(summary.image.as_str())
            .map_err(refused)?;
        let full = pull::with_tag(&summary.image);
        let (repository, tag) = full.rsplit_once(':').unwrap_or((&full, ""));
        rows.push(Row {
            container: container.name,
            repository: repository.to_owned(),
            tag: tag.to_owned(),
            id: image.id,
            size: image.size,
            created: time::parse(&image.created).map_or(0, |(seconds, _)| seconds),
            moment: image.created,
        });
    }
    sorted::sort_by(&mut rows, |a, b| a.container.cmp(&b.container));
    if parsed.on("quiet") {
        let mut told: Vec<&str> = Vec::new();
        for row in &rows {
            let id = row.id.strip_prefix("sha256:").unwrap_or(&row.id);
            if !told.contains(&id) {
                told.push(id);
                compose.session.line(id);
            }
        }
        return Ok(0);
    }
    let text = match parsed.text("format") {
        "json" => json(&rows),
        "" | "table" | "pretty" => pretty(&rows, compose.session.now()),
        other => {
            return Err(complaint(format!(
                "format value \"{other}\" could not be parsed: parsing failed"
            )));
        }
    };
    compose.session.sys.out(&text);
    Ok(0)
}

fn pretty(rows: &[Row], now: i64) -> String {
    let mut text = String::from("CONTAINER\tREPOSITORY\tTAG\tPLATFORM\tIMAGE ID\tSIZE\tCREATED\n");
    for row in rows {
        let age = human(now.saturating_sub(row.created));
        text.push_str(&format!(
            "{}\t{}\t{}\tlinux/amd64\t{}\t{}\t{age} ago\n",
            row.container,
            row.repository,
            row.tag,
            short_id(&row.id),
            size::decimal(row.size, 3)
        ));
    }
    table::align_with(&text, 20, 3)
}

fn json(rows: &[Row]) -> String {
    let text = |text: &str| Value::str(text);
    let value = |row: &Row| {
        structure(
            "img",
            [
                ("ID", text(&row.id)),
                ("ContainerName", text(&row.container)),
                ("Repository", text(&row.repository)),
                ("Tag", text(&row.tag)),
                ("Platform", text("linux/amd64")),
                ("Size", Value::Int(i64::try_from(row.size).unwrap_or(0))),
                ("LastTagTime", text(&row.moment)),
            ],
        )
    };
    format!(
        "{}\n\n",
        Value::List(rows.iter().map(value).collect()).json()
    )
}
