//! `docker image history`.

use engine::api::HistoryResponseItem;
use engine::clock;

use crate::args::{ArgRule, Command, Flag, Parsed, verb};
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, render};
use crate::format::size;
use crate::format::text::{ellipsis, short_id};
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
    let steps = client.image_history(parsed.arg(0)).map_err(refused)?;
    let (human, whole) = (parsed.on("human"), parsed.on("no-trunc"));
    let row = |step: HistoryResponseItem| {
        let moment = clock::rfc3339(step.created.saturating_mul(1_000_000_000));
        let columns = vec![
            (
                "ID",
                match whole {
                    true => step.id,
                    false => short_id(&step.id),
                },
            ),
            (
                "CreatedSince",
                match human {
                    true => {
                        let age = session.now().saturating_sub(step.created);
                        format!("{} ago", clock::human(age))
                    }
                    false => moment.clone(),
                },
            ),
            ("CreatedAt", moment),
            (
                "CreatedBy",
                match whole {
                    true => step.created_by,
                    false => ellipsis(&step.created_by.replace('\t', " "), 45),
                },
            ),
            (
                "Size",
                match human {
                    true => size::decimal(step.size, 3),
                    false => step.size.to_string(),
                },
            ),
            ("Comment", step.comment),
        ];
        Value::row(LAYOUT.row_type, columns, Labels::None)
    };
    let rows: Vec<Value> = steps.into_iter().map(row).collect();
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.ID}}",
        format => format,
    };
    let text = render(&LAYOUT, format, &rows).map_err(complaint)?;
    session.sys.out(&text);
    Ok(0)
}
