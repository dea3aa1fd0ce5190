//! `ls`.

use kernel::calendar::Calendar;
use kernel::fs::{Metadata, Node};
use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::Flavour;
use crate::args::{self, Parsed, program};

struct Row {
    name: String,
    path: String,
    meta: Metadata,
}

/// The nine letters of a mode, with the one for the kind before them.
#[must_use]
pub fn mode_text(node: &Node, mode: u32) -> String {
    let kind = match node {
        Node::Dir => 'd',
        Node::Symlink(_) => 'l',
        Node::Device(_) => 'c',
        Node::Socket(_) => 's',
        Node::File(_) | Node::Program(_) | Node::Netns(_) => '-',
    };
    let mut out = String::from(kind);
    for shift in [6, 3, 0] {
        let bits = mode >> shift;
        out.push(if bits & 4 != 0 { 'r' } else { '-' });
        out.push(if bits & 2 != 0 { 'w' } else { '-' });
        out.push(if bits & 1 != 0 { 'x' } else { '-' });
    }
    if mode & 0o1000 != 0 {
        out.pop();
        out.push('t');
    }
    out
}

/// A file's size, bytes; what a program is stored as has a made-up but steady one.
#[must_use]
pub fn size(node: &Node) -> usize {
    match node {
        Node::File(data) => data.len(),
        Node::Symlink(target) => target.len(),
        Node::Dir => 4096,
        Node::Program(_) => 64_000,
        Node::Netns(_) | Node::Socket(_) | Node::Device(_) => 0,
    }
}

pub(super) fn human(size: usize) -> String {
    let mut value = size;
    for unit in ["", "K", "M", "G"] {
        if value < 1024 || unit == "G" {
            return format!("{value}{unit}");
        }
        value = value.div_ceil(1024);
    }
    size.to_string()
}

fn user(uid: u32, numeric: bool) -> String {
    match uid {
        0 if !numeric => "root".to_owned(),
        uid => uid.to_string(),
    }
}

/// The `ls` program.
pub fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let args: Vec<String> = args
        .into_iter()
        .filter(|argument| !argument.starts_with("--color"))
        .collect();
    let long = [
        ("all", 'a'),
        ("almost-all", 'A'),
        ("directory", 'd'),
        ("human-readable", 'h'),
        ("recursive", 'R'),
        ("reverse", 'r'),
        ("classify", 'F'),
        ("numeric-uid-gid", 'n'),
        ("inode", 'i'),
    ];
    let parsed = match args::parse(&args, "1aAldhRrtSFnpCL", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let name = program(&args).to_owned();
    let mut operands = parsed.operands.clone();
    if operands.is_empty() {
        operands.push(".".to_owned());
    }
    sorted::sort(&mut operands);
    let (mut files, mut dirs) = (Vec::new(), Vec::new());
    let mut status = 0;
    for path in operands {
        // A link on the command line is followed unless its own line is wanted.
        let follow = !parsed.has('l') && !parsed.has('d') || parsed.has('L');
        match sys.stat(&path, follow).or_else(|_| sys.stat(&path, false)) {
            Ok(meta) if matches!(meta.node, Node::Dir) && !parsed.has('d') => dirs.push(path),
            Ok(meta) => files.push(Row {
                name: path.clone(),
                path,
                meta,
            }),
            Err(error) => {
                let text = match flavour {
                    Flavour::Gnu => format!("{name}: cannot access '{path}': {error}\n"),
                    Flavour::Busybox => format!("{name}: {path}: {error}\n"),
                };
                sys.err(&text);
                status = if flavour == Flavour::Gnu { 2 } else { 1 };
            }
        }
    }
    let headed = files.len() + dirs.len() > 1 || parsed.has('R');
    let had_files = !files.is_empty();
    print(&sys, &parsed, files, flavour, false);
    let mut first = !had_files;
    let mut queue: std::collections::VecDeque<String> = dirs.into();
    while let Some(dir) = queue.pop_front() {
        let Ok(entries) = sys.read_dir(&dir) else {
            sys.err(&format!(
                "{name}: cannot open directory '{dir}': Permission denied\n"
            ));
            status = 2;
            continue;
        };
        if headed {
            sys.out(&format!("{}{dir}:\n", if first { "" } else { "\n" }));
        }
        first = false;
        let below = |entry: &str| {
            if dir == "/" {
                format!("/{entry}")
            } else {
                format!("{dir}/{entry}")
            }
        };
        let mut rows = Vec::new();
        if parsed.has('a') {
            for dot in [".", ".."] {
                if let Ok(meta) = sys.stat(&below(dot), true) {
                    rows.push(Row {
                        name: dot.to_owned(),
                        path: below(dot),
                        meta,
                    });
                }
            }
        }
        for entry in entries {
            if entry.name.starts_with('.') && !parsed.has('a') && !parsed.has('A') {
                continue;
            }
            rows.push(Row {
                path: below(&entry.name),
                name: entry.name,
                meta: entry.meta,
            });
        }
        if parsed.has('R') {
            let inner: Vec<String> = rows
                .iter()
                .filter(|row| {
                    matches!(row.meta.node, Node::Dir) && row.name != "." && row.name != ".."
                })
                .map(|row| row.path.clone())
                .collect();
            for path in inner.into_iter().rev() {
                queue.push_front(path);
            }
        }
        print(&sys, &parsed, rows, flavour, true);
    }
    status
}

