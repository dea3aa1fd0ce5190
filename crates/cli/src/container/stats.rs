//! `docker container stats`.

use engine::api::{ContainerListOptions, NetworkStats, StatsResponse};
use kernel::time::Duration;

use crate::args::{Command, Flag, Parsed, verb};
use crate::flags::FORMAT_LIST;
use crate::format::list::{Layout, render};
use crate::format::size::decimal;
use crate::format::text::short_id;
use crate::session::{Failure, Outcome, STDOUT, Session, complaint, refused, said};
use crate::template::{Labels, Value};

pub(crate) static COMMAND: Command = Command {
    name: "stats",
    usage: "[OPTIONS] [CONTAINER...]",
    short: "Display a live stream of container(s) resource usage statistics",
    known_as: "docker container stats, docker stats",
    flags: &[&[
        Flag::bool("all", "Show all containers")
            .short('a')
            .default("shows just running"),
        Flag::text("format", FORMAT_LIST),
        Flag::bool(
            "no-stream",
            "Disable streaming stats and only pull the first result",
        ),
        Flag::bool("no-trunc", "Do not truncate output"),
    ]],
    action: verb!(run),
    ..Command::BLANK
};

const LAYOUT: Layout = Layout {
    table: "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
    row_type: "*container.statsContext",
    headings: &[
        ("Container", "CONTAINER ID"),
        ("Name", "NAME"),
        ("ID", "CONTAINER ID"),
        ("CPUPerc", "CPU %"),
        ("MemUsage", "MEM USAGE / LIMIT"),
        ("MemPerc", "MEM %"),
        ("NetIO", "NET I/O"),
        ("BlockIO", "BLOCK I/O"),
        ("PIDs", "PIDS"),
    ],
};

/// How often the table of a stream is drawn. Source: docker/cli `cli/command/container/stats.go`.
const EVERY: Duration = Duration::from_millis(500);

async fn run(session: Session, parsed: Parsed) -> Outcome {
    let client = session.client()?;
    let listed = || {
        if !parsed.args.is_empty() {
            return Ok(parsed.args.clone());
        }
        let options = ContainerListOptions {
            all: parsed.on("all"),
            ..ContainerListOptions::default()
        };
        let listed = client.container_list(options).map_err(refused)?;
        Ok(listed.into_iter().map(|c| c.id).collect())
    };
    show(&session, &parsed, listed).await
}

/// Prints one row for each container, and again and again over it, unless one table is all that is wanted. Traffic and
/// processes are real; processor, memory and disks are not simulated and read 0.
pub(crate) async fn show(
    session: &Session,
    parsed: &Parsed,
    listed: impl Fn() -> Result<Vec<String>, Failure>,
) -> Outcome {
    let client = session.client()?;
    loop {
        let (mut rows, mut complaints) = (Vec::new(), Vec::new());
        for name in listed()? {
            match client.container_stats(name.as_str()) {
                Ok(stats) => rows.push(row(&name, &stats, parsed)),
                Err(e) => complaints.push(said(&e)),
            }
        }
        if !complaints.is_empty() {
            return Err(complaint(complaints.join("\n")));
        }
        let text = render(&LAYOUT, parsed.text("format"), &rows).map_err(complaint)?;
        if parsed.on("no-stream") {
            session.sys.out(&text);
            return Ok(0);
        }
        // From the corner of the screen, and once more, each line cleared to its end and nothing of before left below.
        let text = format!("\x1b[H{text}");
        let lines = text.split('\n').map(|line| format!("{line} \x1b[K\n"));
        let screen = format!("{text}{}\x1b[J", lines.collect::<String>());
        if session.sys.write(STDOUT, screen.as_bytes()).await.is_err()
            || session.sys.sleep(EVERY).await.is_err()
        {
            return Ok(0);
        }
    }
}

fn row(asked: &str, stats: &StatsResponse, parsed: &Parsed) -> Value {
    let id = match parsed.on("no-trunc") {
        true => stats.id.clone(),
        false => short_id(&stats.id),
    };
    let sum =
        |bytes: fn(&NetworkStats) -> u64| decimal(stats.networks.values().map(bytes).sum(), 3);
    let traffic = [sum(|n| n.rx_bytes), sum(|n| n.tx_bytes)];
    let columns = vec![
        ("Container", asked.to_owned()),
        ("Name", stats.name.trim_start_matches('/').to_owned()),
        ("ID", id),
        ("CPUPerc", "0.00%".to_owned()),
        ("MemUsage", "0B / 0B".to_owned()),
        ("MemPerc", "0.00%".to_owned()),
        ("NetIO", traffic.join(" / ")),
        ("BlockIO", "0B / 0B".to_owned()),
        ("PIDs", stats.pids_stats.current.to_string()),
    ];
    Value::row(LAYOUT.row_type, columns, Labels::None)
}
