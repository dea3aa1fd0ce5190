//! How long a lab's commands and replays take: see [`lab::bench`].
//!
//! `cargo bench -p lab`
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_types,
    reason = "a bench prints, and measures real time"
)]

fn main() -> Result<(), String> {
    let start = std::time::Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1000.0;
    // The kernel's own bench measures the path of packets natively.
    for (name, value, unit) in [lab::bench::docker_run(&clock)?, lab::bench::replay(&clock)?] {
        println!("bench: {name}: {value} {unit}");
    }
    Ok(())
}
