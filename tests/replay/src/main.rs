//! Prints the digests of the native build.
#![allow(
    clippy::print_stdout,
    reason = "printing them is all that this program does"
)]

fn main() {
    print!("{}", replay::digests());
}
