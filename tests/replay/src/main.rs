//! Prints the digests of the native build: of the scenes, and of the recordings that are named.
#![allow(
    clippy::print_stdout,
    reason = "printing them is all that this program does"
)]

use std::path::Path;

fn main() -> std::io::Result<()> {
    print!("{}", replay::digests());
    for file in std::env::args_os().skip(1) {
        let name = Path::new(&file).file_stem().unwrap_or_default();
        let recording = std::fs::read_to_string(&file)?;
        print!("{}", replay::played(&name.to_string_lossy(), &recording));
    }
    Ok(())
}
