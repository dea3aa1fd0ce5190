//! `lsns` (util-linux): the namespaces that this process can see.

use kernel::fs::nsfs;
use kernel::sys::Sys;

use super::json::Json;
use super::netns::by_path;
use crate::args::{self, Wrong};
use crate::{Flavour, process};

/// The columns, and whether each stands right.
const COLUMNS: [(&str, bool); 11] = [
    ("NS", true),
    ("TYPE", false),
    ("PATH", false),
    ("NPROCS", true),
    ("PID", true),
    ("PPID", true),
    ("COMMAND", false),
    ("UID", true),
    ("USER", false),
    ("NETNSID", true),
    ("NSFS", false),
];

struct Row {
    kind: usize,
    number: u64,
    processes: u64,
    first: process::Listed,
    netns: kernel::ids::NetnsId,
}

/// The `lsns` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let long = [
        ("type", 't'),
        ("noheadings", 'n'),
        ("raw", 'r'),
        ("json", 'J'),
        ("list", 'l'),
        ("output", 'o'),
        ("task", 'p'),
        ("version", 'V'),
        ("notruncate", 'u'),
        ("nowrap", 'W'),
    ];
    let parsed = match args::parse(&args, "t:nrJlo:p:VuW", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => {
            let what = match wrong {
                Wrong::Unknown(option) => match option.strip_prefix("--") {
                    Some("help" | "output-all" | "persistent" | "tree" | "filter") => {
                        return crate::not_modelled(&sys, "lsns", &option);
                    }
                    Some(_) => format!("unrecognized option '{option}'"),
                    None if matches!(option.as_str(), "-h" | "-P" | "-T" | "-Q") => {
                        return crate::not_modelled(&sys, "lsns", &option);
                    }
                    None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
                },
                Wrong::Missing(option) => format!("option requires an argument -- '{option}'"),
            };
            return fail(
                &sys,
                &format!("{what}\nTry 'lsns --help' for more information."),
            );
        }
    };
    if parsed.has('V') {
        sys.out("lsns from util-linux 2.42.4\n");
        return 0;
    }
    let mut kinds = Vec::new();
    for name in parsed.values('t') {
        match nsfs::kinds().iter().position(|known| *known == name) {
            Some(kind) => kinds.push(kind),
            None => return fail(&sys, &format!("unknown namespace type: {name}")),
        }
    }
    let only_net = kinds == [7];
    let default = if only_net {
        "NS,TYPE,NPROCS,PID,USER,NETNSID,NSFS,COMMAND"
    } else {
        "NS,TYPE,NPROCS,PID,USER,COMMAND"
    };
    let mut columns = Vec::new();
    for name in parsed
        .value('o')
        .unwrap_or(default)
        .trim_start_matches('+')
        .split(',')
    {
        let same = |(known, _): &(&str, bool)| known.eq_ignore_ascii_case(name);
        match COLUMNS.iter().position(same) {
            Some(column) => columns.push(column),
            None => return fail(&sys, &format!("unknown column: {name}")),
        }
    }
    let mut rows: Vec<Row> = Vec::new();
    let task: Option<u32> = parsed.value('p').map(|text| text.parse().unwrap_or(0));
    let mut wanted = [0; 8];
    for listed in process::visible(&sys) {
        let Some((numbers, netns)) = sys.kernel(|k| {
            let process = k.proc.get(listed.id)?;
            Some((nsfs::numbers(process), process.netns))
        }) else {
            continue;
        };
        if task == Some(listed.pid) {
            wanted = numbers;
        }
        for (kind, number) in numbers.into_iter().enumerate() {
            match rows.iter_mut().find(|row| row.number == number) {
                Some(row) => row.processes += 1,
                None => rows.push(Row {
                    kind,
                    number,
                    processes: 1,
                    first: listed.clone(),
                    netns,
                }),
            }
        }
    }
    let given = parsed
        .operands
        .first()
        .and_then(|text| text.parse::<u64>().ok());
    rows.retain(|row| {
        (kinds.is_empty() || kinds.contains(&row.kind))
            && (task.is_none() || wanted.contains(&row.number))
            && given.is_none_or(|number| number == row.number)
    });
    sorted::sort_by_key(&mut rows, |row| (row.first.pid, row.number));
    let handles = handles(&sys);
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            columns
                .iter()
                .map(|column| cell(&sys, row, *column, &handles))
                .collect()
        })
        .collect();
    // Where there is nothing, there are no headings either.
    if !cells.is_empty() {
        sys.out(&shown(&columns, &cells, &parsed));
    }
    0
}

