//! `sysctl`: the kernel's settings under `/proc/sys`, by name.

use kernel::Errno;
use kernel::sys::Sys;

use crate::Flavour;
use crate::args::{self, Wrong};

/// Words for completion.
pub const WORDS: &[&str] = &[
    "-a",
    "-n",
    "-w",
    "net.ipv4.ip_forward",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.all.route_localnet",
];

/// `net.ipv4.conf.eth0/10.x` as a path, `net/ipv4/conf/eth0.10/x`: the separator that comes first is the separator.
fn path(name: &str) -> String {
    let swapped = |c| match c {
        '.' => '/',
        '/' => '.',
        c => c,
    };
    match name
        .find(['.', '/'])
        .map(|at| name.get(at..).unwrap_or_default().starts_with('.'))
    {
        Some(true) => name.chars().map(swapped).collect(),
        _ => name.to_owned(),
    }
}

/// The other way round.
fn name(path: &str) -> String {
    path.chars()
        .map(|c| match c {
            '/' => '.',
            '.' => '/',
            c => c,
        })
        .collect()
}

const USAGE: &str = include_str!("sysctl.txt");

/// The settings in files, as `name=value`.
fn settings(sys: &Sys, files: &[String]) -> Result<Vec<String>, String> {
    let usual = ["/etc/sysctl.conf".to_owned()];
    let files = if files.is_empty() { &usual[..] } else { files };
    let mut found = Vec::new();
    for file in files {
        let text = sys
            .read_text(file)
            .map_err(|error| format!("sysctl: cannot open \"{file}\": {error}\n"))?;
        let lines = text.lines().map(str::trim);
        found.extend(
            lines
                .filter(|line| line.contains('=') && !line.starts_with(['#', ';']))
                .map(str::to_owned),
        );
    }
    Ok(found)
}

/// The program.
pub fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let parsed = match args::parse(
        &args,
        "anNeqwAXr:p",
        &[
            ("all", 'a'),
            ("values", 'n'),
            ("names", 'N'),
            ("ignore", 'e'),
            ("quiet", 'q'),
            ("write", 'w'),
            ("pattern", 'r'),
        ],
    ) {
        Ok(parsed) => parsed,
        Err(Wrong::Unknown(option)) if flavour == Flavour::Gnu => {
            let letter = option.trim_start_matches('-');
            sys.err(&format!("sysctl: invalid option -- '{letter}'\n{USAGE}"));
            return 1;
        }
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let all = parsed.has('a') || parsed.has('A') || parsed.has('X');
    let ns = sys.netns();
    let show = |name: &str, value: &str| {
        if parsed.has('N') {
            format!("{name}\n")
        } else if parsed.has('n') {
            format!("{value}\n")
        } else {
            format!("{name} = {value}\n")
        }
    };
    let pattern = parsed
        .value('r')
        .and_then(|text| regex_lite::Regex::new(text).ok());
    let show_all = |folder: &str| {
        let mut out = String::new();
        for path in sys.kernel(|k| k.sysctl_list(ns)) {
            let name = name(&path);
            let wanted = pattern.as_ref().is_none_or(|p| p.is_match(&name));
            if !wanted || !path.starts_with(folder) {
                continue;
            }
            if let Some(value) = sys.kernel(|k| k.sysctl_get(ns, &path)) {
                out.push_str(&show(&name, &value));
            }
        }
        sys.out(&out);
    };
    if all {
        show_all("");
        return 0;
    }
    if parsed.operands.is_empty() && !parsed.has('p') {
        // Source: procps-ng 4 `src/sysctl.c`.
        sys.err(match args.len() > 1 && flavour == Flavour::Gnu {
            true => "sysctl: no variables specified\nTry `sysctl --help' for more information.\n",
            false => USAGE,
        });
        return 1;
    }
    let mut code = 0;
    let operands = match parsed.has('p') {
        true => match settings(&sys, &parsed.operands) {
            Ok(operands) => operands,
            Err(text) => {
                sys.err(&text);
                return 1;
            }
        },
        false => parsed.operands.clone(),
    };
    for operand in &operands {
        let (key, value) = match operand.split_once('=') {
            Some((key, value)) => (key.trim(), Some(value.trim())),
            None => (operand.as_str(), None),
        };
        if parsed.has('w') && value.is_none() {
            sys.err("sysctl: command line(0): invalid syntax, continuing...\n");
            code = 1;
            continue;
        }
        let file = format!("/proc/sys/{}", path(key));
        let name = name(&path(key));
        let done = match value {
            None => sys.read_text(&file).map(|text| text.trim_end().to_owned()),
            Some(value) => sys
                .write_file(&file, value.as_bytes())
                .map(|()| value.to_owned()),
        };
        match done {
            Ok(text) if value.is_some() && parsed.has('q') => drop(text),
            Ok(text) => sys.out(&show(&name, &text)),
            Err(Errno::ENOENT) if parsed.has('e') => {}
            Err(Errno::EISDIR) if value.is_none() => show_all(&format!("{}/", path(key))),
            Err(error) => {
                sys.err(&refusal(flavour, &name, &file, value.is_some(), error));
                code = 1;
            }
        }
    }
    code
}

fn refusal(flavour: Flavour, name: &str, file: &str, writing: bool, error: Errno) -> String {
    match (flavour, error) {
        (Flavour::Busybox, Errno::ENOENT) => format!("sysctl: error: '{name}' is an unknown key\n"),
        (Flavour::Busybox, error) => format!("sysctl: error setting key '{name}': {error}\n"),
        (Flavour::Gnu, Errno::ENOENT) => format!("sysctl: cannot stat {file}: {error}\n"),
        (Flavour::Gnu, Errno::EROFS) => {
            format!("sysctl: setting key \"{name}\", ignoring: {error}\n")
        }
        (Flavour::Gnu, Errno::EINVAL) if writing => {
            format!("sysctl: setting key \"{name}\": {error}\n")
        }
        (Flavour::Gnu, error) if writing => {
            format!("sysctl: permission denied on key \"{name}\": {error}\n")
        }
        (Flavour::Gnu, error) => format!("sysctl: reading key \"{name}\": {error}\n"),
    }
}
