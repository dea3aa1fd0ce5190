//! `drydock`: plays labs in a terminal, for course authors, other programs and tests.
//!
//! `play` runs transcripts of console sessions and prints or checks what comes out; `pipe` takes commands as JSON, one a
//! line; `shell` is a terminal on a simulated machine.

mod check;
mod cores;
mod export;
mod known;
mod normalize;
pub mod pipe;
pub mod play;
mod shell;
pub mod transcript;

const USAGE: &str = "\
Usage: drydock play [--check] [--rules FILE] FILE...   run transcripts; print them, or compare with the recordings
       drydock pipe                                    one JSON object a line in, one out
       drydock shell                                   a terminal on hostA
       drydock export compose-file|script|packets [-m MACHINE] SAVED   a saved lab's topology, or its packets

play --check applies the rules of normalize.toml, which is looked for beside each FILE, to both sides.
A folder as FILE stands for all its recordings; those that its known-differences.txt names must differ.
pipe takes {\"on\": \"hostA\", \"run\": \"docker ps\"}, {\"file\": PATH, \"text\": TEXT}, {\"export\": \"compose-file\"}
or \"script\", {\"advance_ms\": N} and {\"reset\": true}. export reads a lab as the page saves it and writes to standard output.
";

/// Runs the command with these arguments (without its name); false if a check failed.
/// # Errors
/// What the person at the terminal is told instead.
#[allow(
    clippy::print_stdout,
    reason = "this is a command: printing is its business"
)]
pub fn run(args: &[String]) -> Result<bool, String> {
    match args.first().map(String::as_str) {
        Some("play") => play::main(args.get(1..).unwrap_or_default()),
        Some("pipe") => pipe::main(),
        Some("shell") => shell::main(),
        Some("export") => export::main(args.get(1..).unwrap_or_default()),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(true)
        }
        _ => Err(USAGE.to_owned()),
    }
}
