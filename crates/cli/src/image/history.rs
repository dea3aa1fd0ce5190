//! `docker image history`: every image is one layer.

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, render};
use crate::format::text::short_id;
use crate::format::{size, time};
use crate::session::{Outcome, Session, complaint, refused};
use crate::template::{Labels, Value};

pub(crate) static COMMAND: Command = Command {
    name: "history",
    usage: "[OPTIONS] IMAGE",
    short: "Show the history of an image",
    known_as: "docker image history, docker history",
    flags: &[&[
        Flag::text("format", FORMAT_LIST),
        Flag::bool("human", "Print sizes and dates in human readable format")
            .short('H')
            .default("true"),
        Flag::bool("no-trunc", "Don't truncate output"),
        Flag::text(
            "platform",
            "Show history for the given platform. Formatted as \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")",
        ),
        Flag::bool("quiet", "Only show image IDs").short('q'),
    ]],
    args: ArgRule::Exactly(1),
    action: verb!(run),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}",
    row_type: "*formatter.historyContext",
    headings: &[
        ("ID", "IMAGE"),
        ("CreatedSince", "CREATED"),
        ("CreatedAt", "CREATED AT"),
        ("CreatedBy", "CREATED BY"),
        ("Size", "SIZE"),
        ("Comment", "COMMENT"),
    ],
};

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let image = client.image_inspect(parsed.arg(0)).map_err(refused)?;
    let created = time::parse(&image.created).map_or(0, |(seconds, _)| seconds);
    let human = parsed.on("human");
    let moment = time::rfc3339(created, 0);
    let columns = vec![
        (
            "ID",
            match parsed.on("no-trunc") {
                true => image.id.clone(),
                false => short_id(&image.id),
            },
        ),
        (
            "CreatedSince",
            match human {
                true => format!("{} ago", time::age(session.now().saturating_sub(created))),
                false => moment.clone(),
            },
        ),
        ("CreatedAt", moment),
        ("CreatedBy", String::new()),
        (
            "Size",
            match human {
                true => size::decimal(image.size, 3),
                false => image.size.to_string(),
            },
        ),
        ("Comment", image.comment),
    ];
    let row = Value::row(LAYOUT.row_type, columns, Labels::None);
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.ID}}",
        format => format,
    };
    let text = render(&LAYOUT, format, &[row]).map_err(complaint)?;
    session.sys.out(&text);
    Ok(0)
}