fn fail(sys: &Sys, what: &str) -> i32 {
    sys.err(&format!("lsns: {what}\n"));
    1
}

/// Where handles of network namespaces lie.
fn handles(sys: &Sys) -> Vec<(kernel::ids::NetnsId, String)> {
    let mut found = Vec::new();
    for dir in ["/run/docker/netns", super::netns::DIR] {
        for entry in sys.read_dir(dir).unwrap_or_default() {
            let path = format!("{dir}/{}", entry.name);
            if let Ok(ns) = by_path(sys, &path) {
                found.push((ns, path));
            }
        }
    }
    found
}

fn cell(sys: &Sys, row: &Row, column: usize, handles: &[(kernel::ids::NetnsId, String)]) -> String {
    let kind = nsfs::kinds().get(row.kind).copied().unwrap_or_default();
    let net = kind == "net";
    let here = sys.netns();
    match COLUMNS.get(column).map_or("", |(name, _)| *name) {
        "NS" => row.number.to_string(),
        "TYPE" => kind.to_owned(),
        "PATH" => format!("/proc/{}/ns/{kind}", row.first.pid),
        "NPROCS" => row.processes.to_string(),
        "PID" => row.first.pid.to_string(),
        "PPID" => row.first.parent.to_string(),
        "COMMAND" => row.first.argv.join(" "),
        "UID" => row.first.uid.to_string(),
        "USER" if row.first.uid == 0 => "root".to_owned(),
        "USER" => row.first.uid.to_string(),
        "NETNSID" if net => sys
            .kernel(|k| k.netns_nsid(here, row.netns))
            .map_or_else(|| "unassigned".to_owned(), |number| number.to_string()),
        "NSFS" if net => {
            let found = handles.iter().find(|(ns, _)| *ns == row.netns);
            found.map(|(_, path)| path.clone()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn shown(columns: &[usize], rows: &[Vec<String>], parsed: &args::Parsed) -> String {
    let head = |column: &usize| COLUMNS.get(*column).copied().unwrap_or_default();
    if parsed.has('J') {
        let lower: &[&str] = &[
            "ns", "type", "path", "nprocs", "pid", "ppid", "command", "uid", "user", "netnsid",
            "nsfs",
        ];
        let row = |cells: &Vec<String>| {
            let member = |(column, text): (&usize, &String)| {
                let name = lower.get(*column).copied().unwrap_or_default();
                let value = match (name, text.parse::<u64>()) {
                    ("ns" | "nprocs" | "pid" | "ppid" | "uid", Ok(number)) => number.to_string(),
                    _ if text.is_empty() => "null".to_owned(),
                    _ => Json::from(text.as_str()).text(false),
                };
                format!("         \"{name}\": {}", value.trim_end())
            };
            let members: Vec<String> = columns.iter().zip(cells).map(member).collect();
            format!("{{\n{}\n      }}", members.join(",\n"))
        };
        let rows: Vec<String> = rows.iter().map(row).collect();
        return format!(
            "{{\n   \"namespaces\": [\n      {}\n   ]\n}}\n",
            rows.join(",")
        );
    }
    let heads: Vec<String> = columns
        .iter()
        .map(|column| head(column).0.to_owned())
        .collect();
    let no_heads = parsed.has('n');
    let all: Vec<&Vec<String>> = (!no_heads)
        .then_some(&heads)
        .into_iter()
        .chain(rows)
        .collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|at| {
            all.iter()
                .filter_map(|row| row.get(at))
                .map(String::len)
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for row in all {
        let cells = row.iter().zip(columns).zip(&widths).enumerate();
        let line: Vec<String> = cells
            .map(|(at, ((text, column), width))| match head(column).1 {
                _ if parsed.has('r') => text.replace(' ', "\\x20"),
                true => format!("{text:>width$}"),
                false if at + 1 == columns.len() => text.clone(),
                false => format!("{text:<width$}"),
            })
            .collect();
        out.push_str(&(line.join(" ") + "\n"));
    }
    out
}
