//! `drydock`: plays labs in a terminal, for course authors, other programs and tests.
//!
//! `play` runs transcripts of console sessions and prints or checks what comes out; `pipe` takes commands as JSON, one a
//! line; `shell` is a terminal on a simulated machine.

mod check;
mod known;
mod normalize;
mod pipe;
mod play;
mod shell;
mod transcript;

use std::process::ExitCode;

const USAGE: &str = "\
Usage: drydock play [--check] [--rules FILE] FILE...   run transcripts; print them, or compare with the recordings
       drydock pipe                                    one JSON object a line in, one out
       drydock shell                                   a terminal on hostA

play --check applies the rules of normalize.toml, which is looked for beside each FILE, to both sides.
A folder as FILE stands for all its recordings; those that its known-differences.txt names must differ.
pipe takes {\"on\": \"hostA\", \"run\": \"docker ps\"}, {\"file\": PATH, \"text\": TEXT}, {\"advance_ms\": N} and {\"reset\": true}.
";

#[allow(
    clippy::print_stdout,
    reason = "this is a command: printing is its business"
)]
fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.first().map(String::as_str) {
        Some("play") => play::main(args.get(1..).unwrap_or_default()),
        Some("pipe") => pipe::main(),
        Some("shell") => shell::main(),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(true)
        }
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprint!("{message}");
            if !message.ends_with('\n') {
                eprintln!();
            }
            ExitCode::from(2)
        }
    }
}
