//! `psql` and `pg_isready`.

mod commands;
mod describe;
mod listings;
mod print;
mod query;
mod ready;
mod target;

use super::pgwire::Message;
use crate::args;
use crate::io::Input;
use commands::run;
use kernel::process::files::Fd;
use kernel::sys::Sys;
use print::Print;
use target::Target;

pub use ready::ready;

/// What is said of a server that goes away.
const CLOSED: &str = "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.";

/// The `psql` program.
pub async fn main(sys: Sys, args: Vec<String>, _flavour: crate::Flavour) -> i32 {
    let long = [
        ("host", 'h'),
        ("port", 'p'),
        ("username", 'U'),
        ("dbname", 'd'),
        ("command", 'c'),
        ("tuples-only", 't'),
        ("no-align", 'A'),
        ("list", 'l'),
        ("quiet", 'q'),
        ("no-password", 'w'),
        ("no-psqlrc", 'X'),
        ("version", 'V'),
        ("file", 'f'),
        ("expanded", 'x'),
        ("csv", 'C'),
        ("field-separator", 'F'),
        ("pset", 'P'),
        ("set", 'v'),
        ("variable", 'v'),
        ("echo-queries", 'e'),
        ("no-readline", 'n'),
    ];
    let parsed = match args::parse(&args, "h:p:U:d:c:tAlqwWXVf:v:F:R:P:1xCaen", &long) {
        Ok(parsed) => parsed,
        Err(wrong) => return refuse(&sys, "psql", wrong, 1),
    };
    if parsed.has('V') {
        sys.out("psql (PostgreSQL) 18.6 (Debian 18.6-3)\n");
        return 0;
    }
    for letter in ['f', 'R', 'W'] {
        if parsed.has(letter) {
            return crate::not_modelled(&sys, "psql", &format!("-{letter}"));
        }
    }
    let mut target = Target::read(&sys, &parsed);
    if let Some(port) = parsed.value('p').filter(|p| p.parse::<u16>().is_err()) {
        sys.err(&format!(
            "psql: error: invalid integer value \"{port}\" for connection option \"port\"\n"
        ));
        return 2;
    }
    let mut stream = match target.open(&sys).await {
        Ok(stream) => stream,
        Err(text) => {
            sys.err(&format!("psql: error: {text}\n"));
            return 2;
        }
    };
    let mut commands: Vec<String> = parsed.values('c').map(str::to_owned).collect();
    if parsed.has('l') {
        commands.insert(0, "\\l".to_owned());
    }
    let mut print = Print {
        tuples: parsed.has('t'),
        aligned: !parsed.has('A') && !parsed.has('C'),
        expanded: parsed.has('x'),
        csv: parsed.has('C'),
        separator: parsed.value('F').unwrap_or("|").to_owned(),
        null: String::new(),
        border: 1,
        quiet: parsed.has('q'),
    };
    for setting in parsed.values('P') {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        if !print.set(name, value) {
            sys.err(&format!(
                "psql: error: could not set printing parameter \"{name}\"\n"
            ));
            return 1;
        }
    }
    let stops = parsed.values('v').any(|v| {
        v.eq_ignore_ascii_case("ON_ERROR_STOP=1") || v.eq_ignore_ascii_case("ON_ERROR_STOP=on")
    });
    let mut code = 0;
    if commands.is_empty() {
        let mut input = Input::new(&sys, Fd::STDIN);
        let prompt = sys.is_tty(Fd::STDIN);
        let mut pending = String::new();
        loop {
            if prompt {
                sys.out(&format!(
                    "{}{}# ",
                    target.database,
                    if pending.is_empty() { '=' } else { '-' }
                ));
            }
            let Some(line) = input.line().await else {
                break;
            };
            pending.push_str(&line.text);
            if matches!(pending.trim(), "\\q" | "exit" | "quit") {
                break;
            }
            if pending.trim_end().ends_with(';') || pending.starts_with('\\') {
                let command = std::mem::take(&mut pending);
                code = run(&sys, &mut stream, &command, &mut print, &mut target).await;
                if code == 2 || stops && code != 0 {
                    return if code == 2 { 2 } else { 3 };
                }
            } else if !pending.is_empty() {
                pending.push('\n');
            }
        }
        // What a script's statements came to does not count.
        code = 0;
        if !pending.trim().is_empty() {
            run(&sys, &mut stream, &pending, &mut print, &mut target).await;
        }
    }
    for command in commands {
        code = run(&sys, &mut stream, &command, &mut print, &mut target).await;
        if code != 0 {
            break;
        }
    }
    let _ = stream.write(&Message::new(b'X', Vec::new()).emit()).await;
    code
}

/// Refuses a command line in PostgreSQL's words.
fn refuse(sys: &Sys, program: &str, wrong: args::Wrong, code: i32) -> i32 {
    let path = format!("/usr/lib/postgresql/18/bin/{program}");
    let what = match wrong {
        args::Wrong::Unknown(option) => match option.strip_prefix("--") {
            Some(_) => format!("unrecognized option '{option}'"),
            None => format!("invalid option -- '{}'", option.trim_start_matches('-')),
        },
        args::Wrong::Missing(letter) => format!("option requires an argument -- '{letter}'"),
    };
    sys.err(&format!(
        "{path}: {what}\n{program}: hint: Try \"{program} --help\" for more information.\n"
    ));
    code
}
