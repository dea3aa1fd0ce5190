//! `stat`, `du` and `truncate`: what is known of a file.

use kernel::fs::{Metadata, Node};
use kernel::sys::Sys;

use super::{date, identity, ls};
use crate::Flavour;
use crate::args::{self, quote};

/// The deepest folder that `du` looks into.
const DEEPEST: usize = 200;

fn kind(meta: &Metadata) -> &'static str {
    match &meta.node {
        Node::Dir => "directory",
        Node::Symlink(_) => "symbolic link",
        Node::Device(_) => "character special file",
        Node::Socket(_) => "socket",
        Node::File(data) if data.is_empty() => "regular empty file",
        Node::File(_) | Node::Program(_) | Node::Netns(_) => "regular file",
    }
}

/// Kibibytes that a file takes of its disk.
fn kibibytes(meta: &Metadata) -> usize {
    match meta.node {
        Node::Symlink(_) | Node::Device(_) | Node::Socket(_) | Node::Netns(_) => 0,
        Node::Dir | Node::File(_) | Node::Program(_) => ls::size(&meta.node).div_ceil(4096) * 4,
    }
}

/// The `stat` program.
pub fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [
        ("format", 'c'),
        ("printf", 'p'),
        ("dereference", 'L'),
        ("terse", 't'),
    ];
    let parsed = match args::parse(&args, "c:Lt", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    if parsed.operands.is_empty() {
        sys.err("stat: missing operand\nTry 'stat --help' for more information.\n");
        return 1;
    }
    let default = "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: 0,50\tInode: %-11i Links: %h\nAccess: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w";
    let format = parsed.value('c').unwrap_or(default);
    let mut status = 0;
    for path in &parsed.operands {
        match sys.stat(path, parsed.has('L')) {
            Ok(meta) => sys.out(&(filled(&sys, format, path, &meta, flavour) + "\n")),
            Err(error) => {
                sys.err(&match flavour {
                    Flavour::Gnu => format!("stat: cannot statx '{path}': {error}\n"),
                    Flavour::Busybox => format!("stat: can't stat '{path}': {error}\n"),
                });
                status = 1;
            }
        }
    }
    status
}

/// A format with its places filled.
fn filled(sys: &Sys, format: &str, path: &str, meta: &Metadata, flavour: Flavour) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let width = after.trim_start_matches(|c: char| c == '-' || c.is_ascii_digit());
        let spec = after.get(..after.len() - width.len()).unwrap_or_default();
        let mut letters = width.chars();
        let Some(letter) = letters.next() else {
            out.push('%');
            rest = "";
            break;
        };
        rest = letters.as_str();
        let value = field(sys, letter, path, meta, flavour);
        let zeros = spec.starts_with('0');
        let (left, digits) = match spec.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, spec),
        };
        let width = digits.parse().unwrap_or(0);
        out.push_str(&match (left, zeros) {
            (true, _) => format!("{value:<width$}"),
            (false, true) => format!("{value:0>width$}"),
            (false, false) => format!("{value:>width$}"),
        });
    }
    out + rest
}

fn field(sys: &Sys, letter: char, path: &str, meta: &Metadata, flavour: Flavour) -> String {
    let since = meta.modified.as_nanos();
    let epoch = sys.kernel(|k| k.epoch);
    let seconds = i64::try_from(epoch + since / 1_000_000_000).unwrap_or(0);
    let nanos = (since % 1_000_000_000) as u32;
    let name = identity::user_name(sys, meta.uid).unwrap_or_else(|| "UNKNOWN".to_owned());
    match letter {
        'n' => path.to_owned(),
        'N' => match &meta.node {
            Node::Symlink(target) if flavour == Flavour::Gnu => {
                format!("{} -> {}", quote(sys, path), quote(sys, target))
            }
            Node::Symlink(target) => format!("'{path}' -> '{target}'"),
            _ => path.to_owned(),
        },
        's' => ls::size(&meta.node).to_string(),
        'b' => (kibibytes(meta) * 2).to_string(),
        'B' => "512".to_owned(),
        'o' => "4096".to_owned(),
        'F' => kind(meta).to_owned(),
        'a' => format!("{:o}", meta.mode),
        'A' => ls::mode_text(&meta.node, meta.mode),
        'u' | 'g' => meta.uid.to_string(),
        'U' | 'G' => name,
        'h' => "1".to_owned(),
        'i' => "1".to_owned(),
        'X' | 'Y' | 'Z' => seconds.to_string(),
        'x' | 'y' | 'z' | 'w' => date::format("%Y-%m-%d %H:%M:%S.%N %z", seconds, nanos),
        '%' => "%".to_owned(),
        other => format!("%{other}"),
    }
}

