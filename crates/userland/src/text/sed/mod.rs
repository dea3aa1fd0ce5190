//! `sed`: `parse` reads a script, `run` runs it over lines, this file is the program.

mod parse;
mod run;
#[cfg(test)]
mod tests;

use kernel::sys::Sys;

use self::parse::{Action, Command};
use self::run::edited;
use crate::args;
use crate::{Flavour, io};

/// The `sed` program.
pub async fn main(sys: Sys, args: Vec<String>, flavour: Flavour) -> i32 {
    let long = [
        ("quiet", 'n'),
        ("silent", 'n'),
        ("regexp-extended", 'E'),
        ("expression", 'e'),
        ("file", 'f'),
        ("in-place", 'i'),
    ];
    // `-i.bak` takes its value only when attached.
    let mut backup = None;
    let args: Vec<String> =
        args.into_iter()
            .map(|argument| {
                match argument.strip_prefix("-i").filter(|suffix| {
                    !suffix.is_empty() && !suffix.chars().all(|c| "nrEe".contains(c))
                }) {
                    Some(suffix) => {
                        backup = Some(suffix.to_owned());
                        "-i".to_owned()
                    }
                    None => argument,
                }
            })
            .collect();
    let parsed = match args::parse(&args, "nErie:f:su", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return args::refuse(&sys, &args, wrong),
    };
    let mut files = parsed.operands.clone();
    let mut scripts: Vec<String> = parsed.values('e').map(str::to_owned).collect();
    for file in parsed.values('f') {
        match sys.read_text(file) {
            Ok(text) => scripts.push(text),
            Err(error) => {
                sys.err(&format!("sed: couldn't open file {file}: {error}\n"));
                return 1;
            }
        }
    }
    if scripts.is_empty() {
        if files.is_empty() {
            sys.err("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            return 1;
        }
        scripts.push(files.remove(0));
    }
    let mut commands = match parse::script(&scripts.join("\n"), parsed.has('E') || parsed.has('r'))
    {
        Ok(commands) => commands,
        Err((position, text)) => {
            let text = match flavour {
                Flavour::Gnu => format!("sed: -e expression #1, char {position}: {text}\n"),
                Flavour::Busybox => format!(
                    "sed: {}\n",
                    match text.strip_prefix("unknown command: `") {
                        Some(name) =>
                            format!("unsupported command {}", name.trim_end_matches('\'')),
                        None if text.starts_with("unterminated `") => "unmatched '/'".to_owned(),
                        None => text,
                    }
                ),
            };
            sys.err(&text);
            return 1;
        }
    };
    for command in &mut commands {
        if let Action::Read(file) = &command.action {
            // A file that can't be read is as good as empty.
            command.action = Action::AppendWhole(sys.read_text(file).unwrap_or_default());
        }
    }
    if !parsed.has('i') {
        let all: Vec<&[String]> = if parsed.has('s') && files.len() > 1 {
            files.chunks(1).collect()
        } else {
            vec![&files]
        };
        let mut status = 0;
        for files in all {
            let (lines, fine) = match read(&sys, files, flavour).await {
                Ok(read) => read,
                Err(code) => return code,
            };
            let (out, code) = edit(&sys, &commands, parsed.has('n'), lines);
            sys.out(&out);
            status = match report(&sys, code, fine) {
                2 if flavour == Flavour::Busybox && !fine => 1,
                code => status | code,
            };
        }
        return status;
    }
    let mut status = 0;
    for file in &files {
        let (lines, fine) = match read(&sys, std::slice::from_ref(file), flavour).await {
            Ok(read) => read,
            Err(code) => return code,
        };
        if !fine {
            status = 4;
            continue;
        }
        if let Some(suffix) = &backup
            && let Ok(old) = sys.read_file(file)
            && let Err(error) = sys.write_file(&format!("{file}{suffix}"), &old)
        {
            sys.err(&format!("sed: cannot rename {file}: {error}\n"));
        }
        let (out, code) = edit(&sys, &commands, parsed.has('n'), lines);
        if sys.is_mounted(file) {
            // The new file cannot take the old one's place.
            let dir = file.rsplit_once('/').map_or("./", |(dir, _)| dir);
            let busy = kernel::Errno::EBUSY;
            let text = match flavour {
                Flavour::Gnu => format!("sed: cannot rename {dir}/sedXr4t2K: {busy}\n"),
                Flavour::Busybox => {
                    format!("sed: can't move '{file}Xr4t2K' to '{file}': {busy}\n")
                }
            };
            sys.err(&text);
            return if flavour == Flavour::Gnu { 4 } else { 1 };
        }
        if let Err(error) = sys.write_file(file, out.as_bytes()) {
            sys.err(&format!("sed: couldn't open file {file}: {error}\n"));
            status = 4;
        }
        status |= report(&sys, code, true);
    }
    status
}

fn report(sys: &Sys, code: Result<i32, String>, fine: bool) -> i32 {
    match code {
        Ok(0) if !fine => 2,
        Ok(code) => code,
        Err(text) => {
            sys.err(&format!("sed: {text}\n"));
            4
        }
    }
}

async fn read(sys: &Sys, files: &[String], flavour: Flavour) -> Result<(Vec<io::Line>, bool), i32> {
    let standard = ["-".to_owned()];
    let files = if files.is_empty() {
        &standard[..]
    } else {
        files
    };
    let mut lines = Vec::new();
    let mut fine = true;
    for file in files {
        let opened = if file != "-" && sys.is_dir(file) {
            Err(format!("couldn't edit {file}: not a regular file"))
        } else {
            io::Input::open(sys, file).map_err(|error| error.to_string())
        };
        match opened {
            Ok(mut input) => {
                while let Some(line) = input.line().await {
                    lines.push(line);
                }
                input.close();
            }
            Err(error) => {
                let text = match flavour {
                    Flavour::Gnu => format!("sed: can't read {file}: {error}\n"),
                    Flavour::Busybox => format!("sed: {file}: {error}\n"),
                };
                sys.err(&text);
                fine = false;
            }
        }
    }
    Ok((lines, fine))
}

/// Runs a script over lines; gives the output, and the exit code or what went wrong.
fn edit(
    sys: &Sys,
    commands: &[Command],
    quiet: bool,
    lines: Vec<io::Line>,
) -> (String, Result<i32, String>) {
    let (out, code, written) = edited(commands, quiet, lines);
    for (file, text) in written {
        if let Err(error) = sys.write_file(file, text.as_bytes()) {
            return (out, Err(format!("couldn't open file {file}: {error}")));
        }
    }
    (out, code)
}
