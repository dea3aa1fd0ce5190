//! `docker volume ls`.

use engine::api::Volume;

use crate::args::{Action, ArgRule, Command, Flag, Parsed};
use crate::filter;
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, labels, render};
use crate::format::text::natural;
use crate::session::{Outcome, Session, complaint, refused};
use crate::template::{Labels, Value};

pub(crate) static COMMAND: Command = Command {
    name: "ls",
    usage: "[OPTIONS]",
    short: "List volumes",
    aliases: &["list"],
    known_as: "docker volume ls, docker volume list",
    flags: &[&[
        Flag::bool(
            "cluster",
            "Display only cluster volumes, and use cluster volume list formatting",
        )
        .hidden(),
        Flag::filter("Provide filter values (e.g. \"dangling=true\")").short('f'),
        Flag::text("format", FORMAT_LIST),
        Flag::bool("quiet", "Only display volume names").short('q'),
    ]],
    args: ArgRule::None,
    action: Action::Now(run),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.Driver}}\t{{.Name}}",
    row_type: "*volume.volumeContext",
    headings: &[
        ("Name", "VOLUME NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("Availability", "AVAILABILITY"),
        ("Mountpoint", "MOUNTPOINT"),
        ("Labels", "LABELS"),
        ("Links", "LINKS"),
        ("Size", "SIZE"),
        ("Group", "GROUP"),
        ("Status", "STATUS"),
    ],
};

/// The table of `--cluster`.
const OF_CLUSTER: Layout = Layout {
    table: "{{.Name}}\t{{.Group}}\t{{.Driver}}\t{{.Availability}}\t{{.Status}}",
    ..LAYOUT
};

fn run(session: Session, parsed: Parsed) -> Outcome {
    let filters = filter::gather(parsed.all("filter"));
    let volumes = session.client()?.volume_list(filters).map_err(refused)?;
    if parsed.on("cluster") {
        // There are none: they need a driver that a plugin brings.
        let none = render(&OF_CLUSTER, parsed.text("format"), &[]);
        session.sys.out(&none.map_err(complaint)?);
        return Ok(0);
    }
    let format = match parsed.text("format") {
        "" | "table" if parsed.on("quiet") => "{{.Name}}",
        "raw" if parsed.on("quiet") => "name: {{.Name}}",
        "raw" => "name: {{.Name}}\ndriver: {{.Driver}}\n",
        format => format,
    };
    let text = table(volumes, format).map_err(complaint)?;
    session.sys.out(&text);
    Ok(0)
}

/// Lays out volumes, sorted by name.
pub(crate) fn table(mut volumes: Vec<Volume>, format: &str) -> Result<String, String> {
    sorted::sort_by(&mut volumes, |a, b| natural(&a.name, &b.name));
    let rows = volumes.into_iter().map(|volume| row(volume, None));
    let rows: Vec<Value> = rows.collect();
    render(&LAYOUT, format, &rows)
}

/// Returns the row of a volume; how many containers mount it and how large it is are only known to who counts.
pub(crate) fn row(volume: Volume, counted: Option<(usize, String)>) -> Value {
    let all = volume.labels.unwrap_or_default();
    let unknown = || "N/A".to_owned();
    let (links, size) = match counted {
        Some((links, size)) => (links.to_string(), size),
        None => (unknown(), unknown()),
    };
    let columns = vec![
        ("Name", volume.name),
        ("Driver", volume.driver),
        ("Scope", volume.scope),
        ("Availability", unknown()),
        ("Mountpoint", volume.mountpoint),
        ("Labels", labels(&all)),
        ("Links", links),
        ("Size", size),
        ("Group", unknown()),
        ("Status", unknown()),
    ];
    Value::row(LAYOUT.row_type, columns, Labels::Values(all))
}
