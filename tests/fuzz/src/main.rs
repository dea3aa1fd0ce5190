//! Feeds every parser with what nobody meant to write, and looks for panics, hangs, hunger and broken promises.
//!
//! A *target* ([`targets`]) is a parser with its seeds and a way to feed it. A *round* is what follows from one seed: a
//! fresh lab, if the target needs one, and a few inputs, made by [`mutate`] out of the seeds of [`corpus`]. The driver
//! ([`drive`]) plays rounds in a process of their own, so that it outlives whatever they do, and names the seed of each
//! that fails. Without arguments every target plays a fixed number of rounds, always the same ones.
#![allow(
    clippy::print_stdout,
    reason = "this is a command: printing is its business"
)]

mod console;
mod corpus;
mod drive;
mod files;
mod labs;
mod mutate;
mod requests;
mod targets;

use std::process::ExitCode;

use drive::Extent;
use targets::{TARGETS, Target};

const USAGE: &str = "\
usage: fuzz [TARGET...] [--full N | --seconds N | --seed N]

Without a flag, each target plays a fixed number of rounds; with --full, those and the ones after them for N seconds, all
targets at once; with --seconds, new ones for so long; with --seed, that round only, in this process. Without a TARGET, all
of them.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("fuzz: {message}");
            ExitCode::from(2)
        }
    }
}

/// Does what the arguments say; false if a round failed.
fn run(arguments: &[String]) -> Result<bool, String> {
    let mut chosen = Vec::new();
    let mut extent = Extent::Fixed;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut number = || {
            let text = arguments
                .next()
                .ok_or(format!("{argument} needs a number"))?;
            text.parse::<u64>().map_err(|e| format!("{text}: {e}"))
        };
        match argument.as_str() {
            "--full" => extent = Extent::Full(number()?),
            "--seconds" => extent = Extent::Seconds(number()?),
            "--seed" => extent = Extent::Round(number()?),
            drive::WORKER => extent = Extent::Worker(number()?),
            "--help" | "-h" => {
                print!("{USAGE}\ntargets:\n");
                for target in TARGETS {
                    println!("  {:<12}  {}", target.name, target.about);
                }
                return Ok(true);
            }
            name => chosen.push(
                TARGETS
                    .iter()
                    .find(|target| target.name == name)
                    .ok_or(format!("there is no target {name}\n{USAGE}"))?,
            ),
        }
    }
    if chosen.is_empty() {
        chosen = TARGETS.iter().collect();
    }
    drive::drive(&chosen, extent)
}

/// One thing to feed a parser with.
type Input = Vec<u8>;

/// Shows an input so that it can be read, and typed into a program.
fn shown(input: &[u8]) -> String {
    match std::str::from_utf8(input) {
        Ok(text) => format!("{text:?}"),
        Err(_) => format!("b\"{}\"", input.escape_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_follows_from_its_seed() {
        let corpus = corpus::Corpus::read().unwrap();
        for target in TARGETS {
            let maker = target.maker(&corpus).unwrap();
            let rounds = [7, 7, 8].map(|seed| maker.round(seed));
            assert_eq!(rounds[0], rounds[1], "{}", target.name);
            assert_ne!(rounds[0], rounds[2], "{}", target.name);
        }
    }
}
