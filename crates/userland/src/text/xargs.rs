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

/// What decides how much each command gets; of these only one can hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Portion {
    /// `-n`: so many words.
    Words,
    /// `-I`: one line, put where the mark stands.
    Replaced,
    /// `-L`: so many lines.
    Lines,
}

impl Portion {
    /// Its names in a warning: as the one given later, and as the one before it.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Words => ("--max-args/-n", "--max-args"),
            Self::Replaced => ("--replace/-I/-i", "--replace"),
            Self::Lines => ("-L", "--max-lines"),
        }
    }
}

/// The portion that holds, the one given last, and what GNU's warns of the others. Source: findutils `xargs/xargs.c`.
fn portion(parsed: &args::Parsed) -> (Option<Portion>, String) {
    let given = parsed
        .options
        .iter()
        .filter_map(|(letter, _)| match letter {
            'n' => Some(Portion::Words),
            'I' => Some(Portion::Replaced),
            'L' => Some(Portion::Lines),
            _ => None,
        });
    let (mut held, mut warnings) = (None::<Portion>, String::new());
    for portion in given {
        match held {
            Some(before) if before == portion => {}
            // One word is as good as one line.
            Some(Portion::Replaced) if portion == Portion::Words && parsed.value('n') == Some("1") => {
                continue;
            }
            Some(before) => warnings.push_str(&format!(
                "xargs: warning: options {0} and {1} are mutually exclusive, ignoring previous {0} value\n",
                before.names().1,
                portion.names().0
            )),
            None => {}
        }
        held = Some(portion);
    }
    (held, warnings)
}

/// The `xargs` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
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
    let (portion, warnings) = portion(&parsed);
    if flavour == Flavour::Gnu {
        sys.err(&warnings);
    }
    let replaces = portion == Some(Portion::Replaced);
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
        _ if replaces || portion == Some(Portion::Lines) => text
            .lines()
            .map(|line| line.trim_start().to_owned())
            .filter(|line| !line.is_empty())
            .collect(),
        _ => words(&text),
    };
    let number = |letter| {
        parsed
            .value(letter)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let size = match portion {
        Some(Portion::Replaced) => Some(1),
        Some(Portion::Words) => number('n'),
        Some(Portion::Lines) => number('L'),
        None => None,
    };
    let size = size.map_or(5000, |size| size.max(1));
    let mut runs: Vec<Vec<String>> = items.chunks(size).map(<[String]>::to_vec).collect();
    if runs.is_empty() && !parsed.has('r') && !replaces {
        runs.push(Vec::new());
    }
    let mut status = 0;
    for run in runs {
        let mark = parsed.value('I').filter(|_| replaces);
        let argv: Vec<String> = match (mark, run.first()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_portion_holds() {
        let read = |line: &str| {
            let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let parsed = args::parse(&args, "+n:I:0rtd:L:P:", &[]).unwrap_or_default();
            let (held, warnings) = portion(&parsed);
            (held, warnings.matches("mutually exclusive").count())
        };
        assert!(read("xargs -rn1 echo -n") == (Some(Portion::Words), 0));
        assert!(read("xargs -n1 -I{} echo {}") == (Some(Portion::Replaced), 1));
        assert!(read("xargs -I {} -n 1 echo {}") == (Some(Portion::Replaced), 0));
        assert!(read("xargs -I {} -n 2 echo {}") == (Some(Portion::Words), 1));
        assert!(read("xargs echo -L") == (None, 0));
    }
}
