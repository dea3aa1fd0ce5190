//! What the page measures of itself, natively: see [`lab::bench`].
//!
//! `cargo bench -p lab`
#![allow(
    clippy::print_stdout,
    clippy::disallowed_types,
    reason = "a bench prints, and measures real time"
)]

fn main() -> Result<(), String> {
    let start = std::time::Instant::now();
    for (name, value, unit) in lab::bench::all(&|| start.elapsed().as_secs_f64() * 1000.0)? {
        println!("bench: {name}: {value} {unit}");
    }
    Ok(())
}