/// The `du` program.
pub fn du(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [("human-readable", 'h'), ("summarize", 's'), ("all", 'a')];
    let parsed = match args::parse(&args, "hskmac", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let here = [".".to_owned()];
    let paths = if parsed.operands.is_empty() {
        &here[..]
    } else {
        &parsed.operands
    };
    let shown = |size: usize, path: &str| {
        let size = if parsed.has('h') {
            ls::human(size * 1024)
        } else if parsed.has('m') {
            size.div_ceil(1024).to_string()
        } else {
            size.to_string()
        };
        sys.out(&format!("{size}\t{path}\n"));
    };
    let mut status = 0;
    for path in paths {
        match sys.stat(path, false) {
            Ok(meta) => {
                let size = below(&sys, path, &meta, 0, &|size, path, dir| {
                    if !parsed.has('s') && (dir || parsed.has('a')) {
                        shown(size, path);
                    }
                });
                if parsed.has('s') || (!matches!(meta.node, Node::Dir) && !parsed.has('a')) {
                    shown(size, path);
                }
            }
            Err(error) => {
                sys.err(&match flavour {
                    Flavour::Gnu => format!("du: cannot access '{path}': {error}\n"),
                    Flavour::Busybox => format!("du: {path}: {error}\n"),
                });
                status = 1;
            }
        }
    }
    status
}

/// A file's size with all that is below it, told of from the bottom up.
fn below(
    sys: &Sys,
    path: &str,
    meta: &Metadata,
    depth: usize,
    tell: &dyn Fn(usize, &str, bool),
) -> usize {
    let mut size = kibibytes(meta);
    let dir = matches!(meta.node, Node::Dir);
    if dir && depth < DEEPEST {
        for entry in sys.read_dir(path).unwrap_or_default() {
            let inner = format!("{}/{}", path.trim_end_matches('/'), entry.name);
            if let Ok(meta) = sys.stat(&inner, false) {
                size += below(sys, &inner, &meta, depth + 1, tell);
            }
        }
    }
    tell(size, path, dir);
    size
}

/// The `truncate` program.
pub fn truncate(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(&args, "s:c", &[("size", 's'), ("no-create", 'c')]) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let size = parsed
        .value('s')
        .map(|text| (text, super::dd::amount(text)));
    let size = match size {
        Some((_, Some(size))) => size,
        Some((text, None)) => {
            sys.err(&format!(
                "truncate: Invalid number: {}\n",
                quote(&sys, text)
            ));
            return 1;
        }
        None => {
            sys.err("truncate: you must specify either '--size' or '--reference'\nTry 'truncate --help' for more information.\n");
            return 1;
        }
    };
    let mut status = 0;
    for path in &parsed.operands {
        let mut data = sys
            .read_file(path)
            .map(|data| data.to_vec())
            .unwrap_or_default();
        data.resize(size, 0);
        if let Err(error) = sys.write_file(path, &data) {
            sys.err(&match flavour {
                Flavour::Gnu => {
                    format!("truncate: cannot open '{path}' for writing: {error}\n")
                }
                Flavour::Busybox => format!("truncate: {path}: open: {error}\n"),
            });
            status = 1;
        }
    }
    status
}