fn print(sys: &Sys, parsed: &Parsed, mut rows: Vec<Row>, flavour: Flavour, total: bool) {
    if parsed.has('t') {
        sorted::sort_by_key(&mut rows, |row| std::cmp::Reverse(row.meta.modified));
    } else if parsed.has('S') {
        sorted::sort_by_key(&mut rows, |row| std::cmp::Reverse(size(&row.meta.node)));
    }
    if parsed.has('r') {
        rows.reverse();
    }
    let shown = |row: &Row| -> String {
        let mark = match row.meta.node {
            Node::Dir if parsed.has('F') || parsed.has('p') => "/",
            Node::Symlink(_) if parsed.has('F') && !parsed.has('l') && !parsed.has('n') => "@",
            Node::File(_) | Node::Program(_) if parsed.has('F') && row.meta.mode & 0o111 != 0 => {
                "*"
            }
            _ => "",
        };
        format!("{}{mark}", row.name)
    };
    if parsed.has('l') || parsed.has('n') {
        return print_long(sys, parsed, &rows, flavour, total, &shown);
    }
    let names: Vec<String> = rows.iter().map(shown).collect();
    if parsed.has('1') || !sys.is_tty(Fd::STDOUT) && !parsed.has('C') || names.is_empty() {
        for name in names {
            sys.out(&(name + "\n"));
        }
        return;
    }
    sys.out(&columns(&names, 80));
}

/// Names in as many columns as fit, filled downwards.
fn columns(names: &[String], width: usize) -> String {
    let lengths: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
    for count in (1..=names.len()).rev() {
        let rows = names.len().div_ceil(count);
        let widths: Vec<usize> = lengths
            .chunks(rows)
            .map(|column| column.iter().max().copied().unwrap_or(0))
            .collect();
        let needed = widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
        if needed > width && count > 1 {
            continue;
        }
        let mut out = String::new();
        for row in 0..rows {
            let mut line = String::new();
            for (column, width) in widths.iter().enumerate() {
                let Some(name) = names.get(column * rows + row) else {
                    continue;
                };
                let last = names.get((column + 1) * rows + row).is_none();
                line.push_str(&if last {
                    name.clone()
                } else {
                    format!("{name:<pad$}", pad = width + 2)
                });
            }
            out.push_str(&line);
            out.push('\n');
        }
        return out;
    }
    String::new()
}

fn print_long(
    sys: &Sys,
    parsed: &Parsed,
    rows: &[Row],
    flavour: Flavour,
    total: bool,
    shown: &impl Fn(&Row) -> String,
) {
    let sizes: Vec<usize> = rows.iter().map(|row| size(&row.meta.node)).collect();
    let texts: Vec<String> = sizes
        .iter()
        .map(|size| {
            if parsed.has('h') {
                human(*size)
            } else {
                size.to_string()
            }
        })
        .collect();
    let blocks: usize = rows
        .iter()
        .zip(&sizes)
        .map(|(row, size)| {
            if matches!(row.meta.node, Node::Symlink(_)) {
                0
            } else {
                size.div_ceil(4096) * 4
            }
        })
        .sum();
    if total {
        sys.out(&format!("total {blocks}\n"));
    }
    let width = texts.iter().map(String::len).max().unwrap_or(0);
    let epoch = sys.kernel(|k| k.epoch);
    for (row, size) in rows.iter().zip(&texts) {
        let links = match row.meta.node {
            Node::Dir => {
                2 + sys.read_dir(&row.path).map_or(0, |entries| {
                    entries
                        .iter()
                        .filter(|entry| matches!(entry.meta.node, Node::Dir))
                        .count()
                })
            }
            _ => 1,
        };
        let owner = user(row.meta.uid, parsed.has('n'));
        let seconds = epoch.saturating_add(row.meta.modified.as_nanos() / 1_000_000_000);
        let time = Calendar::new(seconds.cast_signed());
        let when = format!(
            "{} {:2} {:02}:{:02}",
            time.month_name(),
            time.day,
            time.hour,
            time.minute
        );
        let mode = mode_text(&row.meta.node, row.meta.mode);
        let name = match &row.meta.node {
            Node::Symlink(target) => format!("{} -> {target}", shown(row)),
            _ => shown(row),
        };
        let line = match flavour {
            Flavour::Gnu => {
                format!("{mode} {links} {owner} {owner} {size:>width$} {when} {name}\n")
            }
            Flavour::Busybox => {
                format!("{mode} {links:4} {owner:<8} {owner:<8} {size:>9} {when} {name}\n")
            }
        };
        sys.out(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_downwards() {
        let names: Vec<String> = ["a", "bb", "ccc", "d"].map(str::to_owned).to_vec();
        assert_eq!(columns(&names, 80), "a  bb  ccc  d\n");
        assert_eq!(columns(&names, 8), "a   ccc\nbb  d\n");
    }
}
