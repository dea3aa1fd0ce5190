//! The project's own chores: `cargo xtask serve`, `build`, `test`, `bench` and `setup`.
//!
//! Knows cargo, the browser and the files of this repository, and nothing of Docker or networking.
//! `setup` gets a machine ready, `page` turns `web/` into files, `serve` hands them out, `test` and `bench` measure.
#![allow(
    clippy::print_stdout,
    reason = "talking to the terminal is what this program is for"
)]

mod bench;
mod left_out;
mod metadata;
mod page;
mod process;
mod project;
mod report;
mod serve;
mod setup;
mod test;

use std::process::ExitCode;

use project::Project;
use report::{Failure, Result};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  serve [--port N]  build the page and serve it on 127.0.0.1 (port 8080 unless told, 0 for any free one)
  build             build the page into dist/, and dist/drydock.html, the same in one file
  test [STEP...]    run every check, or the named steps only
  fuzz [TARGET...] [--seconds N | --seed N]
                    feed the parsers (all, or those named) for so long each, or play one round again
  bench [native|browser]
                    measure, and print a table
  docs              write docs/not-modelled.md anew, from the source
  setup             install what serve and test need, and nothing else";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Result<ExitCode> {
    match words {
        [] | ["help" | "-h" | "--help", ..] => println!("{USAGE}"),
        ["serve", rest @ ..] => {
            let listener = serve::listen(port(rest)?)?;
            let dist = page::build(&Project::find()?)?;
            serve::forever(&listener, dist)?;
        }
        ["build"] => {
            page::build(&Project::find()?)?;
        }
        ["test", steps @ ..] => return test::run(&Project::find()?, steps),
        ["fuzz", rest @ ..] => {
            let fuzz = ["run", "--quiet", "-p", "fuzz", "--profile", "fuzz", "--"];
            let project = Project::find()?;
            process::run(&mut process::cargo(&project, &[&fuzz[..], rest].concat()))?;
        }
        ["bench"] => bench::run(&Project::find()?, bench::Place::ALL)?,
        ["bench", "native"] => bench::run(&Project::find()?, &[bench::Place::Native])?,
        ["bench", "browser"] => bench::run(&Project::find()?, &[bench::Place::Browser])?,
        ["docs"] => left_out::write(&Project::find()?)?,
        ["setup"] => setup::everything(&Project::find()?)?,
        _ => {
            return Err(Failure::new(format!(
                "cannot make sense of `{}`\n{USAGE}",
                words.join(" ")
            )));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the arguments of `serve`: nothing, `--port N` or `--port=N`.
fn port(arguments: &[&str]) -> Result<u16> {
    let number = match arguments {
        [] => return Ok(8080),
        ["--port", number] => number,
        [joined] if joined.starts_with("--port=") => joined.trim_start_matches("--port="),
        _ => {
            return Err(Failure::new(format!(
                "serve takes only --port N, not `{}`",
                arguments.join(" ")
            )));
        }
    };
    number.parse().map_err(|error| {
        Failure::new(format!(
            "`{number}` is not a port number from 0 to 65535: {error}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_is_8080_unless_told() {
        assert_eq!(port(&[]).unwrap(), 8080);
        assert_eq!(port(&["--port", "0"]).unwrap(), 0);
        assert_eq!(port(&["--port=9000"]).unwrap(), 9000);
    }

    #[test]
    fn bad_ports_are_named_in_the_message() {
        assert!(
            port(&["--port", "70000"])
                .unwrap_err()
                .to_string()
                .contains("70000")
        );
        assert!(
            port(&["--prot", "80"])
                .unwrap_err()
                .to_string()
                .contains("--prot 80")
        );
    }
}
