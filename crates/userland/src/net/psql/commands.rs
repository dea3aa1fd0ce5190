//! Statements and backslash commands, as they are typed.

use super::describe::{describe, list};
use super::listings::LISTINGS;
use super::print::{Print, table, titled};
use super::query::query;
use super::target::Target;
use crate::net::stream::Stream;
use kernel::process::files::Fd;
use kernel::sys::Sys;

pub(super) async fn run(
    sys: &Sys,
    stream: &mut Stream,
    command: &str,
    print: &mut Print,
    target: &mut Target,
) -> i32 {
    if !command.starts_with('\\') {
        return query(sys, stream, command, print, None).await;
    }
    let mut words = command.split_whitespace();
    let word = words.next().unwrap_or_default().trim_end_matches('+');
    let rest: Vec<&str> = words.collect();
    if let Some(listing) = LISTINGS
        .iter()
        .find(|listing| listing.commands.contains(&word))
    {
        return query(sys, stream, listing.query, print, Some(listing)).await;
    }
    let on_off = |on: bool| if on { "on" } else { "off" };
    match (word, rest.as_slice()) {
        ("\\d", [name]) => return describe(sys, stream, name, print).await,
        ("\\d" | "\\dt" | "\\ds" | "\\di", names) => {
            let letters = word.trim_start_matches("\\d");
            return list(sys, stream, letters, names.first().copied(), print).await;
        }
        ("\\q" | "\\timing" | "\\set", _) => {}
        ("\\echo", words) => sys.out(&format!("{}\n", words.join(" "))),
        ("\\x", _) => {
            print.expanded = !print.expanded;
            sys.out(&format!(
                "Expanded display is {}.\n",
                on_off(print.expanded)
            ));
        }
        ("\\t", _) => {
            print.tuples = !print.tuples;
            sys.out(&format!("Tuples only is {}.\n", on_off(print.tuples)));
        }
        ("\\a", _) => {
            print.aligned = !print.aligned;
            let format = if print.aligned {
                "aligned"
            } else {
                "unaligned"
            };
            sys.out(&format!("Output format is {format}.\n"));
        }
        ("\\pset", [name, value]) if print.set(name, value) => match *name {
            "null" => sys.out(&format!("Null display is \"{}\".\n", print.null)),
            "border" => sys.out(&format!("Border style is {}.\n", print.border)),
            "format" => sys.out(&format!("Output format is {value}.\n")),
            _ => {}
        },
        ("\\c" | "\\connect", [database, ..]) => {
            let before = std::mem::replace(&mut target.database, (*database).to_owned());
            match target.open(sys).await {
                Ok(open) => {
                    *stream = open;
                    sys.out(&format!(
                        "You are now connected to database \"{database}\" as user \"{}\".\n",
                        target.user
                    ));
                }
                Err(text) => {
                    target.database = before;
                    sys.err(&format!("\\connect: {text}\n"));
                    // Without anybody to ask, that is the end.
                    return if sys.is_tty(Fd::STDIN) { 1 } else { 2 };
                }
            }
        }
        ("\\conninfo", _) => {
            let (name, value) = match &target.host {
                Some(host) => ("Host", host.clone()),
                None => ("Socket Directory", "/var/run/postgresql".to_owned()),
            };
            let rows = [
                ("Database", target.database.clone()),
                ("Client User", target.user.clone()),
                (name, value),
                ("Server Port", target.port.to_string()),
                ("Options", String::new()),
                ("Protocol Version", "3.0".to_owned()),
                ("Password Used", "false".to_owned()),
                ("GSSAPI Authenticated", "false".to_owned()),
                ("Backend PID", target.backend.get().to_string()),
                ("SSL Connection", "false".to_owned()),
                ("Superuser", "on".to_owned()),
                ("Hot Standby", "off".to_owned()),
            ];
            let rows: Vec<Vec<String>> = rows
                .into_iter()
                .map(|(name, value)| vec![name.to_owned(), value])
                .collect();
            let columns = [("Parameter".to_owned(), false), ("Value".to_owned(), false)];
            sys.out(&titled(
                "Connection Information",
                table(&columns, &rows, print),
                &columns,
                &rows,
                print,
            ));
        }
        _ => {
            sys.err(&format!("invalid command {word}\n"));
            return 1;
        }
    }
    0
}
