//! busybox's `ps`.

use kernel::sys::Sys;

use super::ps::{command_line, owner, state};
use crate::process::Listed;

/// The columns of `-o`: name, title and width. Source: busybox 1.38 `procps/ps.c`.
const COLUMNS: [(&str, &str, usize); 14] = [
    ("user", "USER", 8),
    ("group", "GROUP", 8),
    ("comm", "COMMAND", 16),
    ("args", "COMMAND", 256),
    ("pid", "PID", 5),
    ("ppid", "PPID", 5),
    ("pgid", "PGID", 5),
    ("nice", "NI", 5),
    ("rgroup", "RGROUP", 8),
    ("ruser", "RUSER", 8),
    ("tty", "TT", 6),
    ("vsz", "VSZ", 4),
    ("sid", "SID", 5),
    ("stat", "STAT", 4),
];

/// Lists all processes; other programs' options without a dash are let pass, as `ps aux` is.
pub(super) fn main(sys: &Sys, args: &[String], all: &[Listed]) -> i32 {
    let mut wanted: Vec<(&str, String, usize)> = Vec::new();
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        let Some(mut letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            continue;
        };
        // `ps -ef` and its like are so common that busybox lets them pass.
        if word == "-ef" || word == "-e" || word == "-f" || word == "-A" {
            continue;
        }
        while let Some(letter) = letters.chars().next() {
            letters = letters.get(1..).unwrap_or_default();
            if letter == 'T' {
                continue;
            }
            if letter != 'o' {
                return crate::usage::refuse(sys, "ps", &format!("-{letter}"));
            }
            let list = match letters {
                "" => words.next().map(String::as_str).unwrap_or_default(),
                attached => attached,
            };
            for column in list.split(',') {
                let (name, title) = match column.split_once('=') {
                    Some((name, title)) => (name, Some(title.to_owned())),
                    None => (column, None),
                };
                let Some((name, own, width)) = COLUMNS.iter().find(|(known, ..)| *known == name)
                else {
                    sys.err(&format!("ps: bad -o argument '{name}', supported arguments: user,group,comm,args,pid,ppid,pgid,nice,rgroup,ruser,tty,vsz,sid,stat,rss\n"));
                    return 1;
                };
                wanted.push((name, title.unwrap_or_else(|| (*own).to_owned()), *width));
            }
            letters = "";
        }
    }
    if wanted.is_empty() {
        let own = |name: &'static str, title: &str| (name, title.to_owned(), 5);
        wanted = vec![
            own("pid", "PID"),
            own("user", "USER"),
            own("args", "COMMAND"),
        ];
        for (name, _, width) in &mut wanted {
            let found = COLUMNS.iter().find(|(known, ..)| known == name);
            *width = found.map_or(5, |(.., width)| *width);
        }
    }
    let row = |cell: &dyn Fn(&str, &str) -> String, head: bool| {
        let last = wanted.len().saturating_sub(1);
        let mut line = String::new();
        for (index, (name, title, width)) in wanted.iter().enumerate() {
            let text = cell(name, title);
            let numeric = matches!(*name, "pid" | "ppid" | "pgid" | "sid" | "nice") && !head;
            if numeric {
                line.push_str(&format!("{text:>width$}"));
            } else if index == last {
                line.push_str(&text);
            } else {
                line.push_str(&format!("{text:<width$}"));
            }
            if index != last {
                line.push(' ');
            }
        }
        line + "\n"
    };
    let titles = row(&|_, title| title.to_owned(), true);
    sys.out(&titles);
    let me = sys.id();
    for p in all {
        let cell = |name: &str, _: &str| match name {
            "pid" | "pgid" | "sid" => p.pid.to_string(),
            "ppid" => p.parent.to_string(),
            "user" | "ruser" => owner(p),
            "group" | "rgroup" => owner(p),
            "comm" => p.comm.clone(),
            "args" => command_line(p),
            "stat" => state(p, me).to_owned(),
            "tty" => p
                .tty
                .map_or_else(|| "?".to_owned(), |number| format!("136,{number}")),
            "vsz" => "4364".to_owned(),
            _ => "0".to_owned(),
        };
        sys.out(&row(&cell, false));
    }
    0
}
