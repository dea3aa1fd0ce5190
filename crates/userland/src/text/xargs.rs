//! `xargs`: runs a command with arguments read from standard input.

use kernel::process::ExitStatus;
use kernel::process::files::Fd;
use kernel::sys::Sys;

use crate::{Flavour, args, io};

/// Splits at blanks; quotes and backslashes keep them.
fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut current: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => {
                let word = current.get_or_insert_default();
                word.extend(chars.by_ref().take_while(|other| *other != c));
            }
            '\\' => current.get_or_insert_default().extend(chars.next()),
            c if c.is_whitespace() => out.extend(current.take()),
            c => current.get_or_insert_default().push(c),
        }
    }
    out.extend(current);
    out
}

/// The `xargs` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: Flavour) -> i32 {
    let long = [
        ("max-args", 'n'),
        ("replace", 'I'),
        ("null", '0'),
        ("no-run-if-empty", 'r'),
        ("verbose", 't'),
        ("delimiter", 'd'),
        ("max-lines", 'L'),
    ];
    let parsed = match args::parse(&args, "+n:I:0rtd:L:P:", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut command = parsed.operands.clone();
    if command.is_empty() {
        command.push("echo".to_owned());
    }
    let data = io::Input::new(&sys, Fd::STDIN).rest().await;
    let text = String::from_utf8_lossy(&data);
    let split_at = |mark: char| {
        text.split(mark)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let items = match (parsed.has('0'), parsed.value('d')) {
        (true, _) => split_at('\0'),
        (_, Some(mark)) => split_at(if mark == "\\n" {
            '\n'
        } else {
            mark.chars().next().unwrap_or('\n')
        }),
        _ if parsed.has('I') || parsed.has('L') => text
            .lines()
            .map(|line| line.trim_start().to_owned())
            .filter(|line| !line.is_empty())
            .collect(),
        _ => words(&text),
    };
    let size = match (
        parsed
            .value('n')
            .or(parsed.value('L'))
            .map(str::parse::<usize>),
        parsed.has('I'),
    ) {
        (_, true) => 1,
        (Some(Ok(size)), _) => size.max(1),
        _ => 5000,
    };
    let mut runs: Vec<Vec<String>> = items.chunks(size).map(<[String]>::to_vec).collect();
    if runs.is_empty() && !parsed.has('r') && !parsed.has('I') {
        runs.push(Vec::new());
    }
    let mut status = 0;
    for run in runs {
        let argv: Vec<String> = match (parsed.value('I'), run.first()) {
            (Some(mark), Some(item)) => command
                .iter()
                .map(|word| word.replace(mark, item))
                .collect(),
            _ => command.iter().cloned().chain(run).collect(),
        };
        if parsed.has('t') {
            sys.err(&format!("{}\n", argv.join(" ")));
        }
        let name = argv.first().cloned().unwrap_or_default();
        let Some(mut spawn) = sys.child(argv) else {
            return 1;
        };
        // The command must not eat the list.
        if let Ok(null) = sys.open("/dev/null", kernel::process::files::OpenOptions::READ) {
            if let Ok(file) = sys.handle(null) {
                spawn.fds.insert(Fd::STDIN, file);
            }
            spawn.fds.remove(&null);
            let started = sys.spawn(spawn);
            sys.close(null);
            match started {
                Ok(child) => match sys.wait(Some(child)).await {
                    Ok((_, ExitStatus::Code(0))) => {}
                    Ok((_, ExitStatus::Code(255))) => {
                        sys.err(&format!(
                            "xargs: {name}: exited with status 255; aborting\n"
                        ));
                        return 124;
                    }
                    Ok((_, ExitStatus::Code(_))) => status = 123,
                    Ok((_, ExitStatus::Signal(signal))) => {
                        sys.err(&format!(
                            "xargs: {name}: terminated by signal {}\n",
                            signal.number()
                        ));
                        return 125;
                    }
                    Err(_) => return 1,
                },
                Err(error) => {
                    sys.err(&format!("xargs: {name}: {error}\n"));
                    return if error == kernel::Errno::ENOENT {
                        127
                    } else {
                        126
                    };
                }
            }
        }
    }
    status
}
